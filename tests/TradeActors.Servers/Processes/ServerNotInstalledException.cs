namespace TradeActors.Servers.Processes;

/// <summary>A server's programs are not on this machine. The message says what to install; a test that needs them fails, it is not skipped.</summary>
public sealed class ServerNotInstalledException(string server, string lookedAt, string package)
    : Exception($"{server} is not installed: nothing at {lookedAt}. Install it with: apt-get install {package} (.ci/run does).")
{
    public string Package { get; } = package;
}

namespace TradeActors.Servers.Processes;

/// <summary>A temporary folder of one server, deleted with it. It is left behind only when this process is killed.</summary>
internal sealed class ServerFolder : IDisposable
{
    public ServerFolder(string prefix) => Path = Directory.CreateTempSubdirectory(prefix).FullName;

    public string Path { get; }

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public static void SetMode(string path, UnixFileMode mode)
    {
#pragma warning disable CA1416 // The servers come from Debian packages: nothing here runs on Windows.
        File.SetUnixFileMode(path, mode);
#pragma warning restore CA1416
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Something still writes: leaving a temporary folder is better than hiding the test's own failure.
        }
    }
}

using System.Diagnostics;
using TradeActors.Servers.Processes;

namespace TradeActors.Ledger.Processes;

/// <summary>The node as operators run it: published, which is compiled ahead. Made once per process, in a minute or two, in seconds when nothing has changed.</summary>
internal static class PublishedNode
{
    private static readonly Lazy<Task<string>> Made = new(PublishAsync);

    /// <returns>The path of its program.</returns>
    /// <exception cref="InvalidOperationException">It could not be made; the message holds what was printed.</exception>
    public static Task<string> DllAsync() => Made.Value;

    private static async Task<string> PublishAsync()
    {
        var project = SourceTree.Find("src", "TradeActors.Node", "TradeActors.Node.csproj");
        var folder = Path.Combine(Path.GetDirectoryName(project)!, "bin", "published");
        // Without a server process that would outlive it and hold its output open.
        var start = ChildProcess.Describe(
            NodeProcess.DotNet, ["publish", project, "--no-restore", "-c", "Release", "-o", folder, "-nodeReuse:false", "--nologo"], Path.GetDirectoryName(project)!);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name); // Of the build that has started the tests.
        }

        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = await ChildProcess.StartAsync(() => Process.Start(start)!);
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Path.Combine(folder, "TradeActors.Node.dll")
            : throw new InvalidOperationException($"The node could not be published ({process.ExitCode}):\n{string.Join('\n', output)}");
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TradeActors.Servers.Processes;

/// <summary>The numbers are Linux's.</summary>
public enum ProcessSignal { Quit = 3, Terminate = 15, Continue = 18, Stop = 19 }

/// <summary>Programs that die with this process, even when this one is killed with SIGKILL.</summary>
/// <remarks>
/// They are started through <c>setpriv --pdeathsig KILL</c>, which replaces itself with the program: the id is the program's, and the kernel kills it as soon
/// as <see cref="StarterThread"/> is gone. What the program starts must end with the program.
/// </remarks>
public static class ChildProcess
{
    /// <param name="user">Run as this user, which only root can; null for our own.</param>
    public static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, string folder, string? user = null)
    {
        var start = new ProcessStartInfo("setpriv")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        string[] identity = user is null ? [] : [$"--reuid={user}", $"--regid={user}", "--init-groups"];
        foreach (var argument in (string[])["--pdeathsig", "KILL", .. identity, program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>Starts what was described, from the thread whose end is the end of this process.</summary>
    public static Task<T> StartAsync<T>(Func<T> start) => StarterThread.RunAsync(start);

    /// <returns>False when there is no such process any more.</returns>
    public static bool Signal(int id, ProcessSignal signal) => Kill(id, (int)signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}

using System.Diagnostics;
using System.Text;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Live;

/// <summary>A test that needs Node.js with npm. Without them it is skipped with the reason; in the gate (CI) it fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeJsFactAttribute : FactAttribute
{
    public NodeJsFactAttribute()
    {
        if (!NodeJs.IsThere && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
        {
            Skip = "NOT TESTED: node and npm are not on the path. Install Node.js 20 or later (Debian: nodejs npm); .ci/run does.";
        }
    }
}

/// <summary>A script with the packages that its lock file names, as a process of its own.</summary>
public sealed class NodeJs : IAsyncDisposable
{
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private NodeJs(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static bool IsThere => Find("node") is not null && Find("npm") is not null;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Copies the folder beside the tests, installs exactly what its lock file names, and starts the script.</summary>
    public static async Task<NodeJs> StartAsync(string source, string folder, string script, Dictionary<string, string> environment, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await using (var install = new NodeJs(ProcessOf("npm", folder, environment, "ci")))
        {
            await install.ExitAsync(InstallDeadline);
        }

        return new NodeJs(ProcessOf("node", folder, environment, [script, .. arguments]));
    }

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public Task PrintedAsync(string text, TimeSpan deadline) => Until.ReachedAsync($"\"{text}\" printed by the script", deadline, () => Task.FromResult(
        Output.Contains(text, StringComparison.Ordinal) ? null
            : _process.HasExited ? throw new InvalidOperationException($"The script has ended with exit code {_process.ExitCode}:\n{Output}")
            : Output));

    /// <summary>Waits until it ends by itself, which must be with success.</summary>
    public async Task ExitAsync(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for {_process.StartInfo.FileName} to end. It printed:\n{Output}");
        }

        Assert.True(_process.ExitCode == 0, $"{_process.StartInfo.FileName} ended with exit code {_process.ExitCode}:\n{Output}");
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Process ProcessOf(string program, string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program) ?? throw new InvalidOperationException($"{program} is not on the path. Install Node.js (Debian: nodejs npm)."))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Process { StartInfo = start };
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => (string[])[Path.Combine(folder, program), Path.Combine(folder, $"{program}.cmd"), Path.Combine(folder, $"{program}.exe")])
            .FirstOrDefault(File.Exists);

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }
        }
    }
}

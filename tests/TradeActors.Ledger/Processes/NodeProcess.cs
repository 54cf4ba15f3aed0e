using System.Diagnostics;
using System.Text;
using TradeActors.Servers.Processes;

namespace TradeActors.Ledger.Processes;

/// <summary>The node as a real process: started, killed, stopped and started again on the same port and data. It dies with the test process.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private readonly string[] _arguments;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;

    /// <param name="arguments">Further settings, as on the command line.</param>
    public NodeProcess(string dataDirectory, int port, params string[] arguments)
    {
        Address = new Uri($"http://127.0.0.1:{port}");
        _arguments = ["--urls", $"http://127.0.0.1:{port}", "--tradeactors:data-directory", dataDirectory, .. arguments];
    }

    private NodeProcess(string[] arguments)
    {
        Address = new Uri("http://127.0.0.1:0");
        _arguments = arguments;
    }

    /// <summary>Runs what operators run, instead of what was built with these tests.</summary>
    public bool IsPublished { get; init; }

    public Uri Address { get; }

    /// <summary>Everything that was printed, over all starts.</summary>
    public string Output => Read(_output);

    public string Errors => Read(_errors);

    public bool IsRunning => _process is { HasExited: false };

    public int Id => _process!.Id;

    /// <summary>The last lines of both outputs, for the message of a failure.</summary>
    public string Last => $"{Tail(Output)}\n{Tail(Errors)}";

    /// <summary>A node with exactly these arguments.</summary>
    public static NodeProcess WithArguments(params string[] arguments) => new(arguments);

    public async Task StartAsync()
    {
        Debug.Assert(!IsRunning, "One process at a time.");
        _process?.Dispose();
        var program = IsPublished ? await PublishedNode.DllAsync() : Dll;
        var start = ChildProcess.Describe(DotNet, [program, .. _arguments], Path.GetTempPath());
        // What the machine or the test runner has set must not reach the node under test.
        foreach (var name in start.Environment.Keys.Where(IsForeignSetting).ToArray())
        {
            start.Environment.Remove(name);
        }

        _process = await ChildProcess.StartAsync(() => Run(start));
    }

    public async Task StartReadyAsync()
    {
        await StartAsync();
        await ReadyAsync();
    }

    /// <summary>Waits until the node can accept a signal durably.</summary>
    public Task ReadyAsync() => Until.ReachedAsync($"{Address} ready", StartDeadline, async () =>
    {
        if (!IsRunning)
        {
            throw new InvalidOperationException($"The node has ended with exit code {_process!.ExitCode}.\n{Last}");
        }

        try
        {
            using var reply = await _http.GetAsync(new Uri(Address, "/health/ready"));
            return reply.IsSuccessStatusCode ? null : $"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}";
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return $"{error.Message}\n{Last}";
        }
    });

    /// <summary>What readiness says just now.</summary>
    public async Task<(System.Net.HttpStatusCode Status, string Text)> HealthAsync()
    {
        using var reply = await _http.GetAsync(new Uri(Address, "/health/ready"));
        return (reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>Waits for a text on standard output.</summary>
    public Task PrintedAsync(string text) => Until.ReachedAsync($"\"{text}\" printed", StartDeadline, () =>
        Task.FromResult(Output.Contains(text, StringComparison.Ordinal) ? null : Last));

    /// <summary>SIGKILL: the process gets no chance to finish anything.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: it keeps its connections and does nothing, until <see cref="Continue"/>.</summary>
    public void Stop() => Signal(ProcessSignal.Stop);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public void Continue() => Signal(ProcessSignal.Continue);

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    /// <returns>The exit code and how long it took.</returns>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync(TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        Signal(ProcessSignal.Terminate);
        var code = await ExitAsync(deadline);
        return (code, watch.Elapsed);
    }

    /// <summary>Waits until the process ends by itself; its output is complete afterwards.</summary>
    public async Task<int> ExitAsync(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        try
        {
            await _process!.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for the node to end. It printed:\n{Last}");
        }

        return _process!.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            Kill();
        }

        _process?.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The node as it was built with these tests, in the same configuration.</summary>
    private static string Dll
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return SourceTree.Find("src", "TradeActors.Node", "bin", output.Parent!.Name, output.Name, "TradeActors.Node.dll");
        }
    }

    private static bool IsForeignSetting(string name) =>
        name.StartsWith("TRADEACTORS", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("URLS", StringComparison.OrdinalIgnoreCase) || name.EndsWith("HTTP_PORTS", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase);

    private Process Run(ProcessStartInfo start)
    {
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Signal(ProcessSignal signal)
    {
        if (!ChildProcess.Signal(_process!.Id, signal))
        {
            throw new InvalidOperationException($"Process {_process.Id} could not be signalled.");
        }
    }

    private static string Tail(string text) => text.Length <= 4_000 ? text : $"…{text[^4_000..]}";

    private static void Append(StringBuilder to, string? line)
    {
        if (line is not null)
        {
            lock (to)
            {
                to.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder from)
    {
        lock (from)
        {
            return from.ToString();
        }
    }
}

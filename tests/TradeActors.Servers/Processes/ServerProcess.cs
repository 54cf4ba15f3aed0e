using System.Diagnostics;

namespace TradeActors.Servers.Processes;

/// <summary>A server's process, which dies with this one (see <see cref="ChildProcess"/>).</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int LinesKept = 60;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _name;
    private readonly Queue<string> _lines = new();

    private ServerProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool IsRunning => !_process.HasExited;

    /// <summary>The last lines that it printed.</summary>
    private string Printed
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <param name="user">Run as this user, which only root can; null for our own.</param>
    /// <param name="foreign">Variables that begin so do not reach the program, whatever the machine or the test runner has set.</param>
    public static Task<ServerProcess> StartAsync(
        string program, IEnumerable<string> arguments, string folder, string? user = null, string? foreign = null, Dictionary<string, string>? environment = null)
    {
        var start = ChildProcess.Describe(program, arguments, folder, user);
        foreach (var name in start.Environment.Keys.Where(name => foreign is not null && name.StartsWith(foreign, StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return ChildProcess.StartAsync(() => new ServerProcess(Path.GetFileName(program), start));
    }

    /// <summary>Runs a program to its end, which must be with success.</summary>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, string folder, string? user, string? foreign, CancellationToken ct)
    {
        using var process = await StartAsync(program, arguments, folder, user, foreign);
        try
        {
            await process._process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            await process.KillAsync();
            throw;
        }

        if (process._process.ExitCode != 0)
        {
            throw process.Ended();
        }
    }

    /// <summary>Asks until the server answers as it should.</summary>
    /// <param name="ask">Null when it did, else what stands in the way.</param>
    /// <exception cref="InvalidOperationException">The process has ended, with what it printed.</exception>
    /// <exception cref="TimeoutException">It does not answer, with what was last seen and printed.</exception>
    public async Task AnswersAsync(TimeSpan deadline, Func<CancellationToken, Task<string?>> ask, CancellationToken ct)
    {
        var exit = _process.WaitForExitAsync(ct);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(deadline);
        string? seen = "nothing yet";
        try
        {
            while ((seen = await ask(limit.Token)) is not null)
            {
                await Task.WhenAny(exit, Task.Delay(Step, limit.Token));
                limit.Token.ThrowIfCancellationRequested();
                if (!IsRunning)
                {
                    await exit;
                    throw Ended();
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for {_name} to answer. Last seen: {seen}. It printed:\n{Printed}");
        }
    }

    /// <summary>SIGQUIT, and waits for the end.</summary>
    public async Task QuitAsync(TimeSpan deadline)
    {
        if (IsRunning && !ChildProcess.Signal(Id, ProcessSignal.Quit) && IsRunning)
        {
            throw new InvalidOperationException($"{_name} ({Id}) could not be signalled.");
        }

        using var limit = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for {_name} to end after SIGQUIT. It printed:\n{Printed}");
        }
    }

    /// <summary>SIGKILL, and waits for the end.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public void Dispose() => _process.Dispose();

    private InvalidOperationException Ended() => new($"{_name} has ended with exit code {_process.ExitCode}. It printed:\n{Printed}");

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }
    }
}

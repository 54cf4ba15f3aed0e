using System.Diagnostics;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;
using TradeActors.Domain.Recorders;
using TradeActors.Ledger.Processes;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>
/// How long entities are away when their node dies or hangs, and what a command to another node costs beside a bare question through a queue. Needs PostgreSQL and
/// RabbitMQ on this machine (docs/how-to/test-with-servers.md).
/// </summary>
internal sealed class ClusterScenario : IScenario
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(30);

    /// <summary>Rounds of commands to all entities between two kills: nodes die after hours of work, not in their first seconds.</summary>
    private const int WorkRounds = 2;

    private bool _isPaused;

    public string Name => "cluster";

    public string About => "three nodes: fail-over after a kill and a freeze, a command to another node against a bare queue";

    public async Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        await using var cluster = await BenchCluster.StartAsync(folder.Next(), ct);
        Progress.Say(Name, $"making {options.Entities:N0} recorders");
        await cluster.AddRecordersAsync(options.Entities, ct);
        await MeasureRoundTripsAsync(cluster, options, report, ct);
        await MeasureKillsAsync(cluster, options, report, ct);
        await MeasureFreezeAsync(cluster, options, report, ct);
    }

    private async Task MeasureRoundTripsAsync(BenchCluster cluster, BenchOptions options, Report report, CancellationToken ct)
    {
        var body = new byte[150];
        await using var queue = await BareQueue.StartAsync(cluster.Rabbit.Address, ct);
        await using var store = await BareCommit.StartAsync(cluster.Database, body, ct);
        var (asks, commands, queues, commits) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var isPaused = new bool[options.Entities];
        for (var round = 0; round <= options.Rounds; round++)
        {
            // In turn, so that all see the same machine. The first round warms up.
            var until = Stopwatch.GetTimestamp() + (long)(options.Seconds * Stopwatch.Frequency);
            for (var number = 0; Stopwatch.GetTimestamp() < until; number = (number + 1) % options.Entities)
            {
                var recorder = BenchCluster.Recorder(number);
                var (asItIs, changed) = (new PauseRecorder(isPaused[number]), new PauseRecorder(!isPaused[number]));
                await TimeAsync(queues, round, () => queue.AskAsync(body, ct));
                await TimeAsync(asks, round, () => cluster.Door.AskAsync(recorder, asItIs, ct));
                await TimeAsync(commits, round, () => store.StoreAsync(ct));
                await TimeAsync(commands, round, () => cluster.Door.AskAsync(recorder, changed, ct));
                isPaused[number] = changed.IsPaused;
            }
        }

        report.Add(
            Name, "command to an entity on another node, there and back, that changes nothing", Show(asks), $"bare queue {Show(queues)}",
            Percentile(asks, 0.5) / Percentile(queues, 0.5));
        report.Add(
            Name, "command to it, stored before its answer", Show(commands), $"bare queue, and bare commit {Show(commits)}",
            Percentile(commands, 0.5) / (Percentile(queues, 0.5) + Percentile(commits, 0.5)));
        await BenchCluster.EachAsync(Enumerable.Range(0, options.Entities), number => CommandAsync(cluster, number, ct), ct);
    }

    private async Task MeasureKillsAsync(BenchCluster cluster, BenchOptions options, Report report, CancellationToken ct)
    {
        var (all, each) = (new List<double>(), new List<double>());
        for (var kill = 0; kill < options.Kills; kill++)
        {
            var (name, process) = cluster.Nodes[kill % cluster.Nodes.Count];
            var took = await AwayAsync(cluster, options, name, process.Kill, ct);
            all.Add(took[^1]);
            each.AddRange(took);
            Progress.Say(Name, $"kill {kill + 1} of {name}: {took.Length} entities answered again, the last after {took[^1]:N0} ms, half after {took[took.Length / 2]:N0} ms");
            await process.StartReadyAsync();
            await cluster.EvenAsync(ct);
            for (var round = 0; round < WorkRounds; round++)
            {
                _isPaused = !_isPaused;
                await BenchCluster.EachAsync(Enumerable.Range(0, options.Entities), number => AgainAsync(() => CommandAsync(cluster, number, ct)), ct);
            }
        }

        report.Add(
            Name, $"SIGKILL of a node with a third of {options.Entities:N0} entities, until the last has answered a command, {options.Kills} kills", Show(all));
        report.Add(Name, "… until any one of them has", Show(each));
    }

    private async Task MeasureFreezeAsync(BenchCluster cluster, BenchOptions options, Report report, CancellationToken ct)
    {
        var (name, process) = cluster.Nodes[1];
        var frozen = Stopwatch.StartNew();
        var took = await AwayAsync(cluster, options, name, process.Stop, ct);
        report.Add(Name, "SIGSTOP of a node, likewise", $"{took[^1]:N0} ms");
        if (Frozen - frozen.Elapsed is { Ticks: > 0 } left)
        {
            await Task.Delay(left, ct);
        }

        process.Continue();
        await process.ReadyAsync();
        await cluster.EvenAsync(ct);
    }

    /// <returns>Milliseconds from the fault to the answer of each entity of the node, sorted.</returns>
    private async Task<double[]> AwayAsync(BenchCluster cluster, BenchOptions options, string node, Action fault, CancellationToken ct)
    {
        int[] away = [.. Enumerable.Range(0, options.Entities).Where(number => cluster.OwnerOf(BenchCluster.Recorder(number)) == node)];
        _isPaused = !_isPaused;
        fault();
        var since = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(away.Select(async number =>
        {
            await AgainAsync(() => CommandAsync(cluster, number, ct));
            return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        }));

        // The others too, so that every entity is asked for what it does not say already.
        await BenchCluster.EachAsync(Enumerable.Range(0, options.Entities).Except(away), number => AgainAsync(() => CommandAsync(cluster, number, ct)), ct);
        return [.. took.Order()];
    }

    /// <summary>As a client does whom a door tells that nobody answers.</summary>
    private static async Task AgainAsync(Func<Task> act)
    {
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (Abstractions.Entities.EntityUnavailableException)
            {
                // Nobody owns it yet.
            }
        }
    }

    private Task CommandAsync(BenchCluster cluster, int number, CancellationToken ct) =>
        cluster.Door.AskAsync(BenchCluster.Recorder(number), new PauseRecorder(_isPaused), ct);

    private static async Task TimeAsync(List<double> into, int round, Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        if (round > 0)
        {
            into.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static double Percentile(List<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
    }

    private static string Show(List<double> milliseconds) => $"p50 {Percentile(milliseconds, 0.5):N1} ms, p99 {Percentile(milliseconds, 0.99):N1} ms";
}

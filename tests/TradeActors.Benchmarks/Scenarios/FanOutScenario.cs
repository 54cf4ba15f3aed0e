using System.Diagnostics;
using TradeActors.Abstractions.Journal;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>One signal to many paper accounts: until it is answered, until every account has stored it, until every account has booked its fill.</summary>
internal sealed class FanOutScenario : IScenario
{
    private const string Recorder = "fanout";
    private const int WarmUps = 3;

    public string Name => "fanout";

    public string About => "one signal to 1,000 paper accounts, until all fills are booked";

    public async Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        await using var run = await FanOutRun.StartAsync(folder.Next(), Recorder, options.Accounts, ct);
        using var raw = await RawStore.CreateAsync(folder.Next());
        raw.Insert([.. run.SetUp.ByEvents(500).Select(RawGroup.Of)]);
        var (timings, limits) = (new List<FanOutTiming>(), new List<double>());
        for (var i = 0; i < WarmUps + options.Rounds; i++)
        {
            var timing = await run.SignalAsync(ct);
            var limit = raw.Insert([.. timing.Stored.ByEvents(500).Select(RawGroup.Of)]);
            Progress.Say(Name, $"{(i < WarmUps ? "warm-up" : "signal")}: {timing}; raw inserts of its rows {limit * 1000:N0} ms");
            if (i >= WarmUps)
            {
                timings.Add(timing);
                limits.Add(limit);
            }
        }

        var accounts = options.Accounts;
        var booked = Median.Of(timings.Select(timing => timing.Booked));
        var delivered = Median.Of(timings.Select(timing => timing.Delivered));
        var raws = Median.Of(limits);
        var ratio = Median.Of(timings.Zip(limits, (timing, limit) => limit / timing.Quiet));
        report.Add(Name, "webhook answered", $"{Median.Of(timings.Select(timing => timing.Answered)) * 1000:N1} ms");
        report.Add(Name, $"stored by {accounts:N0} accounts", $"{delivered * 1000:N0} ms, {accounts / delivered:N0} deliveries/s");
        report.Add(Name, $"{accounts:N0} fills booked", $"{booked * 1000:N0} ms, {accounts / booked:N0} orders/s");
        report.Add(
            Name, "everything of it stored", $"{Median.Of(timings.Select(timing => timing.Quiet)) * 1000:N0} ms",
            $"raw inserts of the same {Median.Of(timings.Select(timing => (double)timing.Stored.Events())):N0} events and "
            + $"{Median.Of(timings.Select(timing => (double)timing.Stored.Rows())):N0} rows: {raws * 1000:N0} ms", ratio);
    }
}

/// <summary>Seconds from the first byte of the webhook.</summary>
/// <param name="Delivered">Every account has stored the signal.</param>
/// <param name="Booked">Every account has booked its fill.</param>
/// <param name="Quiet">Every account's signal is settled: nothing of the signal is left to be stored but late acknowledgements.</param>
internal sealed record FanOutTiming(double Answered, double Delivered, double Booked, double Quiet, IReadOnlyList<EntityAppend> Stored)
{
    public override string ToString() =>
        $"answered {Answered * 1000:N1} ms, delivered {Delivered * 1000:N0} ms, booked {Booked * 1000:N0} ms, all {Quiet * 1000:N0} ms, {Stored.Events():N0} events";
}

/// <summary>A node with a recorder and its accounts.</summary>
internal sealed class FanOutRun : IAsyncDisposable
{
    /// <summary>Long enough for acknowledgements to be stored (200 ms).</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(600);

    private readonly BenchNode _node;
    private readonly LoadGenerator _door;
    private readonly string _path;
    private readonly int _accounts;

    private FanOutRun(BenchNode node, LoadGenerator door, string path, int accounts, IReadOnlyList<EntityAppend> setUp) =>
        (_node, _door, _path, _accounts, SetUp) = (node, door, path, accounts, setUp);

    /// <summary>What was stored before the first signal.</summary>
    public IReadOnlyList<EntityAppend> SetUp { get; }

    public static async Task<FanOutRun> StartAsync(string directory, string recorder, int accounts, CancellationToken ct)
    {
        var node = await BenchNode.StartAsync(directory, ct);
        node.Journal.Keep();
        await node.QuoteAsync(ct);
        var path = await node.AddRecorderAsync(recorder, ct);
        var opened = node.Journal.MoreOf("connection.opened.v1", accounts);
        await node.AddAccountsAsync(recorder, accounts, ct);
        await opened.WaitAsync(TimeSpan.FromMinutes(1), ct);
        await Task.Delay(Pause * 3, ct);
        return new FanOutRun(node, new LoadGenerator(node.Address, 1), path, accounts, node.Journal.Kept());
    }

    public async Task<FanOutTiming> SignalAsync(CancellationToken ct)
    {
        _node.Journal.Kept();
        var taken = _node.Journal.MoreOf("account.signal-taken.v1", _accounts);
        var booked = _node.Journal.MoreOf("account.trade-booked.v1", _accounts);
        var settled = _node.Journal.MoreOf("account.signal-settled.v1", _accounts);
        var started = Stopwatch.GetTimestamp();
        var answer = await _door.PostAsync(_path, Setup.Signal(), ct);
        var answered = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (!answer.Contains("accepted", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The server answered: {answer}");
        }

        var limit = TimeSpan.FromMinutes(1);
        var timing = new FanOutTiming(
            answered, Seconds(started, await taken.WaitAsync(limit, ct)), Seconds(started, await booked.WaitAsync(limit, ct)),
            Seconds(started, await settled.WaitAsync(limit, ct)), []);
        var stored = _node.Journal.Kept();
        await Task.Delay(Pause, ct);
        Late = _node.Journal.Kept();
        return timing with { Stored = stored };
    }

    /// <summary>What was stored after the last signal was settled: acknowledgements.</summary>
    public IReadOnlyList<EntityAppend> Late { get; private set; } = [];

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await _node.DisposeAsync();
    }

    private static double Seconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalSeconds;
}

using System.Diagnostics;
using TradeActors.Abstractions.Journal;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>Events a second through the journal, in appends of about 500, against raw inserts of the very same rows.</summary>
internal sealed class JournalScenario : IScenario
{
    private const int EventsAnAppend = 500;

    public string Name => "journal";

    public string About => "journal events a second against raw inserts of the same rows";

    public async Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        Progress.Say(Name, "recording what signals to many accounts store");
        var parts = new List<EntityAppend>();
        await using (var run = await FanOutRun.StartAsync(folder.Next(), "journal", options.Accounts, ct))
        {
            parts.AddRange(run.SetUp);
            for (var i = 0; i < 2; i++)
            {
                parts.AddRange((await run.SignalAsync(ct)).Stored);
                parts.AddRange(run.Late);
            }
        }

        foreach (var together in (int[])[1, 4])
        {
            await MeasureAsync(options, folder, report, parts, together, ct);
        }
    }

    /// <param name="together">Appends that are out at once.</param>
    private async Task MeasureAsync(
        BenchOptions options, WorkFolder folder, Report report, List<EntityAppend> parts, int together, CancellationToken ct)
    {
        await using var store = await Stores.OpenAsync(folder.Next());
        await store.Journal.ClaimAsync([.. Enumerable.Range(0, 128)], "bench", ct);
        using var raw = await RawStore.CreateAsync(folder.Next());
        var (own, limits) = (new List<double>(), new List<double>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            var (owns, raws, events) = (0.0, 0.0, 0);
            for (var pass = 0; pass == 0 || owns < options.Seconds; pass++)
            {
                // Several tenants side by side: each one's streams must stay in order.
                var groups = Enumerable.Range(0, together).Select(i => parts.As($"t{round}-{pass}-{i}").ByEvents(EventsAnAppend)).ToArray();
                owns += await AppendAsync(store.Journal, groups, ct);
                raws += raw.Insert([.. Alternating(groups).Select(RawGroup.Of)]);
                events += groups.Sum(group => group.Sum(append => append.Events()));
            }

            if (round > 0)
            {
                own.Add(events / owns);
                limits.Add(events / raws);
            }

            Progress.Say(Name, $"{(round == 0 ? "warm-up" : "round")}, {together} at once: {events / owns:N0} events/s; raw {events / raws:N0} events/s");
        }

        var (perSecond, limit) = (Median.Of(own), Median.Of(limits));
        var rows = (double)parts.Rows() / parts.Events();
        report.Add(
            Name, $"{together} append{(together == 1 ? "" : "s")} at once",
            $"{perSecond:N0} events/s with {rows:0.0} read rows each, {perSecond * (1 + rows):N0} rows/s, {perSecond * parts.Bytes() / parts.Events() / 1e6:N0} MB/s",
            $"raw inserts {limit:N0} events/s", Median.Of(own.Zip(limits, (figure, most) => figure / most)));
    }

    /// <summary>As the appends come: the pages that are touched together must be the same.</summary>
    private static IEnumerable<List<EntityAppend>> Alternating(List<List<EntityAppend>>[] streams) =>
        Enumerable.Range(0, streams[0].Count).SelectMany(i => streams.Select(stream => stream[i]));

    private static async Task<double> AppendAsync(IJournal journal, List<List<EntityAppend>>[] streams, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(streams.Select(stream => Task.Run(
            async () =>
            {
                foreach (var append in stream)
                {
                    if ((await journal.AppendAsync([.. append], ct)).Any(outcome => outcome != AppendOutcome.Stored))
                    {
                        throw new InvalidOperationException("An append was refused.");
                    }
                }
            },
            ct)));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

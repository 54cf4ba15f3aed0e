using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Market;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Hosting;

/// <summary>Removes what has been kept long enough: raw signal texts, audit rows, live events and candles; thins equity points.</summary>
internal sealed class Housekeeping(NodeStore store, NodeSettings settings, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>At once and then every hour until cancelled; then returns normally. A round that fails is made up for by the next one.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await TryTidyAsync(ct);
                await Task.Delay(Interval, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryTidyAsync(CancellationToken ct)
    {
        try
        {
            var now = time.GetUtcNow();
            await RepeatAsync(() => store.Retention.TrimAsync(ReadTable.Texts, UnixMsBefore(now, settings.KeepRawDays), most: 1_000, ct));
            await RepeatAsync(() => store.Retention.TrimAsync(ReadTable.Audit, UnixMsBefore(now, settings.KeepAuditDays), most: 1_000, ct));
            await RepeatAsync(() => store.Live.TrimAsync(now - TimeSpan.FromDays(settings.KeepLiveDays), most: 500, ct));
            await RepeatAsync(() => store.Equity.ThinAsync(now - TimeSpan.FromDays(settings.History.KeepEquityDays), most: 1_000, ct));
            foreach (var resolution in CandleResolutions.All)
            {
                if (now - settings.History.KeepFor(resolution) is { } before)
                {
                    await RepeatAsync(() => store.Candles.TrimAsync(resolution, before, most: 1_000, ct));
                }
            }
        }
        catch (Exception error) when (error is JournalUnavailableException or JournalUnknownOutcomeException)
        {
            NodeLog.TidyFailed(log, error);
        }
    }

    /// <summary>In small steps, since orders wait for the same store.</summary>
    private static async Task RepeatAsync(Func<Task<int>> removeSomeAsync)
    {
        while (await removeSomeAsync() > 0)
        {
            // More may be due.
        }
    }

    private static long UnixMsBefore(DateTimeOffset now, int days) => (now - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds();
}

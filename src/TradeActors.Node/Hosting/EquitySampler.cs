using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Writes the equity history of every account of this node: a point within a second of each change of its balance, and while it holds positions one per interval.
/// A point like the one before it is not written.
/// </summary>
/// <remarks>
/// It reads what accounts have committed and the last quotes, and stands in no order's way. While a position has no price there is
/// no point, since none would be true. Points that cannot be stored wait, up to
/// <see cref="MostUnsaved"/>, then the oldest are dropped and counted.
/// </remarks>
internal sealed class EquitySampler(
    IReadStore reads, IEquityStore store, ILastQuotes quotes, IEntityWatch entities, Func<EntityId, bool> isOwn, TimeSpan interval, TimeProvider time,
    IMeterFactory meters, ILogger log)
{
    public const string MeterName = "TradeActors.Equity";

    public const int MostUnsaved = 20_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>How often new accounts are looked for.</summary>
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<EntityId, bool> _changed = new();
    private readonly SortedDictionary<string, Watched> _accounts = new(StringComparer.Ordinal);
    private readonly List<EquityPoint> _unsaved = [];
    private readonly EquityMetrics _metrics = new(meters);
    private DateTimeOffset _nextSearch = DateTimeOffset.MinValue;
    private DateTimeOffset _nextSample = DateTimeOffset.MinValue;
    private bool _isFailing;

    /// <summary>Samples until cancelled, then returns normally.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            do
            {
                await TrySampleAsync(ct);
            }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping. What has changed since the last tick is seen at the next start.
        }
        finally
        {
            foreach (var account in _accounts.Values)
            {
                account.Watching.Dispose();
            }
        }
    }

    private async Task TrySampleAsync(CancellationToken ct)
    {
        try
        {
            await SampleAsync(time.GetUtcNow(), ct);
            await SaveAsync(ct);
            _isFailing = false;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The store's failures are many and all mean the same here: keep the points, try again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                NodeLog.EquityFailed(log, error); // Once per outage: it is tried every second.
            }

            _isFailing = true;
        }
    }

    private async Task SampleAsync(DateTimeOffset now, CancellationToken ct)
    {
        if (now >= _nextSearch)
        {
            await FindNewAsync(ct);
            _nextSearch = now + SearchInterval;
        }

        if (now >= _nextSample)
        {
            MarkHolders();
            _nextSample = now + interval;
        }

        foreach (var id in _changed.Keys)
        {
            _changed.TryRemove(id, out _); // Before the read: what is committed from here on marks it again.
            if (!isOwn(id))
            {
                continue; // Another node samples it; when it becomes our own, it is marked.
            }

            await SampleAsync(_accounts[id.ToString()], now, ct);
        }
    }

    private async Task FindNewAsync(CancellationToken ct)
    {
        foreach (var key in await reads.ListKeysAsync(ReadTable.Accounts, tenant: null, ct))
        {
            var id = new EntityId(key.Tenant, EntityKind.Account, key.Id);
            if (!_accounts.ContainsKey(id.ToString()))
            {
                var last = await store.ListAsync(new EquityQuery(key.Tenant, key.Id, Limit: 1, Newest: true), ct);
                _accounts.Add(id.ToString(), new Watched(id, key, entities.Watch(id, _ => _changed.TryAdd(id, true))) { Last = last is [var newest] ? newest : null });
                _changed.TryAdd(id, true);
            }
        }
    }

    private void MarkHolders()
    {
        foreach (var account in _accounts.Values.Where(account => account.HoldsPositions))
        {
            _changed.TryAdd(account.Id, true);
        }
    }

    private async Task SampleAsync(Watched account, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            if (await reads.GetAsync(account.Key, ct) is { } row)
            {
                Note(account, RowJson.Deserialize<AccountRow>(row.Doc), now);
            }
        }
        catch
        {
            _changed.TryAdd(account.Id, true); // Not seen: it is looked at again.
            throw;
        }
    }

    private void Note(Watched account, AccountRow row, DateTimeOffset now)
    {
        account.HoldsPositions = !row.Positions.IsDefaultOrEmpty;
        if (row.EquityAt(quotes) is not { } equity || (account.Last is { } last && last.Balance == row.Balance && last.Equity == equity))
        {
            return;
        }

        account.Last = new EquityPoint(
            account.Key.Tenant, account.Key.Id, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), row.Balance, equity);
        _unsaved.Add(account.Last);
    }

    private async Task SaveAsync(CancellationToken ct)
    {
        if (_unsaved.Count > MostUnsaved)
        {
            _metrics.Lost(_unsaved.Count - MostUnsaved);
            _unsaved.RemoveRange(0, _unsaved.Count - MostUnsaved);
        }

        foreach (var batch in _unsaved.ToArray().Chunk(500)) // Orders wait for the same store, and must not wait long.
        {
            await store.SaveAsync(batch, ct);
            _unsaved.RemoveRange(0, batch.Length);
            _metrics.Saved(batch.Length);
        }
    }

    private sealed class Watched(EntityId id, RowKey key, IDisposable watching)
    {
        public EntityId Id => id;

        public RowKey Key => key;

        public IDisposable Watching => watching;

        public bool HoldsPositions { get; set; }

        /// <summary>The newest point, stored or about to be.</summary>
        public EquityPoint? Last { get; set; }
    }

    private sealed class EquityMetrics
    {
        private readonly Counter<long> _saved;
        private readonly Counter<long> _lost;

        public EquityMetrics(IMeterFactory meters)
        {
            var meter = meters.Create(MeterName);
            _saved = meter.CreateCounter<long>("tradeactors.equity.saved", "{point}", "Points of equity histories that were stored.");
            _lost = meter.CreateCounter<long>("tradeactors.equity.lost", "{point}", "Points that were dropped because too many waited for the store.");
        }

        public void Saved(int points) => _saved.Add(points);

        public void Lost(int points) => _lost.Add(points);
    }
}

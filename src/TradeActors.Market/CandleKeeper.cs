using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>
/// Makes candles from the quotes of a <see cref="MarketPipeline"/>, stores those that have changed once per <see cref="SaveInterval"/> and once more at
/// the end, and shows them together with those stored.
/// </summary>
/// <remarks>
/// A crash loses what changed within the last interval. While the store fails, changed candles are kept and tried again, up to
/// <see cref="MostUnsaved"/>; then a candle that was not waiting yet is left out of the store and counted. Those below a minute may take half of that
/// room only, so that in a long outage the minutes, hours and days go on. A candle under way that was left out joins again with its next tick.
/// </remarks>
public sealed class CandleKeeper : ICandleHistory
{
    /// <summary>Between two savings.</summary>
    public static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    /// <summary>Changed candles that may wait for the store.</summary>
    public const int MostUnsaved = 40_000;

    /// <summary>A call to the store takes whole contracts until it has so many candles: orders wait for the same store, and must not wait long.</summary>
    public const int BatchSize = 500;

    private readonly ICandleStore _store;
    private readonly TimeSpan _lateness;
    private readonly TimeProvider _time;
    private readonly CandleMetrics _metrics;
    private readonly ILogger<CandleKeeper> _logger;
    private readonly int _room;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ContractCandles> _contracts = new(StringComparer.Ordinal);
    private readonly List<Candle> _changed = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private int _unsaved;
    private bool _isFailing;

    /// <param name="lateness">How much later than the newest quote of its contract a quote may come and still count; see <see cref="CandleBuilder"/>.</param>
    /// <param name="mostUnsaved">As <see cref="MostUnsaved"/>, which a test need not fill.</param>
    public CandleKeeper(
        ICandleStore store, TimeSpan lateness, TimeProvider time, System.Diagnostics.Metrics.IMeterFactory meters, ILogger<CandleKeeper> logger,
        int mostUnsaved = MostUnsaved)
    {
        (_store, _lateness, _time, _logger, _room) = (store, lateness, time, logger, mostUnsaved);
        _metrics = new CandleMetrics(meters, () => Volatile.Read(ref _unsaved));
    }

    /// <summary>Reads where each contract stands. Before the first <see cref="Add"/>.</summary>
    internal async Task LoadAsync(CancellationToken ct)
    {
        var stored = await _store.LoadNewestAsync(ct);
        lock (_gate)
        {
            foreach (var candles in stored.GroupBy(candle => candle.Symbol).Where(candles => InstrumentCatalog.FindContract(candles.Key) is not null))
            {
                Of_NeedsLock(candles.Key).Builder.Resume(candles);
            }
        }
    }

    /// <summary>Takes one quote of the pipeline's loop.</summary>
    /// <param name="quote">Accepted, so that its symbol is a contract of the catalog.</param>
    internal void Add(Quote quote)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = _unsaved == 0;
            Add_NeedsLock(quote);
            isFirst &= _unsaved > 0;
        }

        if (isFirst)
        {
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>Never fails. A save that is under way when <paramref name="stopping"/> is cancelled is not cut off, and a last one follows.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await _wake.Reader.ReadAsync(stopping))
            {
                await Task.Delay(SaveInterval, _time, stopping);
                await SaveAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await SaveAsync();
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct)
    {
        // Before the store: a candle that is stored between the two reads is then seen twice, not never.
        var unsaved = Unsaved(query);
        var stored = await _store.ListAsync(query, ct);
        if (unsaved.Length == 0)
        {
            return stored;
        }

        var candles = new SortedDictionary<DateTimeOffset, Candle>(stored.ToDictionary(candle => candle.Start));
        foreach (var candle in unsaved.Where(candle => !candles.TryGetValue(candle.Start, out var known) || known.Ticks < candle.Ticks))
        {
            candles[candle.Start] = candle;
        }

        return [.. query.Newest ? candles.Values.TakeLast(query.Limit) : candles.Values.Take(query.Limit)];
    }

    private void Add_NeedsLock(Quote quote)
    {
        var candles = Of_NeedsLock(quote.Symbol);
        _changed.Clear();
        var verdict = candles.Builder.Add(quote, _time.GetUtcNow(), _changed);
        if (verdict != CandleVerdict.Taken)
        {
            _metrics.LeftOut(verdict);
            return;
        }

        foreach (var candle in _changed)
        {
            Keep_NeedsLock(candles, candle);
        }
    }

    private void Keep_NeedsLock(ContractCandles candles, Candle candle)
    {
        var key = (candle.Resolution, candle.Start);
        if (candles.Unsaved.ContainsKey(key))
        {
            candles.Unsaved[key] = candle;
        }
        else if (_unsaved < (candle.Resolution.IsBelowMinute ? _room / 2 : _room))
        {
            candles.Unsaved.Add(key, candle);
            Volatile.Write(ref _unsaved, _unsaved + 1);
        }
        else
        {
            _metrics.Lost();
        }
    }

    private Candle[] Unsaved(CandleQuery query)
    {
        lock (_gate)
        {
            return !_contracts.TryGetValue(query.Symbol, out var candles) ? [] :
            [
                .. candles.Unsaved.Values.Where(candle => candle.Resolution == query.Resolution
                    && (query.From is not { } from || candle.Start >= from) && (query.To is not { } to || candle.Start < to)),
            ];
        }
    }

    internal async Task SaveAsync()
    {
        for (var batch = Next(after: null); batch.Count > 0; batch = Next(batch[^1].Symbol))
        {
            try
            {
                await _store.SaveAsync(batch, CancellationToken.None);
            }
            catch (Exception e) // The store's failures are many and all mean the same here: keep the candles, try again.
            {
                NoteFailure(e);
                return;
            }

            Forget(batch);
            NoteSuccess(batch.Count);
        }
    }

    // Whole contracts, so that after a crash the resolutions of one agree.
    private List<Candle> Next(string? after)
    {
        lock (_gate)
        {
            var batch = new List<Candle>();
            foreach (var (symbol, candles) in _contracts)
            {
                if (batch.Count < BatchSize && (after is null || StringComparer.Ordinal.Compare(symbol, after) > 0))
                {
                    batch.AddRange(candles.Unsaved.Values);
                }
            }

            return batch;
        }
    }

    private void Forget(List<Candle> saved)
    {
        lock (_gate)
        {
            foreach (var candle in saved)
            {
                var unsaved = _contracts[candle.Symbol].Unsaved;
                var key = (candle.Resolution, candle.Start);
                if (ReferenceEquals(unsaved[key], candle)) // Else it has changed meanwhile.
                {
                    unsaved.Remove(key);
                    Volatile.Write(ref _unsaved, _unsaved - 1);
                }
            }

            if (_unsaved > 0)
            {
                _wake.Writer.TryWrite(true);
            }
        }
    }

    private void NoteSuccess(int candles)
    {
        _metrics.Saved(candles);
        if (_isFailing)
        {
            _logger.CandlesRecovered();
        }

        _isFailing = false;
    }

    private void NoteFailure(Exception e)
    {
        _metrics.SaveFailed();
        if (!_isFailing)
        {
            _logger.CandlesFailed(e, Volatile.Read(ref _unsaved)); // Once per outage: it is tried every second.
        }

        _isFailing = true;
        _wake.Writer.TryWrite(true);
    }

    private ContractCandles Of_NeedsLock(string symbol)
    {
        if (!_contracts.TryGetValue(symbol, out var candles))
        {
            candles = new ContractCandles(new CandleBuilder(InstrumentCatalog.FindContract(symbol)!, _lateness));
            _contracts.Add(symbol, candles);
        }

        return candles;
    }

    private sealed class ContractCandles(CandleBuilder builder)
    {
        public CandleBuilder Builder => builder;

        public SortedDictionary<(CandleResolution Resolution, DateTimeOffset Start), Candle> Unsaved { get; } = [];
    }
}

using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Every node of a cluster sees the same quotes and makes the same candles of them; one of them, the keeper, stores them. What a node has passed over in the last
/// <see cref="Remembered"/> it stores when it becomes the keeper: the one before may have died without storing it.
/// </summary>
/// <param name="isKeeper">Whether this node is the one, as far as it knows.</param>
/// <param name="saveAsync">Stores them; what is stored already may come again.</param>
internal sealed class OneKeeper<TKey, T>(Func<bool> isKeeper, Func<T, TKey> keyOf, Func<IReadOnlyList<T>, CancellationToken, Task> saveAsync, TimeProvider time)
    where TKey : notnull
{
    /// <summary>Longer than it takes until another node is the keeper.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, (T Item, DateTimeOffset At)> _passedOver = [];

    /// <param name="items">Each key at most once, newer than what came before.</param>
    public async Task SaveAsync(IReadOnlyList<T> items, CancellationToken ct)
    {
        if (!isKeeper())
        {
            PassOver(items);
            return;
        }

        var late = Take(items);
        try
        {
            await saveAsync([.. late, .. items], ct);
        }
        catch
        {
            PassOver(late); // The caller tries its own again.
            throw;
        }
    }

    private void PassOver(IReadOnlyList<T> items)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var item in items)
            {
                _passedOver[keyOf(item)] = (item, now);
            }

            foreach (var (key, passed) in _passedOver)
            {
                if (now - passed.At > Remembered)
                {
                    _passedOver.Remove(key);
                }
            }
        }
    }

    private T[] Take(IReadOnlyList<T> newer)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var item in newer)
            {
                _passedOver.Remove(keyOf(item));
            }

            T[] late = [.. _passedOver.Values.Where(passed => now - passed.At <= Remembered).Select(passed => passed.Item)];
            _passedOver.Clear();
            return late;
        }
    }
}

/// <inheritdoc cref="OneKeeper{TKey, T}"/>
internal sealed class KeptQuotes(IQuoteStore store, Func<bool> isKeeper, TimeProvider time) : IQuoteStore
{
    private readonly OneKeeper<string, Quote> _keeper = new(isKeeper, quote => quote.Symbol, store.SaveAsync, time);

    public Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct) => _keeper.SaveAsync(quotes, ct);

    public Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct) => store.LoadAsync(ct);
}

/// <inheritdoc cref="OneKeeper{TKey, T}"/>
internal sealed class KeptCandles(ICandleStore store, Func<bool> isKeeper, TimeProvider time) : ICandleStore
{
    private readonly OneKeeper<(string, CandleResolution, DateTimeOffset), Candle> _keeper =
        new(isKeeper, candle => (candle.Symbol, candle.Resolution, candle.Start), store.SaveAsync, time);

    public Task SaveAsync(IReadOnlyList<Candle> candles, CancellationToken ct) => _keeper.SaveAsync(candles, ct);

    public Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct) => store.LoadNewestAsync(ct);

    public Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct) => store.ListAsync(query, ct);

    public Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct) =>
        store.TrimAsync(resolution, before, most, ct);
}

using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Every node of a cluster sees the same quotes and makes the same candles of them; one of them stores them. Which one that is may change at any time: the next has
/// them all, and goes on with what changes from then on.
/// </summary>
/// <param name="isKeeper">Whether this node is the one, as far as it knows.</param>
internal sealed class KeptQuotes(IQuoteStore store, Func<bool> isKeeper) : IQuoteStore
{
    public Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct) => isKeeper() ? store.SaveAsync(quotes, ct) : Task.CompletedTask;

    public Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct) => store.LoadAsync(ct);
}

/// <inheritdoc cref="KeptQuotes"/>
internal sealed class KeptCandles(ICandleStore store, Func<bool> isKeeper) : ICandleStore
{
    public Task SaveAsync(IReadOnlyList<Candle> candles, CancellationToken ct) => isKeeper() ? store.SaveAsync(candles, ct) : Task.CompletedTask;

    public Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct) => store.LoadNewestAsync(ct);

    public Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct) => store.ListAsync(query, ct);

    public Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct) =>
        store.TrimAsync(resolution, before, most, ct);
}

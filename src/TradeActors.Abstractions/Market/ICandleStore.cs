using TradeActors.Domain.Market;

namespace TradeActors.Abstractions.Market;

/// <param name="Symbol">Canonical contract name.</param>
/// <param name="From">Starts from here on; null for the beginning.</param>
/// <param name="To">Starts before this; null for the end.</param>
/// <param name="Limit">At most so many, at least 1.</param>
/// <param name="Newest">When there are more: those at the end of the range instead of those at its beginning.</param>
public sealed record CandleQuery(
    string Symbol, CandleResolution Resolution, DateTimeOffset? From = null, DateTimeOffset? To = null, int Limit = int.MaxValue, bool Newest = false);

/// <summary>Candles, one per contract, resolution and start, kept over restarts.</summary>
public interface ICandleStore
{
    /// <summary>Stores all or none. A candle that is stored already is replaced.</summary>
    Task SaveAsync(IReadOnlyList<Candle> candles, CancellationToken ct);

    /// <summary>The newest candle of each contract and resolution.</summary>
    Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct);

    /// <returns>In order of their starts, the earliest first.</returns>
    Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct);

    /// <summary>Removes candles of this resolution that start before a time, at most so many: call again while some are removed.</summary>
    /// <returns>How many were removed.</returns>
    Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct);
}

/// <summary>Candles as they are now: those stored and those that are still being made. Safe from any thread.</summary>
public interface ICandleHistory
{
    /// <inheritdoc cref="ICandleStore.ListAsync"/>
    Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct);
}

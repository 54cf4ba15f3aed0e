using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Recorders;

/// <summary>The profit and loss of the recorder's own positions, as if every signal filled at the last quote. A filter lives on it, no money does.</summary>
internal static class RecordedBook
{
    /// <summary>What becomes of a held position that is brought to another size at this price; unknown prices make no profit.</summary>
    public static (decimal? AveragePrice, decimal Realized) Trade(RecorderState state, string symbol, decimal to, decimal? price)
    {
        var held = state.Held.GetValueOrDefault(symbol);
        var average = state.HeldDetails.GetValueOrDefault(symbol)?.AveragePrice;
        var isSameSide = Math.Sign(held) == Math.Sign(to);
        var closed = isSameSide ? Math.Max(0m, Math.Abs(held) - Math.Abs(to)) : Math.Abs(held);
        var realized = (price - average) * Math.Sign(held) * closed * PointValueOf(symbol) ?? 0m;
        var grows = held == 0m || (isSameSide && Math.Abs(to) > Math.Abs(held));
        return (held == 0m || !isSameSide ? price : grows ? ((average * held) + (price * (to - held))) / to : average, realized);
    }

    /// <summary>Null while a price of something that is held is missing.</summary>
    public static decimal? Unrealized(RecorderState state, ILastQuotes quotes)
    {
        decimal? sum = 0m;
        foreach (var (symbol, quantity) in state.Held)
        {
            sum += (quotes.PriceToClose(symbol, quantity) - state.HeldDetails.GetValueOrDefault(symbol)?.AveragePrice) * quantity * PointValueOf(symbol);
        }

        return sum;
    }

    /// <param name="tradedPrice">The signal's own price, of <paramref name="symbol"/>, where no quote is known.</param>
    public static Recording Record(
        RecorderState state, SignalPlan plan, ImmutableSortedDictionary<string, decimal> after, ILastQuotes quotes, string tradingDate, bool isEntry,
        bool isOffered, DateTimeOffset? flattenAt)
    {
        var prices = ImmutableSortedDictionary.CreateBuilder<string, decimal?>(StringComparer.Ordinal);
        var realized = 0m;
        foreach (var (symbol, quantity) in after)
        {
            var side = quantity > state.Held.GetValueOrDefault(symbol) ? Side.Buy : Side.Sell;
            var (average, profit) = Trade(state, symbol, quantity, quotes.PriceToTrade(symbol, side) ?? (symbol == plan.Symbol ? plan.ReferencePrice : null));
            realized += profit;
            if (quantity != 0m)
            {
                prices[symbol] = average;
            }
        }

        return new Recording(tradingDate, isEntry, isOffered, prices.ToImmutable(), realized, flattenAt);
    }

    private static decimal PointValueOf(string symbol) => InstrumentCatalog.FindContract(symbol)?.Instrument.PointValue ?? 1m;
}

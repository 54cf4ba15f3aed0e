using TradeActors.Domain.Brokers;

namespace TradeActors.PaperExchange;

/// <summary>What the exchange must know of the contracts it lists. The node wires it to the instrument catalog.</summary>
/// <remarks>
/// Pure: the same arguments always give the same answer. What a decision took from here is stored in its event, and a fold never asks: a node that is
/// started with other session hours, or another catalog, replays the same books and only decides otherwise from then on.
/// </remarks>
public interface IPaperInstruments
{
    /// <returns>With the default margin; null for a symbol that is not listed.</returns>
    PaperInstrument? Find(string symbol);

    /// <summary>The name under which the settings may give another margin: ES for ESZ2026. Asked of listed symbols only.</summary>
    string RootOf(string symbol);

    /// <summary>When the instrument's market opens next, UTC; null while it is open, and always null where session hours are not kept.</summary>
    DateTimeOffset? ClosedUntil(string symbol, DateTimeOffset at);

    /// <summary>The end of the trading day, by the instrument's own calendar, that <paramref name="now"/> counts for: when Day orders expire.</summary>
    /// <param name="now">UTC.</param>
    /// <returns>UTC, after <paramref name="now"/>; an order whose day ends earlier is rejected.</returns>
    DateTimeOffset DayEnd(string symbol, DateTimeOffset now);
}

/// <param name="TickSize">The smallest step of a price, above 0.</param>
/// <param name="PointValue">Account currency per 1.00 of price and unit of quantity.</param>
/// <param name="QuantityStep">The smallest step of a quantity, above 0: 1 for futures and stocks.</param>
/// <param name="Margin">Null needs none.</param>
public sealed record PaperInstrument(decimal TickSize, decimal PointValue, decimal QuantityStep = 1m, PaperMargin? Margin = null)
{
    /// <summary>Account currency for one unit.</summary>
    public decimal MarginAt(decimal price) => Margin?.Of(price, PointValue) ?? 0m;
}

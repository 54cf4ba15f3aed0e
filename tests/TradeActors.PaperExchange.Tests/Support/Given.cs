using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange.Tests.Support;

/// <summary>One future with tick 0.25 and 50 a point, one coin in steps of 0.001; days end at 21:00 UTC. Margin: 1 % and 10 %.</summary>
internal sealed class TestInstruments : IPaperInstruments
{
    /// <summary>Set for a market that closes from 21:00 to 23:00 UTC.</summary>
    public bool HasSessions { get; init; }

    public DateTimeOffset? ClosedUntil(string symbol, DateTimeOffset at) =>
        HasSessions && at.Hour is (21 or 22) ? new DateTimeOffset(at.Year, at.Month, at.Day, 23, 0, 0, TimeSpan.Zero) : null;

    public string RootOf(string symbol) => symbol == Given.Future ? "ES" : symbol;

    public PaperInstrument? Find(string symbol) => symbol switch
    {
        Given.Future => new PaperInstrument(0.25m, 50m, Margin: new PaperMargin(OfNotional: 0.01m)),
        Given.Coin => new PaperInstrument(0.01m, 1m, 0.001m, new PaperMargin(OfNotional: 0.1m)),
        _ => null,
    };

    public DateTimeOffset DayEnd(string symbol, DateTimeOffset now)
    {
        var end = new DateTimeOffset(now.Year, now.Month, now.Day, 21, 0, 0, TimeSpan.Zero);
        return end > now ? end : end.AddDays(1);
    }
}

internal static class Given
{
    public const string Future = "ESZ2026";
    public const string Coin = "BTCUSDT";
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);
    public static readonly PaperSettings Settings = new(StartingBalance: 100_000m);

    public static Quote Quote(
        decimal bid, decimal ask, decimal? bidSize = null, decimal? askSize = null, int at = 0, decimal last = 0m, string symbol = Future) =>
        new(symbol, bid, ask, last == 0m ? bid : last, bidSize, askSize, null, Start.AddMilliseconds(at));

    public static OrderTerms Market(Side side, decimal quantity, bool reduceOnly = false) =>
        new(Future, side, OrdType.Market, quantity, ReduceOnly: reduceOnly);

    public static OrderTerms Limit(Side side, decimal quantity, decimal price, TimeInForce tif = TimeInForce.Day) =>
        new(Future, side, OrdType.Limit, quantity, price, TimeInForce: tif);

    public static OrderTerms Stop(Side side, decimal quantity, decimal stop, decimal? limit = null) =>
        new(Future, side, limit is null ? OrdType.Stop : OrdType.StopLimit, quantity, limit, stop);

    /// <summary>As an account protects a position: reduce-only, good till canceled.</summary>
    public static OrderTerms OneCancelsOther(Side side, decimal quantity, decimal target, decimal stop) =>
        new(Future, side, OrdType.OneCancelsOther, quantity, target, stop, TimeInForce.GoodTillCancel, ReduceOnly: true);
}

using TradeActors.Domain.Market;

namespace TradeActors.Market.Tests;

internal static class Given
{
    /// <summary>A Wednesday at 10:00 in New York, every market open. The fronts are ESM2026 and NQM2026.</summary>
    public static readonly DateTimeOffset Now = new(2026, 5, 6, 14, 0, 0, TimeSpan.Zero);

    public const string Es = "ESM2026";
    public const string Nq = "NQM2026";

    /// <summary>One tick wide, last at the bid.</summary>
    public static Quote Quote(string symbol, decimal bid) => new(symbol, bid, bid + 0.25m, bid, BidSize: 10m, AskSize: 10m, Volume: 1m, Now);
}

using NodaTime;

namespace TradeActors.Domain.Instruments;

public enum AssetClass { Future, Stock, Crypto }

/// <summary>What one unit of a market is worth, and in which steps it trades. One per root; its months are <see cref="Contract"/>s.</summary>
/// <param name="Root">The name without a month, upper case: ES, AAPL, BTCUSDT.</param>
/// <param name="Exchange">Where it is listed; for crypto, the venue whose steps these are. A broker may allow coarser steps only.</param>
/// <param name="TickSize">The smallest step of a price, above 0.</param>
/// <param name="PointValue">Currency per 1.00 of price, for one contract, share or coin. Grains and livestock are priced in cents.</param>
/// <param name="Currency">Of prices and money: USD, or USDT for pairs quoted in it.</param>
/// <param name="QuantityStep">The smallest step of a quantity, above 0: 1 for futures and stocks.</param>
/// <param name="Months">The letters of its contract months in calendar order (HMUZ); empty unless a future.</param>
/// <param name="RollClass"><see cref="Instruments.RollClass.None"/> unless a future.</param>
public sealed record Instrument(
    string Root,
    string Description,
    AssetClass AssetClass,
    string Exchange,
    decimal TickSize,
    decimal PointValue,
    string Currency,
    decimal QuantityStep,
    TradingCalendar Calendar,
    string Months = "",
    RollClass RollClass = RollClass.None)
{
    /// <summary>Currency per tick, for one contract, share or coin.</summary>
    public decimal TickValue => TickSize * PointValue;

    /// <summary>IANA id of the zone in which sessions and trading dates are counted.</summary>
    public string TimeZone => Calendar.TimeZone;

    /// <summary>The trading date that an instant counts for; see <see cref="TradingCalendar.TradingDate"/>.</summary>
    public LocalDate TradingDate(Instant instant) => Calendar.TradingDate(instant);

    /// <inheritdoc cref="TradingDate(Instant)"/>
    public LocalDate TradingDate(DateTimeOffset at) => Calendar.TradingDate(Instant.FromDateTimeOffset(at));

    /// <summary>The nearest price on the tick grid; half a tick goes away from zero.</summary>
    public decimal RoundToTick(decimal price)
    {
        var rest = price % TickSize; // Not price / TickSize: that overflows for the nonsense prices which a webhook may carry.
        var toward = price - rest;
        return Math.Abs(rest) * 2 < TickSize ? toward : toward + (Math.Sign(rest) * TickSize);
    }

    public bool IsOnTick(decimal price) => price % TickSize == 0m;

    /// <summary>The largest tradable quantity that is not more; 0 when below one step. A negative quantity is cut toward zero too.</summary>
    public decimal RoundQuantityDown(decimal quantity) => quantity - (quantity % QuantityStep);
}

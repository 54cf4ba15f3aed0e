using TradeActors.Domain.Instruments;

namespace TradeActors.Domain.Orders;

/// <summary>What a size counts.</summary>
public enum SizingUnit
{
    /// <summary>Contracts, shares or coins.</summary>
    Contracts,
    /// <summary>Percent of the account's equity, as the value of the position.</summary>
    PercentOfEquity,
    /// <summary>Account currency that is lost if the stop is hit.</summary>
    RiskAmount,
    /// <summary>Percent of the account's equity that is lost if the stop is hit.</summary>
    RiskPercent,
    /// <summary>Account currency, as the value of the position.</summary>
    Notional,
}

public enum DistanceUnit
{
    Ticks,
    /// <summary>Units of price.</summary>
    Points,
    /// <summary>Percent of the entry's price.</summary>
    Percent,
}

/// <summary>How far a stop or a target lies from the price of the entry.</summary>
/// <param name="Value">Above 0.</param>
public sealed record Distance(DistanceUnit Unit, decimal Value)
{
    /// <summary>The same distance in units of price, not rounded to the tick.</summary>
    /// <param name="entryPrice">The price that percents refer to.</param>
    public decimal InPoints(Instrument instrument, decimal entryPrice) => Unit switch
    {
        DistanceUnit.Ticks => Value * instrument.TickSize,
        DistanceUnit.Points => Value,
        _ => Math.Abs(entryPrice) * Value / 100m,
    };
}

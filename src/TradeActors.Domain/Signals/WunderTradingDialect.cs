using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>WunderTrading's JSON, told by <c>amountPerTrade</c>.</summary>
/// <remarks>
/// Source: field/signals.md, "Others". Its several take-profits, break-even and trailing stop carry activations of their own and are not built yet.
/// <c>percents</c> is a share from 0 to 1, as the vendor defines it.
/// </remarks>
internal sealed class WunderTradingDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => fields.HasAny("amountpertrade", "amountpertradetype");

    public ParsedSignal Read(SignalFields fields)
    {
        foreach (var name in (string[])["takeprofits", "breakeven", "trailingstop", "movebreakeven"])
        {
            fields.NoteUnbuilt(name);
        }

        if (!fields.HasAny("side", "action"))
        {
            fields.Fail("The signal does not say what to do. Add \"side\" (buy or sell).");
        }

        fields.NoteUnbuilt("timetolive");
        var signal = SignalTerms.Read(fields, SignalSource.WunderTrading);
        var command = SignalTerms.Command(fields, fields.HasAny("side") ? "side" : "action");
        var (size, quantity) = Amount(fields);
        if (size is not null && command?.Action == SignalAction.Close)
        {
            fields.Fail("A close takes a number of contracts (\"base\" or \"contracts\"), or no amount to close all.");
        }

        return signal with { Action = command?.Action, Only = command?.Only, Size = size ?? signal.Size, Quantity = quantity };
    }

    private static (SignalSize? Size, decimal? Quantity) Amount(SignalFields fields)
    {
        var unit = fields.Word(UnitOf, "quote, base, $, percents, contracts", "amountpertradetype") ?? SizingUnit.Contracts;
        if (SignalTerms.Quantity(fields, "amountpertrade") is not { } amount)
        {
            return default;
        }

        if (unit != SizingUnit.PercentOfEquity)
        {
            return unit == SizingUnit.Contracts ? (null, amount) : (new SignalSize(unit, amount), null);
        }

        if (amount > 1m)
        {
            fields.Fail($"{fields.KeyOf("amountpertrade")} is {amount}. In percents it is a share from 0 to 1: 0.1 for 10 %.");
        }

        return (new SignalSize(unit, Math.Min(amount, 1m) * 100m), null);
    }

    private static SizingUnit? UnitOf(string word) => word switch
    {
        "base" or "contracts" => SizingUnit.Contracts,
        "quote" or "$" => SizingUnit.Notional,
        "percents" or "percent" => SizingUnit.PercentOfEquity,
        _ => null,
    };
}

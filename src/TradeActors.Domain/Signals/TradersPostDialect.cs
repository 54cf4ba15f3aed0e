using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>TradersPost's JSON, told by the members that no other format has.</summary>
/// <remarks>
/// Source: field/signals.md, "TradersPost". The plain form (ticker, action, quantity) is the same in <see cref="OwnJsonDialect"/>. <c>signalPrice</c> is the
/// reference price. <c>exit</c> without a quantity closes all; <c>percent_of_position</c> is carried out for an exit only.
/// </remarks>
internal sealed class TradersPostDialect : ISignalDialect
{
    private static readonly string[] Tells =
    [
        "quantitytype", "signalprice", "takeprofit.limitprice", "takeprofit.percent", "takeprofit.amount", "stoploss.type", "stoploss.stopprice",
        "stoploss.percent", "stoploss.amount", "stoploss.trailamount", "stoploss.trailpercent", "extendedhours", "rejectafter", "cancelafter", "optiontype",
        "strikeprice", "expiration", "extras",
    ];

    public bool Recognises(SignalFields fields) => fields.HasAny(Tells);

    public ParsedSignal Read(SignalFields fields)
    {
        fields.NoteUnbuilt("stoploss.type", "stop");
        if (fields.Find("ordertype") is { } type && SignalFields.Fold(type.Text) == "trailingstop")
        {
            fields.NoteNotBuilt("A trailing stop as the entry is not built yet. Send market, limit, stop or stop_limit.");
            return Act(fields, SignalTerms.Read(fields, SignalSource.TradersPost, readsOrderType: false));
        }

        return Act(fields, SignalTerms.Read(fields, SignalSource.TradersPost));
    }

    private static ParsedSignal Act(SignalFields fields, ParsedSignal signal)
    {
        signal = signal with { Price = fields.Price("signalprice") ?? signal.Price, Id = SignalTerms.Id(fields, "id") };
        var stance = SignalTerms.Stance(fields, "sentiment");
        if (stance == SignalStance.Flat)
        {
            return SignalTerms.CloseAll(fields, signal);
        }

        // The separate "cancel":true says what the exchange does anyway: open orders of the symbol give way to the new one.
        var command = SignalTerms.Command(fields, "action");
        if (command is null && stance is null && !fields.HasAny("action"))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" (buy, sell, exit, add, cancel).");
        }

        var (size, percent) = SizeIn(fields, command);
        var sized = size is null && percent is null ? signal : signal with { Size = size, ClosePercent = percent };
        var acted = SignalTerms.Act(fields, sized, command, stance);
        return size is null ? acted : acted with { Quantity = null };
    }

    private static (SignalSize? Size, decimal? ClosePercent) SizeIn(SignalFields fields, SignalCommand? command)
    {
        var unit = fields.Word(
            UnitOf, "fixed_quantity, dollar_amount, risk_dollar_amount, risk_percent, percent_of_equity, percent_of_position", "quantitytype");
        if (unit is null or Unit.Contracts || !fields.HasAny("quantity") || SignalTerms.Quantity(fields, "quantity") is not { } value)
        {
            return default;
        }

        if (unit != Unit.PercentOfPosition)
        {
            if (command?.Action == SignalAction.Close)
            {
                fields.Fail("An exit takes \"fixed_quantity\" or \"percent_of_position\", or no quantity to close all.");
            }

            return (new SignalSize((SizingUnit)unit.Value, value), null);
        }

        if (command?.Action != SignalAction.Close)
        {
            fields.NoteNotBuilt("\"percent_of_position\" is carried out for an exit only. Send a fixed quantity.");
            return default;
        }

        return (null, Math.Min(value, 100m));
    }

    /// <summary>The sizes of <see cref="SizingUnit"/> under the same numbers, and one more.</summary>
    private enum Unit
    {
        Contracts = SizingUnit.Contracts,
        PercentOfEquity = SizingUnit.PercentOfEquity,
        RiskAmount = SizingUnit.RiskAmount,
        RiskPercent = SizingUnit.RiskPercent,
        Notional = SizingUnit.Notional,
        PercentOfPosition = 100,
    }

    private static Unit? UnitOf(string word) => word switch
    {
        "fixedquantity" => Unit.Contracts,
        "dollaramount" => Unit.Notional,
        "riskdollaramount" => Unit.RiskAmount,
        "riskpercent" => Unit.RiskPercent,
        "percentofequity" => Unit.PercentOfEquity,
        "percentofposition" => Unit.PercentOfPosition,
        _ => null,
    };
}

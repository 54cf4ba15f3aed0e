using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>3Commas' Signal Bot: its strategy type, and its custom type with <c>enter_long</c> and the like.</summary>
/// <remarks>
/// Source: field/signals.md, "3Commas Signal Bot"; the custom type's words are unconfirmed. <c>timestamp</c> is {{timenow}}, the time of sending.
/// <c>max_lag</c> is left aside: the recorder's own <c>entryMaxAgeSeconds</c> decides what is late. <c>market_position</c> with a size is a target.
/// </remarks>
internal sealed class ThreeCommasDialect : ISignalDialect
{
    private static readonly string[] Tells = ["botuuid", "tvinstrument", "tvexchange", "maxlag", "strategyinfo"];

    public bool Recognises(SignalFields fields) => fields.HasAny(Tells);

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = new ParsedSignal
        {
            Source = SignalSource.ThreeCommas,
            Symbol = SignalTerms.Symbol(fields, "tvinstrument", "symbol", "ticker"),
            Price = fields.Price("triggerprice"),
            SentAt = fields.Instant("timestamp"),
        };
        var stance = SignalTerms.Stance(fields, "strategyinfo.marketposition");
        var command = SignalTerms.Command(fields, "action");
        var size = fields.Number("strategyinfo.marketpositionsize");
        _ = fields.Number("order.amount"); // Read even where it decides nothing: a damaged number says that the body is damaged.
        if (stance == SignalStance.Flat)
        {
            return signal with { Action = SignalAction.Close };
        }

        if (stance is { } side && size is { } absolute)
        {
            if (absolute <= 0m)
            {
                fields.Fail("The position is said to be long or short, but its size is not above 0. Send \"market_position\":\"flat\" to close.");
            }

            return signal with { TargetPosition = side == SignalStance.Long ? absolute : -absolute };
        }

        if (command is null && stance is null && !fields.HasAny("action"))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" ({{strategy.order.action}}), or \"strategy_info\".");
        }

        var acted = SignalTerms.Act(fields, signal, command, stance);
        return acted.Action is SignalAction.Buy or SignalAction.Sell or SignalAction.Close ? WithAmount(fields, acted) : acted;
    }

    private static ParsedSignal WithAmount(SignalFields fields, ParsedSignal signal)
    {
        if (!fields.HasAny("order.amount"))
        {
            return signal;
        }

        var amount = SignalTerms.Quantity(fields, "order.amount");
        switch (fields.Find("order.currencytype") is { } type ? SignalFields.Fold(type.Text) : "base")
        {
            case "base":
                return signal with { Quantity = amount };
            case "quote" when signal.Action == SignalAction.Close:
                fields.Fail("A close takes an amount in \"base\", or none to close all.");
                return signal;
            case "quote":
                return signal with { Size = amount is { } money ? new SignalSize(SizingUnit.Notional, money) : null };
            default:
                fields.NoteNotBuilt("\"currency_type\" is understood as base or quote only.");
                return signal;
        }
    }
}

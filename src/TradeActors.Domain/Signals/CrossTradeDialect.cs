namespace TradeActors.Domain.Signals;

/// <summary>CrossTrade's text: <c>key=…; command=PLACE; instrument=MNQ 06-25; action=BUY; qty=1; …</c>.</summary>
/// <remarks>
/// Source: field/signals.md, "CrossTrade (text)". Which accounts trade is a matter of the recorder's subscriptions, so <c>account</c> is left aside. Commands that
/// concern every instrument (FLATTENEVERYTHING, CANCELALLORDERS) apply to the named one, else to the recorder's own. Those that change resting orders are
/// not built yet, and none of them ever opens anything.
/// </remarks>
internal sealed class CrossTradeDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => fields.HasAny("command");

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = new ParsedSignal { Source = SignalSource.CrossTrade, Symbol = SignalTerms.Symbol(fields, "instrument", "symbol", "ticker") };
        var command = SignalFields.Fold(fields.Find("command")!.Text);
        switch (command)
        {
            case "place" or "flatplace":
                return Place(fields, signal, closesFirst: command == "flatplace");
            case "closeposition":
                return signal with { Action = SignalAction.Close, Quantity = fields.Positive("qty", "quantity"), Only = Side(fields) };
            case "flatten" or "flatteneverything":
                return signal with { Action = SignalAction.Close };
            case "reverseposition":
                return signal with { Action = SignalAction.Reverse };
            case "cancel" or "cancelorders" or "cancelallorders" or "cancelreplace" or "cancelandbracket" or "change" or "closestrategy":
                fields.NoteNotBuilt($"The command {SignalText.Quote(fields.Find("command")!.Text.Trim())} is not built yet. Send FLATTEN to close.");
                return signal with { Action = SignalAction.Cancel };
            default:
                fields.Fail($"\"command\" is {SignalText.Quote(fields.Find("command")!.Text)}. It must be PLACE, FLATPLACE, CLOSEPOSITION, REVERSEPOSITION, FLATTEN or FLATTENEVERYTHING.");
                return signal;
        }
    }

    private static ParsedSignal Place(SignalFields fields, ParsedSignal signal, bool closesFirst)
    {
        if (!fields.HasAny("action"))
        {
            fields.Fail("PLACE needs action=BUY or action=SELL.");
        }

        foreach (var name in (string[])["trail", "trailingstop", "breakeven", "strategy", "strategytag", "ocoid", "delay"])
        {
            fields.NoteUnbuilt(name);
        }

        var command = fields.Word(ActionOf, "BUY, SELL", "action");
        var orderType = fields.Word(OrderTypeOf, "MARKET, LIMIT, STOPMARKET, STOPLIMIT", "ordertype");
        fields.NoteUnbuilt("tif", orderType is null or SignalOrderType.Market ? ["day", "gtc", "ioc", "fok"] : ["day"]);
        var (limit, stop) = (fields.Positive("limitprice"), fields.Positive("stopprice"));
        if (orderType is SignalOrderType.Limit or SignalOrderType.StopLimit && limit is null)
        {
            fields.Fail("A limit order needs limit_price.");
        }

        if (orderType is SignalOrderType.Stop or SignalOrderType.StopLimit && stop is null)
        {
            fields.Fail("A stop order needs stop_price.");
        }

        signal = signal with
        {
            Action = command,
            Quantity = SignalTerms.Quantity(fields, "qty", "quantity"),
            OrderType = orderType,
            LimitPrice = orderType is SignalOrderType.Limit or SignalOrderType.StopLimit ? limit : null,
            StopPrice = orderType is SignalOrderType.Stop or SignalOrderType.StopLimit ? stop : null,
            ClosesFirst = closesFirst || fields.Flag("flattenfirst") == true,
            Only = SignalTerms.Stance(fields, "requiremarketposition"),
        };
        return SignalProtectionTerms.Read(
            fields, signal, ProtectionNames.Target with { ZeroIsNothing = true }, ProtectionNames.Stop with { ZeroIsNothing = true });
    }

    private static SignalStance? Side(SignalFields fields) => SignalTerms.Stance(fields, "requiremarketposition");

    private static SignalAction? ActionOf(string word) => word switch
    {
        "buy" or "buytocover" => SignalAction.Buy,
        "sell" or "sellshort" => SignalAction.Sell,
        _ => null,
    };

    private static SignalOrderType? OrderTypeOf(string word) => word switch
    {
        "market" => SignalOrderType.Market,
        "limit" => SignalOrderType.Limit,
        "stop" or "stopmarket" => SignalOrderType.Stop,
        "stoplimit" => SignalOrderType.StopLimit,
        _ => null,
    };
}

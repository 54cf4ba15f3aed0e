namespace TradeActors.Domain.Signals;

/// <summary>A JSON alert message built from TradingView's strategy placeholders, flat or with an inner <c>strategy</c> object.</summary>
/// <remarks>
/// Source: field/signals.md, "TradingView alerts" and the precedence below it, and API.md, "Webhooks".
/// <list type="number">
/// <item><c>market_position</c> (or <c>sentiment</c>) of flat closes all, whatever the action says: an exit's action word is "sell" or "buy".</item>
/// <item><c>market_position</c> with a size, or a signed <c>position_size</c>, is a target position.</item>
/// <item><c>market_position</c> without a size is a direction.</item>
/// <item>Only then the action counts.</item>
/// </list>
/// <para><c>id</c> and <c>order_id</c> hold {{strategy.order.id}}, Pine's name for an order such as "Long", the same at every entry: taken as a key
/// for deduplication they would drop every entry but the first. <c>alert_id</c> and <c>uuid</c> tend to name the alert or the bot, with the same
/// effect. Only <c>signal_id</c> is a key here; without it the body's hash serves, which <c>timenow</c> makes unique per firing.</para>
/// </remarks>
internal sealed class TradingViewDialect : ISignalDialect
{
    private static readonly string[] ActionNames = ["action", "orderaction", "strategy.orderaction", "strategy.order.action"];
    private static readonly string[] OtherActionNames = ["side", "signal", "direction"];
    private static readonly string[] MarketPosition = ["marketposition", "strategy.marketposition"];
    private static readonly string[] MarketPositionSize = ["marketpositionsize", "strategy.marketpositionsize"];
    private static readonly string[] PositionSize = ["positionsize", "strategy.positionsize", "position"];

    // "contracts" and "order_id" are TradingView's own words, and bodies with no more than these often carry an "id" that is not unique.
    private static readonly string[] Tells =
    [
        .. MarketPosition, .. MarketPositionSize, "positionsize", "strategy.positionsize",
        "orderaction", "strategy.orderaction", "strategy.order.action",
        "prevmarketposition", "prevmarketpositionsize", "strategy.prevmarketposition", "strategy.prevmarketpositionsize",
        "contracts", "ordercontracts", "strategy.ordercontracts", "strategy.order.contracts",
        "orderid", "strategy.orderid", "strategy.order.id", "orderprice", "strategy.orderprice", "strategy.order.price", "timenow",
    ];

    public bool Recognises(SignalFields fields) => fields.HasAny(Tells);

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = SignalTerms.Read(fields, SignalSource.TradingView) with
        {
            Id = SignalTerms.Id(fields, "signalid") ?? SignalTerms.Id(fields, "alerttimestamp"),
            SentAt = fields.Instant("timenow"),
        };
        var (position, sentiment) = (SignalTerms.Stance(fields, MarketPosition), SignalTerms.Stance(fields, "sentiment"));
        if (position == SignalStance.Flat || sentiment == SignalStance.Flat)
        {
            return SignalTerms.CloseAll(fields, signal);
        }

        if (position is not null && sentiment is not null && position != sentiment)
        {
            fields.Fail("\"sentiment\" and \"market_position\" name different sides. Give one of them.");
        }

        var stance = position ?? sentiment;
        var named = fields.HasAny(ActionNames) ? ActionNames : Array.Find(OtherActionNames, name => fields.HasAny(name)) is { } other ? [other] : ActionNames;
        var action = SignalTerms.Command(fields, named);
        if (fields.HasAny(MarketPositionSize) || fields.HasAny(PositionSize))
        {
            return SignalTerms.MoveTo(fields, signal, Target(fields, stance));
        }

        if (stance is null && !fields.HasAny(named) && !fields.HasAny(MarketPosition))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" ({{strategy.order.action}}) "
                + "or \"market_position\" ({{strategy.market_position}}).");
        }

        return SignalTerms.Act(fields, signal, action, stance);
    }

    /// <summary>The signed target. After a contradiction, which is reported, the value means nothing.</summary>
    private static decimal Target(SignalFields fields, SignalStance? stance)
    {
        var (absolute, signed) = (fields.Number(MarketPositionSize), fields.Number(PositionSize));
        if (absolute < 0m)
        {
            fields.Fail($"{fields.KeyOf(MarketPositionSize)} is below 0. Give the size, and the side in \"market_position\".");
        }

        if (absolute is not null && signed is not null && absolute != Math.Abs(signed.Value))
        {
            fields.Fail($"{fields.KeyOf(MarketPositionSize)} and {fields.KeyOf(PositionSize)} differ. Give one of them.");
        }

        var size = absolute ?? Math.Abs(signed ?? 0m);
        switch (stance)
        {
            case SignalStance.Long or SignalStance.Short when size == 0m && (absolute ?? signed) is not null:
                fields.Fail("The position is said to be long or short, but its size is 0. Send \"market_position\":\"flat\" to close.");
                return 0m;
            case SignalStance.Long when signed < 0m:
                fields.Fail($"The position is said to be long, but {fields.KeyOf(PositionSize)} is below 0.");
                return 0m;
            case SignalStance.Long:
                return size;
            case SignalStance.Short:
                return -size;
            case null when signed is null && size != 0m:
                fields.Fail($"{fields.KeyOf(MarketPositionSize)} does not say on which side. Add \"market_position\".");
                return 0m;
            default:
                return signed ?? 0m;
        }
    }
}

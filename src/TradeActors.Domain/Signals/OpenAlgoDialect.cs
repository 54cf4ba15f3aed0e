namespace TradeActors.Domain.Signals;

/// <summary>OpenAlgo's placeorder, placesmartorder and strategy webhook.</summary>
/// <remarks>
/// Source: field/signals.md, "OpenAlgo". <c>position_size</c> is a signed target, 0 for flat; that placesmartorder also uses 0 for "just this order" cannot be told
/// from it, and a close that opens costs more than an entry that is missed. In the strategy webhook BUY 0 ends a short and SELL 0 a long. Templates fill
/// prices that are not used with 0. <c>product</c> and <c>disclosed_quantity</c> belong to its own brokers.
/// </remarks>
internal sealed class OpenAlgoDialect : ISignalDialect
{
    private static readonly string[] Tells = ["pricetype", "product", "disclosedquantity"];

    public bool Recognises(SignalFields fields) => fields.HasAny(Tells);

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = new ParsedSignal { Source = SignalSource.OpenAlgo, Symbol = SignalTerms.Symbol(fields, "symbol") };
        var command = SignalTerms.Command(fields, "action");
        if (fields.Number("positionsize") is { } target)
        {
            _ = fields.Number("quantity"); // Read all the same: a damaged number says that the body is damaged.
            return WithOrder(fields, signal with { TargetPosition = target });
        }

        if (command is null && !fields.HasAny("action"))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" (BUY or SELL).");
        }

        var quantity = fields.Number("quantity");
        if (quantity == 0m && command?.Action is SignalAction.Buy or SignalAction.Sell)
        {
            return signal with { Action = SignalAction.Close, Only = command.Value.Action == SignalAction.Buy ? SignalStance.Short : SignalStance.Long };
        }

        if (quantity < 0m)
        {
            fields.Fail($"{fields.KeyOf("quantity")} is below 0. Give the side in \"action\".");
        }

        return WithOrder(fields, signal with { Action = command?.Action, Only = command?.Only, Quantity = quantity > 0m ? quantity : null });
    }

    private static ParsedSignal WithOrder(SignalFields fields, ParsedSignal signal)
    {
        var type = fields.Word(OrderTypeOf, "MARKET, LIMIT, SL, SL-M", "pricetype");
        var (price, trigger) = (fields.Positive("price"), fields.Positive("triggerprice"));
        if (type is SignalOrderType.Limit or SignalOrderType.StopLimit && price is null)
        {
            fields.Fail("This pricetype needs \"price\".");
        }

        if (type is SignalOrderType.Stop or SignalOrderType.StopLimit && trigger is null)
        {
            fields.Fail("This pricetype needs \"trigger_price\".");
        }

        return signal with
        {
            Price = price,
            OrderType = type,
            LimitPrice = type is SignalOrderType.Limit or SignalOrderType.StopLimit ? price : null,
            StopPrice = type is SignalOrderType.Stop or SignalOrderType.StopLimit ? trigger : null,
        };
    }

    private static SignalOrderType? OrderTypeOf(string word) => word switch
    {
        "market" => SignalOrderType.Market,
        "limit" => SignalOrderType.Limit,
        "sl" => SignalOrderType.StopLimit,
        "slm" => SignalOrderType.Stop,
        _ => null,
    };
}

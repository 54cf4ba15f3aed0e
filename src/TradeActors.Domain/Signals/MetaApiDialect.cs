namespace TradeActors.Domain.Signals;

/// <summary>MetaApi CopyFactory's external signals: <c>type</c> is a position or order type of MetaTrader.</summary>
/// <remarks>Source: field/signals.md, "Others". <c>volume</c> is taken in the instrument's own unit. <c>time</c> may be the position's, so it is not the time of sending.</remarks>
internal sealed class MetaApiDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => fields.Find("type") is { Kind: SignalFieldKind.Text } type
        && SignalFields.Fold(type.Text) is var word && (word.StartsWith("positiontype", StringComparison.Ordinal) || word.StartsWith("ordertype", StringComparison.Ordinal));

    public ParsedSignal Read(SignalFields fields)
    {
        var (action, orderType) = fields.Word(
            TypeOf, "POSITION_TYPE_BUY, POSITION_TYPE_SELL, ORDER_TYPE_BUY_LIMIT, ORDER_TYPE_SELL_LIMIT, ORDER_TYPE_BUY_STOP, ORDER_TYPE_SELL_STOP", "type")
            ?? (SignalAction.Buy, SignalOrderType.Market);
        var price = fields.Positive("openprice");
        if (orderType != SignalOrderType.Market && price is null)
        {
            fields.Fail("This type needs \"openPrice\".");
        }

        var signal = new ParsedSignal
        {
            Source = SignalSource.MetaApi,
            Action = action,
            Symbol = SignalTerms.Symbol(fields, "symbol"),
            Quantity = SignalTerms.Quantity(fields, "volume"),
            Price = price,
            OrderType = orderType,
            LimitPrice = orderType == SignalOrderType.Limit ? price : null,
            StopPrice = orderType == SignalOrderType.Stop ? price : null,
        };
        return SignalProtectionTerms.Read(
            fields, signal, ProtectionNames.Target with { ZeroIsNothing = true }, ProtectionNames.Stop with { ZeroIsNothing = true });
    }

    private static (SignalAction, SignalOrderType)? TypeOf(string word) => word switch
    {
        "positiontypebuy" or "ordertypebuy" => (SignalAction.Buy, SignalOrderType.Market),
        "positiontypesell" or "ordertypesell" => (SignalAction.Sell, SignalOrderType.Market),
        "ordertypebuylimit" => (SignalAction.Buy, SignalOrderType.Limit),
        "ordertypeselllimit" => (SignalAction.Sell, SignalOrderType.Limit),
        "ordertypebuystop" => (SignalAction.Buy, SignalOrderType.Stop),
        "ordertypesellstop" => (SignalAction.Sell, SignalOrderType.Stop),
        _ => null,
    };
}

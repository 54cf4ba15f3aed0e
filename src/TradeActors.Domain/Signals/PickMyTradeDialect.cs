namespace TradeActors.Domain.Signals;

/// <summary>PickMyTrade's JSON: <c>data</c> says what to do.</summary>
/// <remarks>
/// Source: field/signals.md, "PickMyTrade". <c>date</c> is {{timenow}}: the time of sending. It is not taken as the key for deduplication by itself, since
/// two different signals of one second share it; as a part of the body it makes the body's hash a better one. Which accounts trade is a matter of the
/// recorder's subscriptions, so <c>multiple_accounts</c>, <c>platform</c> and the like are left aside. Templates fill what is not used with 0.
/// </remarks>
internal sealed class PickMyTradeDialect : ISignalDialect
{
    private static readonly string[] Tells =
        ["date", "riskpercentage", "percentagetp", "percentagesl", "dollartp", "dollarsl", "multipleaccounts", "connectionname", "reverseorderclose", "platform"];

    private static readonly ProtectionNames Target = new(["tp"], ["percentagetp"], [], [], ["dollartp"], ZeroIsNothing: true);
    private static readonly ProtectionNames Stop = new(["sl"], ["percentagesl"], [], [], ["dollarsl"], ZeroIsNothing: true);

    public bool Recognises(SignalFields fields) => fields.Find("data") is { Kind: SignalFieldKind.Text } && fields.HasAny(Tells);

    public ParsedSignal Read(SignalFields fields)
    {
        foreach (var name in (string[])["trail", "trailstop", "trailtrigger", "trailfreq", "updatetp", "updatesl", "breakeven", "breakevenoffset"])
        {
            fields.NoteUnbuilt(name);
        }

        var price = fields.Positive("price");
        var orderType = fields.Word(OrderTypeOf, "MKT, LMT", "ordertype");
        if (orderType == SignalOrderType.Limit && price is null)
        {
            fields.Fail("A limit order (LMT) needs \"price\".");
        }

        var mayAdd = fields.Flag("pyramid") ?? fields.Flag("duplicatepositionallow") ?? true;
        var command = SignalTerms.Command(fields, "data");
        var signal = new ParsedSignal
        {
            Source = SignalSource.PickMyTrade,
            Action = command?.Action,
            Only = command?.Only,
            Symbol = SignalTerms.Symbol(fields, "symbol"),
            Price = price,
            OrderType = orderType,
            LimitPrice = orderType == SignalOrderType.Limit ? price : null,
            Quantity = fields.Positive("quantity"),
            Size = SignalTerms.Size(fields),
            IgnoreSameDirection = !mayAdd,
            SentAt = fields.Instant("date"),
        };
        return SignalProtectionTerms.Read(fields, signal, Target, Stop);
    }

    private static SignalOrderType? OrderTypeOf(string word) => word switch
    {
        "mkt" or "market" => SignalOrderType.Market,
        "lmt" or "limit" => SignalOrderType.Limit,
        _ => null,
    };
}

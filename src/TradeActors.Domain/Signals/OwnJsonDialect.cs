namespace TradeActors.Domain.Signals;

/// <summary>
/// This project's own JSON: <c>{action, symbol?|ticker?, quantity?, price?, orderType?, limitPrice?, stopPrice?, takeProfit?, stopLoss?,
/// position?, id?}</c>.
/// </summary>
/// <remarks>Source: API.md, "Webhooks". <c>qty</c> and <c>size</c> stand for <c>quantity</c>. A <c>sentiment</c> of flat beats the action.</remarks>
internal sealed class OwnJsonDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => true;

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = SignalTerms.Read(fields, SignalSource.Json) with { Id = SignalTerms.Id(fields, "id") };
        var stance = SignalTerms.Stance(fields, "sentiment");
        if (stance == SignalStance.Flat)
        {
            return SignalTerms.CloseAll(fields, signal);
        }

        var action = SignalTerms.Action(fields, "action");
        if (fields.Number("position") is { } target)
        {
            if (action == SignalAction.Close && target != 0m)
            {
                fields.Fail("The action closes, but \"position\" is not 0. Give one of them.");
            }

            return SignalTerms.MoveTo(fields, signal, target);
        }

        if (!fields.HasAny("action", "position", "sentiment"))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" (buy, sell, close, reverse) "
                + "or \"position\" (the wanted position, below 0 for short).");
        }

        return SignalTerms.Act(fields, signal, action, stance);
    }
}

namespace TradeActors.Domain.Signals;

/// <summary>
/// This project's own JSON: <c>{action, symbol?|ticker?, quantity?, price?, orderType?, limitPrice?, stopPrice?, takeProfit?, stopLoss?,
/// position?, id?}</c>.
/// </summary>
/// <remarks>
/// Source: API.md, "Webhooks", and field/signals.md, "Just.Trades field synonyms": <c>qty</c>, <c>size</c> and <c>contracts</c> stand for <c>quantity</c>,
/// <c>instrument</c> for <c>symbol</c>; the action is the first of <c>action, order_action, side, signal, direction, type</c>. A <c>sentiment</c> of flat beats it.
/// <c>sl</c> and <c>tp</c> alone are not carried out; <c>alertTimestamp</c> (TVHub) is a key like <c>id</c>.
/// </remarks>
internal sealed class OwnJsonDialect : ISignalDialect
{
    private static readonly string[] ActionNames = ["action", "orderaction", "side", "signal", "direction"];

    public bool Recognises(SignalFields fields) => true;

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = SignalTerms.Read(fields, SignalSource.Json) with { Id = SignalTerms.Id(fields, "id") ?? SignalTerms.Id(fields, "alerttimestamp") };
        var stance = SignalTerms.Stance(fields, "sentiment");
        if (stance == SignalStance.Flat)
        {
            return SignalTerms.CloseAll(fields, signal);
        }

        var named = Array.Find(ActionNames, name => fields.HasAny(name)) ?? (SignalTerms.IsCommand(fields, "type") ? "type" : "action");
        var action = SignalTerms.Command(fields, named);
        if (fields.Number("position") is { } target)
        {
            if (action?.Action == SignalAction.Close && target != 0m)
            {
                fields.Fail("The action closes, but \"position\" is not 0. Give one of them.");
            }

            return SignalTerms.MoveTo(fields, signal, target);
        }

        if (!fields.HasAny(named, "position", "sentiment"))
        {
            fields.Fail("The signal does not say what to do. Add \"action\" (buy, sell, close, reverse) "
                + "or \"position\" (the wanted position, below 0 for short).");
        }

        return SignalTerms.Act(fields, signal, action, stance);
    }
}

namespace TradeActors.Domain.Signals;

/// <summary>OctoBot's text: <c>EXCHANGE=…;SYMBOL=…;SIGNAL=BUY;TOKEN=…</c>.</summary>
/// <remarks>
/// Source: field/signals.md, "Others", which documents these four; order type, volume and prices are read under their plain names. The volume is a
/// number, or a percent: of the equity, for a close of what is held. The exchange is left aside: the recorder's accounts decide where is traded.
/// </remarks>
internal sealed class OctoBotDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => fields.HasAny("signal");

    public ParsedSignal Read(SignalFields fields)
    {
        foreach (var name in (string[])["reduceonly", "leverage", "tag"])
        {
            fields.NoteUnbuilt(name);
        }

        var command = SignalTerms.Command(fields, "signal");
        var signal = SignalTerms.Read(fields, SignalSource.OctoBot);
        if (fields.HasAny("volume") && fields.HasAny("quantity"))
        {
            fields.Fail($"{fields.KeyOf("volume")} and {fields.KeyOf("quantity")} mean the same. Give one of them.");
        }

        return SignalPercent.Sized(
            fields, signal with { Action = command?.Action, Only = command?.Only }, fields.HasAny("volume") ? "volume" : "quantity");
    }
}

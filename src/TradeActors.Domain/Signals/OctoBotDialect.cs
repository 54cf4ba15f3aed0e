using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>OctoBot's text: <c>EXCHANGE=…;SYMBOL=…;SIGNAL=BUY;TOKEN=…</c>.</summary>
/// <remarks>
/// Source: field/signals.md, "Others", which documents these four; order type, volume (a number, or a percent of the equity) and prices are read under
/// their plain names. The exchange is left aside: the recorder's accounts decide where is traded.
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
        var volume = fields.Find("volume") is { } field && field.Text.TrimEnd().EndsWith('%') ? null : SignalTerms.Quantity(fields, "volume", "quantity");
        var percent = volume is null && fields.HasAny("volume") ? SignalPercent.Read(fields, "volume") : null;
        return SignalTerms.Sized(
            signal with
            {
                Action = command?.Action,
                Only = command?.Only,
                Size = percent is { } share ? new SignalSize(SizingUnit.PercentOfEquity, share) : signal.Size,
            },
            volume);
    }
}

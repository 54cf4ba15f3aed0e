using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>Autoview's text: <c>e=exchange s=symbol b=long q=1 sl=1% tp=2%</c>, and <c>c=position</c> to close.</summary>
/// <remarks>
/// Source: field/signals.md, "Others". <c>q</c> is a number, or a percent: of the equity, for a close of what is held. <c>sl</c> and <c>tp</c> in percent are distances from the entry; without a
/// percent sign they may be prices or distances, so they are not carried out. <c>e</c> and <c>a</c> (exchange, account) are left aside.
/// </remarks>
internal sealed class AutoviewDialect : ISignalDialect
{
    public bool Recognises(SignalFields fields) => fields.HasAny("b", "c");

    public ParsedSignal Read(SignalFields fields)
    {
        var signal = new ParsedSignal { Source = SignalSource.Autoview, Symbol = SignalTerms.Symbol(fields, "s", "symbol") };
        foreach (var name in (string[])["p", "fp", "ts", "l", "delay"])
        {
            fields.NoteUnbuilt(name);
        }

        fields.NoteUnbuilt("t", "market");
        if (fields.HasAny("b") && fields.HasAny("c"))
        {
            fields.Fail("The text both opens (b=) and closes (c=). Send two alerts.");
        }

        if (fields.HasAny("c"))
        {
            var what = fields.Word(CloseOf, "position, order", "c");
            signal = signal with { Action = what ?? SignalAction.Close, Only = SignalTerms.Stance(fields, "d") };
        }
        else
        {
            var side = fields.Word(SideOf, "long, short, buy, sell", "b");
            signal = signal with { Action = side, StopLossDistance = Distance(fields, "sl"), TakeProfitDistance = Distance(fields, "tp") };
        }

        return SignalPercent.Sized(fields, signal, "q");
    }

    private static Distance? Distance(SignalFields fields, string name)
    {
        if (fields.Find(name) is not { } field)
        {
            return null;
        }

        if (!field.Text.EndsWith('%'))
        {
            _ = fields.Number(name);
            fields.NoteNotBuilt($"{SignalText.Quote(field.Key)} without a percent sign may be a price or a distance. Write it like {name}=1%.");
            return null;
        }

        return SignalPercent.Distance(fields, name) is { } percent ? new Distance(DistanceUnit.Percent, percent) : null;
    }

    private static SignalAction? SideOf(string word) => word switch
    {
        "long" or "buy" => SignalAction.Buy,
        "short" or "sell" => SignalAction.Sell,
        _ => null,
    };

    private static SignalAction? CloseOf(string word) => word switch
    {
        "position" or "pos" => SignalAction.Close,
        "order" => SignalAction.Cancel,
        _ => null,
    };
}

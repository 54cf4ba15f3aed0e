using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>Autoview's text: <c>e=exchange s=symbol b=long q=1 sl=1% tp=2%</c>, and <c>c=position</c> to close.</summary>
/// <remarks>
/// Source: field/signals.md, "Others". <c>q</c> is a number or a percent of the equity. <c>sl</c> and <c>tp</c> in percent are distances from the entry; without a
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
            return signal with { Action = what ?? SignalAction.Close, Only = fields.HasAny("b") ? null : SignalTerms.Stance(fields, "d") };
        }

        var side = fields.Word(SideOf, "long, short, buy, sell", "b");
        return Sized(fields, signal with { Action = side, StopLossDistance = Distance(fields, "sl"), TakeProfitDistance = Distance(fields, "tp") });
    }

    private static ParsedSignal Sized(SignalFields fields, ParsedSignal signal)
    {
        var isPercent = fields.Find("q") is { } quantity && quantity.Text.TrimEnd().EndsWith('%');
        return isPercent
            ? SignalPercent.Read(fields, "q") is { } percent ? signal with { Size = new SignalSize(SizingUnit.PercentOfEquity, percent) } : signal
            : signal with { Quantity = SignalTerms.Quantity(fields, "q") };
    }

    private static Distance? Distance(SignalFields fields, string name)
    {
        if (fields.Find(name) is not { } field)
        {
            return null;
        }

        if (!field.Text.TrimEnd().EndsWith('%'))
        {
            fields.NoteNotBuilt($"{SignalText.Quote(field.Key)} without a percent sign may be a price or a distance. Write it like {field.Key}=1%.");
            return null;
        }

        return SignalPercent.Read(fields, name) is { } percent ? new Distance(DistanceUnit.Percent, percent) : null;
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

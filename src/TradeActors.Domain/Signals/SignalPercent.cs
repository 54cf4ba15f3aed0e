using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>Values written with a percent sign.</summary>
internal static class SignalPercent
{
    private static bool IsIn(SignalFields fields, string name) => fields.Find(name) is { } field && field.Text.TrimEnd().EndsWith('%');

    private static decimal? Share(SignalFields fields, string name) => Read(fields, name) is var percent && percent > 0m ? percent : Fail(fields, name);

    /// <summary>A distance, whose sign only repeats on which side it lies; null with a fault when there is no number, or it is 0.</summary>
    public static decimal? Distance(SignalFields fields, string name) =>
        Read(fields, name) is { } percent and not 0m ? Math.Abs(percent) : Fail(fields, name);

    /// <summary>The signal with the size in that field: a number, or a percent of what is held for a close and of the equity for the rest.</summary>
    public static ParsedSignal Sized(SignalFields fields, ParsedSignal signal, string name)
    {
        if (!IsIn(fields, name))
        {
            return signal with { Quantity = SignalTerms.Quantity(fields, name) };
        }

        return Share(fields, name) is not { } share ? signal
            : signal.Action == SignalAction.Close ? signal with { ClosePercent = Math.Min(share, 100m) }
            : signal with { Size = new SignalSize(SizingUnit.PercentOfEquity, share) };
    }

    private static decimal? Read(SignalFields fields, string name) => fields.Find(name)!.Text.Trim() is [.. var number, '%']
        && ExactDecimal.Parse(number.Trim(), out var percent) == ExactDecimal.Outcome.Exact ? percent : null;

    private static decimal? Fail(SignalFields fields, string name)
    {
        fields.Fail($"{fields.KeyOf(name)} is {SignalText.Quote(fields.Find(name)!.Text)}, which is no percentage above 0. Write it like 1.5%.");
        return null;
    }
}

namespace TradeActors.Domain.Signals;

/// <summary>Values written with a percent sign.</summary>
internal static class SignalPercent
{
    /// <summary>The number in front of the sign, its own sign left out; null with a fault when there is none, or it is 0.</summary>
    public static decimal? Read(SignalFields fields, string name)
    {
        var field = fields.Find(name)!;
        if (ExactDecimal.Parse(field.Text.Trim().TrimEnd('%').Trim(), out var percent) == ExactDecimal.Outcome.Exact && percent != 0m)
        {
            return Math.Abs(percent);
        }

        fields.Fail($"{SignalText.Quote(field.Key)} is {SignalText.Quote(field.Text)}, which is no percentage. Write it like 1.5%.");
        return null;
    }
}

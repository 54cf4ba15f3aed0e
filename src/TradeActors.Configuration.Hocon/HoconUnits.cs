using System.Globalization;

namespace TradeActors.Configuration.Hocon;

/// <summary>Times and sizes as HOCON writes them: a number, blanks if you like, and a unit. Units are case-sensitive.</summary>
public static class HoconUnits
{
    internal const string DurationHint = "Write a number and a unit (ns, us, ms, s, m, h, d or their long names), such as 500 ms, 10s or 2 minutes.";
    internal const string BytesHint =
        "Write a number that is not negative and a unit (B, kB, MB, GB for powers of 1000; KiB, MiB, GiB for powers of 1024), such as 64KiB or 10MB.";

    private const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly Dictionary<string, decimal> Ticks = Units(
        (0.01m, "ns nano nanos nanosecond nanoseconds"),
        (TimeSpan.TicksPerMicrosecond, "us micro micros microsecond microseconds"),
        (TimeSpan.TicksPerMillisecond, "ms milli millis millisecond milliseconds"),
        (TimeSpan.TicksPerSecond, "s second seconds"),
        (TimeSpan.TicksPerMinute, "m minute minutes"),
        (TimeSpan.TicksPerHour, "h hour hours"),
        (TimeSpan.TicksPerDay, "d day days"));

    private static readonly Dictionary<string, decimal> Bytes = Units(
    [
        (1, "B b byte bytes"),
        .. "kilo mega giga tera peta exa zetta yotta".Split(' ').Select((name, index) =>
            (Power(1000, index + 1), $"{(index == 0 ? "k" : "MGTPEZY"[(index - 1)..index])}B {name}byte {name}bytes")),
        .. "kibi mebi gibi tebi pebi exbi zebi yobi".Split(' ').Select((name, index) =>
        {
            var letter = "KMGTPEZY"[index];
            return (Power(1024, index + 1), $"{letter} {char.ToLowerInvariant(letter)} {letter}i {letter}iB {name}byte {name}bytes");
        }),
    ]);

    /// <summary>A number alone means milliseconds. Rounded to 100 ns.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var isTime = TryParse(text, Ticks, "ms", out var ticks) && ticks is >= long.MinValue and <= long.MaxValue;
        duration = isTime ? TimeSpan.FromTicks((long)decimal.Round(ticks)) : default;
        return isTime;
    }

    /// <summary>A number alone means bytes. Parts of a byte are cut off.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        var isSize = TryParse(text, Bytes, "B", out var size) && size is >= 0 and <= long.MaxValue;
        bytes = isSize ? (long)size : default;
        return isSize;
    }

    private static bool TryParse(string text, Dictionary<string, decimal> units, string standard, out decimal value)
    {
        var trimmed = text.Trim();
        var numberLength = trimmed.Length;
        while (numberLength > 0 && char.IsLetter(trimmed[numberLength - 1]))
        {
            numberLength--;
        }

        var (number, unit) = (trimmed[..numberLength].TrimEnd(), trimmed[numberLength..]);
        value = 0;
        if (!units.TryGetValue(unit.Length == 0 ? standard : unit, out var factor)
            || !decimal.TryParse(number, Number, CultureInfo.InvariantCulture, out var count)
            || Math.Abs(count) > decimal.MaxValue / Math.Max(factor, 1))
        {
            return false;
        }

        value = count * factor;
        return true;
    }

    private static decimal Power(decimal of, int exponent) => exponent == 0 ? 1 : of * Power(of, exponent - 1);

    private static Dictionary<string, decimal> Units(params IEnumerable<(decimal Factor, string Names)> units) =>
        units.SelectMany(unit => unit.Names.Split(' ').Select(name => (name, unit.Factor))).ToDictionary(StringComparer.Ordinal);
}

using System.Globalization;

namespace TradeActors.Domain.Signals;

/// <summary>Reads decimals without rounding: a price that cannot be held exactly is refused, where decimal.Parse would round it in silence.</summary>
internal static class ExactDecimal
{
    /// <summary>What a decimal holds for certain; some 29-digit numbers fit too, but nobody should have to know which.</summary>
    public const int MaxSignificantDigits = 28;

    private const int MaxScale = 28;
    private const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public enum Outcome
    {
        Exact,
        /// <summary>Not <c>[+-]digits[.digits][e[+-]digits]</c>, ASCII digits and no separators.</summary>
        NotANumber,
        /// <summary>A number, but with too many digits, too large or too small.</summary>
        NotExact,
    }

    public static Outcome Parse(ReadOnlySpan<char> text, out decimal value)
    {
        value = 0m;
        var at = text is ['+' or '-', ..] ? 1 : 0;
        var (digits, significant, zeros) = (0, 0, 0);
        var (seenPoint, afterPoint) = (false, 0);
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && !seenPoint)); at++)
        {
            if (text[at] == '.')
            {
                seenPoint = true;
                continue;
            }

            digits++;
            afterPoint += seenPoint ? 1 : 0;
            if (text[at] != '0')
            {
                significant += zeros + 1;
                zeros = 0;
            }
            else if (significant > 0)
            {
                zeros++; // Significant only if a digit other than 0 follows.
            }
        }

        if (digits == 0 || !TryReadExponent(text[at..], out var exponent))
        {
            return Outcome.NotANumber;
        }

        if (significant == 0)
        {
            return Outcome.Exact;
        }

        var lowestDigit = (long)exponent - afterPoint + zeros;
        return significant <= MaxSignificantDigits && lowestDigit >= -MaxScale
            && decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out value)
            ? Outcome.Exact : Outcome.NotExact;
    }

    private static bool TryReadExponent(ReadOnlySpan<char> text, out int exponent)
    {
        exponent = 0;
        return text.IsEmpty
            || (text[0] is 'e' or 'E' && int.TryParse(text[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent));
    }
}

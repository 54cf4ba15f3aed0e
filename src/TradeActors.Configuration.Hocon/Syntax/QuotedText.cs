using System.Globalization;
using System.Text;

namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>Strings in quotes: one pair as in JSON, or three, between which everything is taken as it stands.</summary>
internal static class QuotedText
{
    private const string Triple = "\"\"\"";

    /// <summary>Reads the string that begins at the cursor's quote and moves behind it.</summary>
    public static string Take(Cursor at) => at.StartsWith(Triple) ? TakeTriple(at) : TakeSingle(at);

    // Any quotes beyond the closing three belong to the string.
    private static string TakeTriple(Cursor at)
    {
        at.Advance(Triple.Length);
        var (start, end) = (at.Position, at.IndexOf(Triple));
        if (end < 0)
        {
            at.Advance(-Triple.Length);
            throw at.Error("The text in three quotes does not end. Close it with \"\"\".");
        }

        at.Advance(end - start + Triple.Length);
        while (at.Current == '"')
        {
            at.Advance();
        }

        return at.Since(start)[..^Triple.Length];
    }

    private static string TakeSingle(Cursor at)
    {
        var open = at.Here;
        at.Advance();
        var text = new StringBuilder();
        while (at.Current != '"')
        {
            if (at.IsAtEnd || at.Current == '\n')
            {
                throw new HoconException(open, "The text in quotes does not end on its line. Close it with a quote, or put three quotes on either side.");
            }

            text.Append(at.Current == '\\' ? TakeEscape(at) : TakePlain(at));
        }

        at.Advance();
        return text.ToString();
    }

    private static char TakePlain(Cursor at)
    {
        var c = at.Current;
        if (c < ' ')
        {
            throw at.Error($"Text in quotes cannot hold {at.Describe()}. Write it as \\u{(int)c:x4}, or put three quotes on either side.");
        }

        at.Advance();
        return c;
    }

    private static char TakeEscape(Cursor at)
    {
        at.Advance();
        var c = at.Current switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => TakeUnicode(at),
            _ => throw at.Error(
                $"A backslash cannot stand before {at.Describe()}. Write \\\\ for a backslash; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits."),
        };
        at.Advance();
        return c;
    }

    // Leaves the cursor on the last digit.
    private static char TakeUnicode(Cursor at)
    {
        var start = at.Position + 1;
        for (var digit = 0; digit < 4; digit++)
        {
            at.Advance();
            if (!char.IsAsciiHexDigit(at.Current))
            {
                throw at.Error($"\\u wants four hex digits, such as \\u00e9, and here is {at.Describe()}.");
            }
        }

        at.Advance();
        var digits = at.Since(start);
        at.Advance(-1);
        return (char)ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}

using System.Buffers;
using System.Text;

namespace TradeActors.Domain.Signals;

/// <summary>How error texts quote what a sender wrote, and the marks of damage that any text may carry.</summary>
internal static class SignalText
{
    public const string Example = """Send a JSON object such as {"action":"buy","symbol":"ES","quantity":1}.""";

    private const int LongestQuote = 40;
    private const string CurlyQuotes = "\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u201F";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-()\"\\ ");

    /// <summary>The text in quotation marks, cut to 40 characters, with control characters and half surrogates replaced.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(LongestQuote + 3).Append('"');
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++length > LongestQuote)
            {
                quoted.Append('…');
                break;
            }

            quoted.Append((Rune.IsControl(rune) ? Rune.ReplacementChar : rune).ToString());
        }

        return quoted.Append('"').ToString();
    }

    public static bool HasSmartQuotes(ReadOnlySpan<char> text) => text.ContainsAny(CurlyQuotes);

    /// <summary>The first <c>{{…}}</c> left in a text, as far as it can be named; null if there is none. An opening <c>{{</c> alone counts.</summary>
    public static string? FindPlaceholder(ReadOnlySpan<char> text)
    {
        var start = text.IndexOf("{{");
        if (start < 0)
        {
            return null;
        }

        var inside = text[(start + 2)..];
        var length = inside.IndexOf("}}");

        // Only what looks like a placeholder's name is repeated: anything else may be half of the body, a secret included.
        return length is > 0 and <= 64 && inside[..length].IndexOfAnyExcept(NameCharacters) < 0 ? $"{{{{{inside[..length]}}}}}" : "{{…";
    }

    public static string PlaceholderLeft(string placeholder, string where) =>
        $"The placeholder {placeholder}{where} was not replaced by a value. Check its spelling, and that the alert is of the kind that fills it: "
        + "strategy placeholders are filled only in a strategy's alerts.";
}

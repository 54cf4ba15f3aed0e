using System.Text;

namespace TradeActors.Domain.Signals;

/// <summary>Finds secrets in text that no parser accepts: <c>key=…;</c> lists, query strings, damaged JSON. One pass, no way back.</summary>
internal static class SecretScanner
{
    private const string Quotes = "\"'\u2018\u2019\u201C\u201D";

    public static string Redact(string text)
    {
        var kept = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            if (!IsNameCharacter(text[at]))
            {
                kept.Append(text[at++]);
                continue;
            }

            var nameEnd = EndOfName(text, at);
            var valueStart = SignalRedaction.IsSecret(text[at..nameEnd]) ? StartOfValue(text, nameEnd) : null;
            if (valueStart is not { } start)
            {
                kept.Append(text, at, nameEnd - at);
                at = nameEnd;
                continue;
            }

            kept.Append(text, at, start - at).Append("***");
            at = EndOfValue(text, start);
        }

        return kept.ToString();
    }

    private static bool IsNameCharacter(char c) => char.IsLetterOrDigit(c) || c is '_' or '-';

    private static int EndOfName(string text, int at)
    {
        while (at < text.Length && IsNameCharacter(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Past the name's closing quotation mark, the sign and blanks; null where no <c>:</c> or <c>=</c> follows.</summary>
    private static int? StartOfValue(string text, int at)
    {
        at = Skip(text, at, static c => c != '{' && IsBetween(c));
        return at < text.Length && text[at] is ':' or '=' ? Skip(text, at + 1, char.IsWhiteSpace) : null;
    }

    private static int EndOfValue(string text, int start)
    {
        var quote = Skip(text, start, static c => c == '\\');
        if (quote < text.Length && Quotes.Contains(text[quote], StringComparison.Ordinal))
        {
            // A quotation mark inside the secret that should have been escaped ends it too early: go on to something that separates fields.
            return EndOfBare(text, EndOfQuoted(text, quote + 1, text[quote], quote - start));
        }

        return start < text.Length && text[start] is '{' or '[' ? EndOfBare(text, EndOfBracketed(text, start)) : EndOfBare(text, start);
    }

    /// <param name="escapes">Backslashes before the opening quotation mark: JSON wrapped in a text writes <c>\"</c> for it.</param>
    private static int EndOfQuoted(string text, int at, char opening, int escapes)
    {
        var slashes = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                slashes++;
                continue;
            }

            if (Closes(opening, text[at]) && (escapes == 0 ? slashes % 2 == 0 : slashes <= escapes))
            {
                return at + 1;
            }

            slashes = 0;
        }

        return at;
    }

    private static bool Closes(char opening, char c) => opening switch
    {
        '\u201C' or '\u201D' => c is '\u201C' or '\u201D',
        '\u2018' or '\u2019' => c is '\u2018' or '\u2019',
        _ => c == opening,
    };

    private static int EndOfBracketed(string text, int at)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            depth += text[at] is '{' or '[' ? 1 : text[at] is '}' or ']' ? -1 : 0;
            if (depth == 0)
            {
                return at + 1;
            }
        }

        return at;
    }

    /// <summary>Up to a separator, or a blank before the next <c>name=</c>: a password may hold blanks, and some formats separate by them.</summary>
    private static int EndOfBare(string text, int at)
    {
        while (at < text.Length && !IsSeparator(text, at))
        {
            if (!char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var next = Skip(text, at, static c => c is ' ' or '\t');
            var nameEnd = EndOfName(text, next);
            if (nameEnd > next && nameEnd < text.Length && text[nameEnd] is '=' or ':')
            {
                return at;
            }

            at = Math.Max(at + 1, nameEnd);
        }

        return at;
    }

    /// <summary>Signs that a secret may hold as well separate only where the text goes on as it does between fields.</summary>
    private static bool IsSeparator(string text, int at)
    {
        switch (text[at])
        {
            case ';' or '\r' or '\n':
                return true;
            case ',' or '&':
                var name = Skip(text, at + 1, IsBetween);
                var nameEnd = EndOfName(text, name);
                var sign = Skip(text, nameEnd, IsBetween);
                return nameEnd > name && sign < text.Length && text[sign] is ':' or '=';
            case '}' or ']':
                var next = Skip(text, at + 1, static c => c is '"' or '\\' || char.IsWhiteSpace(c));
                return next == text.Length || text[next] is '}' or ']' or ',' or ';';
            default:
                return false;
        }
    }

    private static bool IsBetween(char c) => c is '\\' or '{' || Quotes.Contains(c, StringComparison.Ordinal) || char.IsWhiteSpace(c);

    private static int Skip(string text, int at, Func<char, bool> skipped)
    {
        while (at < text.Length && skipped(text[at]))
        {
            at++;
        }

        return at;
    }
}

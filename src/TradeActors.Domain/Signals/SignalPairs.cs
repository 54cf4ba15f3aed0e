using System.Text;

namespace TradeActors.Domain.Signals;

/// <summary>
/// Reads a text of <c>name=value</c> pairs into <see cref="SignalFields"/>: separated by semicolons or lines, else by blanks. Values may stand in
/// straight quotation marks.
/// </summary>
internal static class SignalPairs
{
    private const int MostPairs = 200;

    /// <summary>Whether a body is such a text: it begins with a name and an equals sign.</summary>
    /// <param name="utf8">Valid UTF-8 without a byte order mark.</param>
    public static bool Looks(ReadOnlySpan<byte> utf8)
    {
        var text = utf8.TrimStart(" \t\r\n"u8);
        var at = 0;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is (byte)'_' or (byte)'-' or (byte)' '))
        {
            at++;
        }

        return at > 0 && at < text.Length && text[at] == (byte)'=' && char.IsAsciiLetter((char)text[0]);
    }

    /// <param name="utf8">Valid UTF-8 without a byte order mark.</param>
    public static SignalFields Read(ReadOnlySpan<byte> utf8)
    {
        var fields = new SignalFields();
        var text = Encoding.UTF8.GetString(utf8);
        var pieces = text.AsSpan().Trim().ContainsAny(";\r\n")
            ? text.Split([';', '\r', '\n'], MostPairs, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : text.Split([' ', '\t'], MostPairs, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (pieces.Length == MostPairs)
        {
            return SignalFields.Unreadable($"The text has {MostPairs} or more parts. Send each signal by itself.");
        }

        foreach (var piece in pieces)
        {
            Add(fields, piece);
        }

        return fields;
    }

    private static void Add(SignalFields fields, string piece)
    {
        var equals = piece.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            // Not repeated: it may be the second half of a secret.
            fields.Fail("A part of the text is no name=value. Separate the parts with semicolons.");
            return;
        }

        var key = piece[..equals].TrimEnd();
        var value = piece[(equals + 1)..].Trim();
        value = value is ['"', .. var inner, '"'] ? inner : value;
        if (HoldsPair(value))
        {
            fields.Fail($"The value of {SignalText.Quote(key)} holds another name=value. Separate all parts in one way: with semicolons, lines or blanks.");
        }

        SignalJson.RefuseDamage(fields, key);
        SignalJson.RefusePlaceholder(fields, key, value);
        if (SignalFields.PathOf("", key) is { Length: > 0 } path)
        {
            fields.Add(path, new SignalField(key, value.Length == 0 ? SignalFieldKind.Null : SignalFieldKind.Text, value));
        }
    }

    /// <summary>Whether a blank and then <c>name=</c> stand in a value: its text is separated in two ways, and what follows would be lost.</summary>
    private static bool HoldsPair(string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? -1 : value.AsSpan(0, equals).LastIndexOfAny(' ', '\t');
        return name >= 0 && name + 1 < equals && char.IsAsciiLetter(value[name + 1]);
    }
}

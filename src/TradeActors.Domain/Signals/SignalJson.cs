using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace TradeActors.Domain.Signals;

/// <summary>Reads a JSON body into <see cref="SignalFields"/>, and finds words for what is wrong with one that is not quite JSON.</summary>
internal static class SignalJson
{
    public const int MaxDepth = 32;

    // The reader's own limit lies above ours: it reports depth by an exception that looks like any other.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * MaxDepth };

    /// <param name="utf8">Valid UTF-8 without a byte order mark.</param>
    public static SignalFields Read(ReadOnlySpan<byte> utf8) => Read(utf8, insideText: false);

    private static SignalFields Read(ReadOnlySpan<byte> utf8, bool insideText)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            return reader.TokenType switch
            {
                JsonTokenType.StartObject => ReadObject(ref reader),
                JsonTokenType.String when !insideText => ReadText(ref reader),
                JsonTokenType.StartArray => SignalFields.Unreadable($"The body is a JSON array. Send each signal by itself. {SignalText.Example}"),
                _ => SignalFields.Unreadable($"The body is a single JSON value, not an object. {SignalText.Example}"),
            };
        }
        catch (JsonException fault)
        {
            return SignalFields.Unreadable(Explain(utf8, fault));
        }
    }

    // Some senders wrap their JSON in a JSON string. Once is a habit; twice would be a mistake.
    private static SignalFields ReadText(ref Utf8JsonReader reader)
    {
        var decoded = TryDecode(ref reader, out var text);
        reader.Read(); // Throws if anything follows.
        if (!decoded)
        {
            return SignalFields.Unreadable(HalfSurrogate("The body"));
        }

        return string.IsNullOrWhiteSpace(text)
            ? SignalFields.Unreadable($"The body is empty. {SignalText.Example}")
            : Read(Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF')), insideText: true);
    }

    private static SignalFields ReadObject(ref Utf8JsonReader reader)
    {
        var fields = new SignalFields();
        var parents = new string?[MaxDepth + 1]; // By depth: the folded name of the object there; null inside arrays.
        parents[1] = "";
        string? path = null;
        var key = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    if (!TryDecode(ref reader, out var name))
                    {
                        return SignalFields.Unreadable(HalfSurrogate("A key"));
                    }

                    key = name;
                    path = SignalFields.PathOf(parents[reader.CurrentDepth], key);
                    RefuseDamage(fields, key);
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MaxDepth:
                    return SignalFields.Unreadable($"The JSON is nested deeper than {MaxDepth} levels. Make it flatter.");
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    parents[reader.CurrentDepth + 1] = reader.TokenType == JsonTokenType.StartObject ? path : null;
                    Add(fields, path, new(key, SignalFieldKind.Composite, ""));
                    break;
                case JsonTokenType.String:
                    if (!TryDecode(ref reader, out var text))
                    {
                        return SignalFields.Unreadable(HalfSurrogate(SignalText.Quote(key)));
                    }

                    RefusePlaceholder(fields, key, text);
                    Add(fields, path, new(key, SignalFieldKind.Text, text));
                    break;
                case JsonTokenType.Number:
                    Add(fields, path, new(key, SignalFieldKind.Number, Encoding.ASCII.GetString(reader.ValueSpan)));
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    Add(fields, path, new(key, SignalFieldKind.Boolean, reader.TokenType == JsonTokenType.True ? "true" : "false"));
                    break;
                case JsonTokenType.Null:
                    Add(fields, path, new(key, SignalFieldKind.Null, ""));
                    break;
            }

            path = null; // The key has had its value; what follows in an array has none.
        }

        return fields;
    }

    private static void Add(SignalFields fields, string? path, SignalField field)
    {
        if (path is not null)
        {
            fields.Add(path, field);
        }
    }

    internal static void RefuseDamage(SignalFields fields, string key)
    {
        if (SignalText.FindPlaceholder(key) is { } placeholder)
        {
            fields.Fail(SignalText.PlaceholderLeft(placeholder, " in a key"));
        }

        if (SignalText.HasSmartQuotes(key))
        {
            fields.Fail($"The key {SignalText.Quote(key)} contains smart quotes. Use straight ones (\").");
        }
    }

    internal static void RefusePlaceholder(SignalFields fields, string key, string text)
    {
        if (SignalText.FindPlaceholder(text) is { } placeholder)
        {
            var named = SignalRedaction.IsSecret(key) ? "{{…" : placeholder;
            fields.Fail(SignalText.PlaceholderLeft(named, $" in {SignalText.Quote(key)}"));
        }
    }

    private static string HalfSurrogate(string where) =>
        $"{where} contains half of a character (an escape \\ud800 to \\udfff without its partner). Send whole characters.";

    private static bool TryDecode(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // The only cause left in valid UTF-8: an escaped surrogate without its partner. The reader has no test for it that does not throw.
            text = null;
            return false;
        }
    }

    private static string Explain(ReadOnlySpan<byte> utf8, JsonException fault)
    {
        var text = Encoding.UTF8.GetString(utf8);
        if (SignalText.FindPlaceholder(text) is { } placeholder)
        {
            return SignalText.PlaceholderLeft(placeholder, "");
        }

        if (SignalText.HasSmartQuotes(text))
        {
            return "The body is not valid JSON: it contains smart quotes (\u201C \u201D). Use straight ones (\").";
        }

        var (at, line, column) = Locate(utf8, fault);
        return $"The body is not valid JSON at line {line}, character {column}: {Cause(utf8[..at], utf8[at..])}";
    }

    /// <summary>Where the reader stopped: the byte, and the line and character in it, both from 1.</summary>
    private static (int At, int Line, int Column) Locate(ReadOnlySpan<byte> utf8, JsonException fault)
    {
        var lineStart = 0;
        for (var line = 0L; line < (fault.LineNumber ?? 0); line++)
        {
            lineStart += utf8[lineStart..].IndexOf((byte)'\n') + 1;
        }

        var at = (int)Math.Min(lineStart + (fault.BytePositionInLine ?? 0), utf8.Length);
        return (at, (int)(fault.LineNumber ?? 0) + 1, Encoding.UTF8.GetCharCount(utf8[lineStart..at]) + 1);
    }

    private static string Cause(ReadOnlySpan<byte> before, ReadOnlySpan<byte> rest) => rest switch
    {
        [] or [(byte)','] => "it ends too early. A quotation mark or a bracket is not closed.",
        [(byte)'}' or (byte)']', ..] when before.TrimEnd(" \t\r\n"u8) is [.., (byte)','] => "a comma stands before the closing bracket. Remove it.",
        [(byte)'/', ..] => "comments are not allowed. Remove them.",
        [(byte)'\'', ..] => "single quotes are not allowed. Use double ones (\").",
        [not (byte)'{', ..] when before.Trim(" \t\r\n"u8).IsEmpty => $"it does not begin with an opening brace. {SignalText.Example}",
        [(byte)'N' or (byte)'I', ..] or [(byte)'-', (byte)'I', ..] => "NaN and Infinity are not numbers. Leave the key out where there is no value.",
        _ => $"{Unexpected(rest)} does not belong there. A quotation mark inside a text must be written \\\", and texts stand in double quotes.",
    };

    private static string Unexpected(ReadOnlySpan<byte> rest)
    {
        Rune.DecodeFromUtf8(rest, out var rune, out _);
        return rune.Value is > 0x20 and < 0x7F ? $"'{rune}'" : $"the character U+{rune.Value:X4}";
    }
}

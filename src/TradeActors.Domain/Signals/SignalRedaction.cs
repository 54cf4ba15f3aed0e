using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TradeActors.Domain.Signals;

/// <summary>Takes the secrets out of a body before it is stored for people to read.</summary>
/// <remarks>
/// In valid JSON this is exact: at any depth, and in JSON or <c>name=value</c> that is wrapped in a text, the whole value of a secret field becomes <c>"***"</c> and
/// everything else stays as it was written. In any other text it is a best effort that would rather hide too much: a secret's name followed by
/// <c>:</c> or <c>=</c> loses what comes after it. Both take time linear in the text. Applying it twice changes nothing more.
/// </remarks>
public static class SignalRedaction
{
    /// <summary>How much is kept of a body that could not be understood, in bytes of UTF-8.</summary>
    public const int InvalidBodyMaxBytes = 4096;

    private const string Mask = "***";

    // JSON wrapped in text wrapped in text: every level doubles the backslashes, so a deeper one is no accident and is scanned as text.
    private const int MaxWrapping = 3;

    // Bodies of any depth are redacted exactly, also those that are refused for it.
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = 1 << 20 };

    private static readonly string[] Names = ["key", "pass", "passwd", "pwd", "auth", "authorization", "secretkey", "accesskey", "privatekey"];
    private static readonly string[] Endings = ["secret", "token", "apikey", "password", "passphrase"];

    /// <summary>Whether a field of this name holds a secret. Compared as keys are; <c>access_token</c> is a token.</summary>
    public static bool IsSecret(string name)
    {
        var folded = SignalFields.Fold(name);
        return Names.Contains(folded, StringComparer.Ordinal) || Array.Exists(Endings, ending => folded.EndsWith(ending, StringComparison.Ordinal));
    }

    /// <summary>As <see cref="Redact(string, int)"/>, for a body as it came. Bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Redact(ReadOnlySpan<byte> raw, int maxBytes = int.MaxValue) => Redact(Encoding.UTF8.GetString(raw), maxBytes);

    /// <summary>The text without its secrets, cut to <paramref name="maxBytes"/> bytes of UTF-8 between two characters.</summary>
    /// <returns>Text that any store can hold: NUL and half surrogates become U+FFFD.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 0.</exception>
    public static string Redact(string raw, int maxBytes = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return Cut(RedactAny(raw.Replace('\0', '\uFFFD'), MaxWrapping), maxBytes);
    }

    private static string RedactAny(string text, int wrapping)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var start = utf8.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        try
        {
            return Encoding.UTF8.GetString(utf8.AsSpan(0, start)) + RedactJson(utf8.AsSpan(start), wrapping);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it holds half a surrogate pair.
            return SecretScanner.Redact(Encoding.UTF8.GetString(utf8));
        }
    }

    private static string RedactJson(ReadOnlySpan<byte> utf8, int wrapping)
    {
        var kept = new StringBuilder(utf8.Length);
        var keptTo = 0;
        var reader = new Utf8JsonReader(utf8, AnyDepth);
        var secret = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                secret = IsSecret(reader.GetString()!);
                continue;
            }

            var start = (int)reader.TokenStartIndex;
            var replacement = secret ? $"\"{Mask}\"" : reader.TokenType == JsonTokenType.String ? Unwrapped(ref reader, wrapping) : null;
            if (secret)
            {
                reader.Skip();
            }

            if (replacement is not null)
            {
                kept.Append(Encoding.UTF8.GetString(utf8[keptTo..start])).Append(replacement);
                keptTo = (int)reader.BytesConsumed;
            }

            secret = false;
        }

        return kept.Append(Encoding.UTF8.GetString(utf8[keptTo..])).ToString();
    }

    /// <summary>The token to put in place of a text that is JSON or name=value itself and holds secrets; null to leave it as it is.</summary>
    private static string? Unwrapped(ref Utf8JsonReader reader, int wrapping)
    {
        var inner = reader.GetString()!;
        var isJson = inner.AsSpan().TrimStart(" \t\r\n\uFEFF").StartsWith('{') || inner.AsSpan().TrimStart().StartsWith('"');
        if (!isJson && !SignalPairs.Looks(Encoding.UTF8.GetBytes(inner)))
        {
            return null;
        }

        var redacted = isJson && wrapping > 0 ? RedactAny(inner, wrapping - 1) : SecretScanner.Redact(inner);
        return redacted == inner ? null : $"\"{JsonEncodedText.Encode(redacted, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
    }

    private static string Cut(string text, int maxBytes)
    {
        if (text.Length <= maxBytes / 3)
        {
            return text; // A UTF-16 unit never takes more than three bytes.
        }

        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length <= maxBytes)
        {
            return text;
        }

        var end = maxBytes;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(utf8, 0, end);
    }
}

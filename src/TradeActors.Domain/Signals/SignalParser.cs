using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace TradeActors.Domain.Signals;

/// <summary>Reads the body of a webhook, whatever its content type: decodes it and lets the dialect that recognises it say what it means.</summary>
/// <remarks>
/// Never throws, and takes time linear in the body; the caller bounds the size. A body is refused where it could be read in two ways: a signal that
/// a person must repair costs less than one that trades something else.
/// <para>A new dialect is one more <see cref="ISignalDialect"/> in <see cref="Dialects"/>; one that is not JSON also fills <see cref="SignalFields"/>
/// by a reader of its own, chosen in <see cref="Parse"/>.</para>
/// </remarks>
public static class SignalParser
{
    // The first that recognises a body reads it; this project's own JSON comes last because it takes whatever is left.
    private static readonly ISignalDialect[] Dialects = [new TradingViewDialect(), new OwnJsonDialect()];

    public static SignalParse Parse(ReadOnlySpan<byte> body)
    {
        if (Undecodable(body) is { } undecodable)
        {
            return new SignalParse.Invalid(undecodable);
        }

        var fields = SignalJson.Read(WithoutByteOrderMark(body));
        if (fields.Error is null)
        {
            RefuseKeysThatChangeTheMeaning(fields);
        }

        if (fields.Error is { } unreadable)
        {
            return new SignalParse.Invalid(unreadable);
        }

        var signal = Array.Find(Dialects, dialect => dialect.Recognises(fields))!.Read(fields);
        return fields.Error is { } error ? new SignalParse.Invalid(error) : new SignalParse.Parsed(signal);
    }

    private static string? Undecodable(ReadOnlySpan<byte> body)
    {
        if (WithoutByteOrderMark(body).Trim(" \t\r\n"u8).IsEmpty)
        {
            return $"The body is empty. {SignalText.Example}";
        }

        if (body is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return "The body is UTF-16. Send it as UTF-8.";
        }

        return Utf8.IsValid(body)
            ? null : $"The body is not valid UTF-8: byte {FirstInvalidByte(body) + 1} is not part of a character. Send it as UTF-8.";
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(body[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    private static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> body) => body is [0xEF, 0xBB, 0xBF, ..] ? body[3..] : body;

    // Unknown keys are ignored, but these, from formats that are not understood yet, turn a quantity, a price or the whole signal into something
    // else. Ignoring "quantityType":"percent_of_equity" would buy 5 contracts for 5 %.
    private static void RefuseKeysThatChangeTheMeaning(SignalFields fields)
    {
        RefuseUnless(fields, "quantitytype", "fixed_quantity");
        RefuseUnless(fields, "pricetype", "market");
        RefuseUnless(fields, "test", "false");
        RefuseUnless(fields, "strategyinfo", null);
    }

    private static void RefuseUnless(SignalFields fields, string name, string? harmless)
    {
        if (fields.Find(name) is not { } field || string.Equals(field.Text.Trim(), harmless, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var instead = harmless is null ? "Leave it out." : $"Leave it out, or send {SignalText.Quote(harmless)}.";
        fields.Fail($"The key {SignalText.Quote(field.Key)} changes what the signal means in a way that is not understood yet. {instead}");
    }
}

using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace TradeActors.Domain.Signals;

/// <summary>Reads the body of a webhook, whatever its content type: decodes it and lets the dialect that recognises it say what it means.</summary>
/// <remarks>
/// Never throws, and takes time linear in the body; the caller bounds the size. A body is refused where it could be read in two ways: a signal that
/// a person must repair costs less than one that trades something else.
/// <para>A new dialect is one more <see cref="ISignalDialect"/> in one of the two lists: of JSON bodies, and of texts made of <c>name=value</c>.</para>
/// </remarks>
public static class SignalParser
{
    // The first that recognises a body reads it. Those with words that no other has come first; TradingView's words are also used by others, and this
    // project's own JSON takes whatever is left.
    private static readonly ISignalDialect[] JsonDialects =
    [
        new ThreeCommasDialect(), new PickMyTradeDialect(), new OpenAlgoDialect(), new MetaApiDialect(), new WunderTradingDialect(), new TradersPostDialect(),
        new TradingViewDialect(), new OwnJsonDialect(),
    ];

    private static readonly ISignalDialect[] TextDialects = [new CrossTradeDialect(), new OctoBotDialect(), new AutoviewDialect()];

    public static SignalParse Parse(ReadOnlySpan<byte> body)
    {
        if (Undecodable(body) is { } undecodable)
        {
            return new SignalParse.Invalid(undecodable);
        }

        body = WithoutByteOrderMark(body);
        var isText = SignalPairs.Looks(body);
        var fields = isText ? SignalPairs.Read(body) : SignalJson.Read(body);
        var dialect = fields.Error is null ? Array.Find(isText ? TextDialects : JsonDialects, dialect => dialect.Recognises(fields)) : null;
        if (dialect is null)
        {
            return new SignalParse.Invalid(fields.Error ?? UnknownText);
        }

        var signal = dialect.Read(fields);
        return fields.Error is { } error ? new SignalParse.Invalid(error)
            : new SignalParse.Parsed(Settled(signal) with { NotBuilt = fields.NotBuilt });
    }

    /// <summary>Without what has no meaning beside its action: a dialect reads many fields before it knows what the body comes to.</summary>
    private static ParsedSignal Settled(ParsedSignal signal)
    {
        var takesSide = signal.Action is SignalAction.Buy or SignalAction.Sell;
        var size = takesSide || signal.Action is SignalAction.Reverse or SignalAction.Add ? signal.Size : null;
        var percent = signal.Action is SignalAction.Close ? signal.ClosePercent : null;
        return signal with
        {
            Quantity = size is null && percent is null ? signal.Quantity : null,
            Size = size,
            ClosePercent = percent,
            ClosesFirst = takesSide && signal.ClosesFirst,
            IgnoreSameDirection = takesSide && signal.IgnoreSameDirection,
        };
    }

    private static readonly string UnknownText =
        "The text is of no form that is understood: it has neither command= (CrossTrade), nor signal= (OctoBot), nor b= or c= (Autoview). "
        + SignalText.Example;

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
}

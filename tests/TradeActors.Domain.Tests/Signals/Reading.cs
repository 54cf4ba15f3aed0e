using System.Text;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>Reads bodies for the tests of this folder.</summary>
internal static class Reading
{
    public static SignalParse Parse(string body) => SignalParser.Parse(Encoding.UTF8.GetBytes(body));

    public static ParsedSignal Signal(string body) => Parse(body) switch
    {
        SignalParse.Parsed parsed => parsed.Signal,
        SignalParse.Invalid invalid => throw new Xunit.Sdk.XunitException($"Not read: {body}\n{invalid.Error}"),
        var other => throw new Xunit.Sdk.XunitException($"Unexpected {other}."),
    };

    public static string Error(string body) => Parse(body) is SignalParse.Invalid invalid
        ? invalid.Error : throw new Xunit.Sdk.XunitException($"Read, but should have been refused: {body}");
}

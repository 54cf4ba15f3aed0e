using System.Text;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>Damages good bodies in a fixed sequence of ways, 1,000,000 in all. A failure names the seed and the round, and shows the body.</summary>
public class SignalParserFuzzTests
{
    private const ulong Seed = 20260501;
    private const int ParserRounds = 950_000;
    private const int PlaceholderRounds = 25_000;
    private const int RedactionRounds = 25_000;

    private static readonly string[] Sources = [.. SignalExamples.List.Select(example => example.Source)];

    [Fact]
    public void No_damage_makes_the_parser_throw_or_break_its_promises()
    {
        var body = new DamagedBody(new Pcg32(Seed));
        var read = Sources.ToDictionary(source => source, _ => 0, StringComparer.Ordinal);
        for (var round = 0; round < ParserRounds; round++)
        {
            body.Next();
            switch (Parse(round, body.Bytes))
            {
                case SignalParse.Parsed parsed:
                    read[parsed.Signal.Source]++;
                    Check(round, body.Bytes, BrokenPromise(parsed.Signal));
                    break;
                case SignalParse.Invalid invalid:
                    Check(round, body.Bytes, invalid.Error.Length > 0 && !HasControl(invalid.Error) ? null : "an unfit error");
                    break;
            }
        }

        // Else the damage is such that nothing beyond the first checks is tried.
        Assert.All(read, dialect => Assert.True(dialect.Value > ParserRounds / 1000, $"{dialect.Key} was read {dialect.Value} times."));
    }

    [Fact]
    public void No_body_with_a_placeholder_left_in_it_becomes_a_signal()
    {
        var random = new Pcg32(Seed, sequence: 1);
        var body = new DamagedBody(random);
        for (var round = 0; round < PlaceholderRounds; round++)
        {
            if (random.Chance(0.5))
            {
                body.Good();
            }
            else
            {
                body.Next();
            }

            body.Insert("{{strategy.order.action}}"u8);
            Check(round, body.Bytes, Parse(round, body.Bytes) is SignalParse.Invalid ? null : "a signal");
        }
    }

    [Fact]
    public void No_damage_makes_the_redaction_throw_or_exceed_its_limit()
    {
        var random = new Pcg32(Seed, sequence: 2);
        var body = new DamagedBody(random);
        for (var round = 0; round < RedactionRounds; round++)
        {
            body.Next();
            var limit = random.Next(200);
            try
            {
                Check(round, body.Bytes, Encoding.UTF8.GetByteCount(SignalRedaction.Redact(body.Bytes, limit)) <= limit ? null : "more bytes than the limit");
                var whole = SignalRedaction.Redact(body.Bytes);
                Check(round, body.Bytes, SignalRedaction.Redact(whole) == whole ? null : $"other text the second time: {whole}");
            }
            catch (Exception fault) when (fault is not Xunit.Sdk.XunitException)
            {
                throw new Xunit.Sdk.XunitException($"{Describe(round, body.Bytes)} threw {fault}");
            }
        }
    }

    /// <summary>The first promise of <see cref="ParsedSignal"/> that does not hold; null if all do.</summary>
    private static string? BrokenPromise(ParsedSignal signal)
    {
        var takesSide = signal.Action is SignalAction.Buy or SignalAction.Sell;
        var enters = takesSide || signal.Action is SignalAction.Reverse or SignalAction.Add;
        return signal.Action is null == signal.TargetPosition is null ? "an action and a target, or neither"
            : signal.Quantity is not (null or > 0m) || (signal.Quantity is not null && signal.Action is null) ? "a quantity that is not above 0, or beside a target"
            : signal is { Price: 0m } or { LimitPrice: 0m } or { StopPrice: 0m } or { TakeProfit: 0m } or { StopLoss: 0m } ? "a price of 0"
            : signal is { OrderType: SignalOrderType.Limit or SignalOrderType.StopLimit, LimitPrice: null } ? "no limit"
            : signal is { OrderType: SignalOrderType.Stop or SignalOrderType.StopLimit, StopPrice: null } ? "no stop price"
            : signal.Size is { } size && (!enters || signal.Quantity is not null || size.Value <= 0m || size.Unit == SizingUnit.Contracts) ? "an unfit size"
            : signal.ClosePercent is { } percent && (signal.Action != SignalAction.Close || signal.Quantity is not null || percent is not (> 0m and <= 100m))
                ? "an unfit percent to close"
            : !takesSide && (signal.ClosesFirst || signal.IgnoreSameDirection) ? "what belongs to buy and sell beside something else"
            : signal.TakeProfitDistance is { Value: <= 0m } || signal.StopLossDistance is { Value: <= 0m } ? "a distance that is not above 0"
            : signal is { TakeProfit: not null, TakeProfitDistance: not null } or { StopLoss: not null, StopLossDistance: not null } ? "a price and a distance"
            : !IsFit(signal.Symbol, 64) || !IsFit(signal.Id, 128) || !IsFit(signal.NotBuilt, 4096) ? "an unfit text"
            : signal.SentAt is { } sentAt && sentAt.Offset != TimeSpan.Zero ? "a time that is not UTC"
            : null;
    }

    private static bool IsFit(string? text, int longest) => text is null
        || (text.Length > 0 && text.Length <= longest && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !HasControl(text));

    private static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }

    private static SignalParse Parse(int round, ReadOnlySpan<byte> body)
    {
        try
        {
            return SignalParser.Parse(body);
        }
        catch (Exception fault)
        {
            throw new Xunit.Sdk.XunitException($"{Describe(round, body)} threw {fault}");
        }
    }

    private static void Check(int round, ReadOnlySpan<byte> body, string? broken)
    {
        if (broken is not null)
        {
            throw new Xunit.Sdk.XunitException($"{Describe(round, body)} gave {broken}.");
        }
    }

    private static string Describe(int round, ReadOnlySpan<byte> body) =>
        $"Seed {Seed}, round {round}, body {Convert.ToBase64String(body)} ({Encoding.UTF8.GetString(body)})";
}

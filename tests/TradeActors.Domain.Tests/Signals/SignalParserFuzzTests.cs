using System.Text;
using TradeActors.Domain.Common;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>Damages good bodies in a fixed sequence of ways. A failure names the seed and the round; both fix the body.</summary>
public class SignalParserFuzzTests
{
    private const ulong Seed = 20260501;
    private const int Rounds = 120_000;

    private static readonly byte[][] Bodies =
    [
        .. new[]
        {
            """{"action":"buy","symbol":"ES","quantity":2,"price":5000.25,"orderType":"limit","limitPrice":"5001","takeProfit":5050,"stopLoss":4990,"id":"a-1"}""",
            """{"action":"reverse","ticker":"ESU2026","position":"-3","token":"s3cret"}""",
            """{"ticker":"ES1!","action":"sell","contracts":"3","position_size":"-2","market_position":"short","market_position_size":"2","timenow":"2026-05-01T13:30:02Z"}""",
            """{"passphrase":"x","ticker":"MNQ1!","strategy":{"order_action":"sell","market_position":"flat","order_contracts":4},"bar":[1,2,{"a":null}]}""",
            "\"{\\\"action\\\":\\\"close\\\",\\\"symbol\\\":\\\"NQ\\\",\\\"key\\\":\\\"x\\\"}\"",
            "key=abc; command=PLACE; instrument=MNQ 06-25; action=BUY; qty=1;",
            "\uFEFF {\"action\":\"buy\",\"comment\":\"“smart” é 😀 \\u00e9 \\ud83d\\ude00\",\"sentiment\":\"flat\"}",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", "\\", ":", ",", "\\u", "\\ud800", "\u0000", "NaN", "null", "true", "-", "1e999", "1e-30", "0", "“", "'", "/*", "//", "=", ";",
            "\"action\":\"buy\",", "\"market_position\":\"flat\",", "\"position_size\":0,", "\"quantity\":-1,", "\"token\":", "key=", "{{", "}}", "\n", "\uFEFF",
            new string('[', 40), new string('9', 40),
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xE2, 0x82],
    ];

    [Fact]
    public void No_damage_makes_the_parser_throw_or_break_its_promises()
    {
        var random = new Pcg32(Seed);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var body = Damaged(random);
            switch (Try(round, body, () => SignalParser.Parse(body)))
            {
                case SignalParse.Parsed parsed:
                    read++;
                    Check(round, body, KeepsPromises(parsed.Signal), "a signal that breaks the promises of ParsedSignal");
                    break;
                case SignalParse.Invalid invalid:
                    Check(round, body, invalid.Error.Length > 0 && !invalid.Error.Any(char.IsControl), $"an unfit error: {invalid.Error}");
                    break;
            }
        }

        Assert.InRange(read, Rounds / 50, Rounds); // Else the damage is such that nothing beyond the first checks is tried.
    }

    [Fact]
    public void No_body_with_a_placeholder_left_in_it_becomes_a_signal()
    {
        var random = new Pcg32(Seed, sequence: 1);
        for (var round = 0; round < Rounds / 4; round++)
        {
            var body = random.Chance(0.5) ? Bodies[random.Next(Bodies.Length)] : Damaged(random);
            body = Insert(body, random.Next(body.Length + 1), "{{strategy.order.action}}"u8.ToArray());
            Check(round, body, Try(round, body, () => SignalParser.Parse(body)) is SignalParse.Invalid, "a signal");
        }
    }

    [Fact]
    public void No_damage_makes_the_redaction_throw_or_exceed_its_limit()
    {
        var random = new Pcg32(Seed, sequence: 2);
        for (var round = 0; round < Rounds / 4; round++)
        {
            var body = Damaged(random);
            var limit = random.Next(200);
            var redacted = Try(round, body, () => SignalRedaction.Redact(body, limit));
            Check(round, body, Encoding.UTF8.GetByteCount(redacted) <= limit, "more bytes than the limit");
            var whole = SignalRedaction.Redact(body);
            Check(round, body, SignalRedaction.Redact(whole) == whole, $"other text the second time: {whole} then {SignalRedaction.Redact(whole)}");
        }
    }

    private static bool KeepsPromises(ParsedSignal signal) =>
        signal.Action is null != signal.TargetPosition is null
        && signal.Quantity is null or > 0m
        && (signal.Quantity is null || signal.Action is not null)
        && signal is not { Price: 0m } and not { LimitPrice: 0m } and not { StopPrice: 0m } and not { TakeProfit: 0m } and not { StopLoss: 0m }
        && (signal.OrderType is not (SignalOrderType.Limit or SignalOrderType.StopLimit) || signal.LimitPrice is not null)
        && (signal.OrderType is not (SignalOrderType.Stop or SignalOrderType.StopLimit) || signal.StopPrice is not null)
        && IsFit(signal.Symbol) && IsFit(signal.Id)
        && Sources.Contains(signal.Source);

    private static readonly string[] Sources =
    [
        SignalSource.Json, SignalSource.TradingView, SignalSource.TradersPost, SignalSource.OpenAlgo, SignalSource.ThreeCommas, SignalSource.PickMyTrade,
        SignalSource.CrossTrade, SignalSource.Autoview, SignalSource.OctoBot, SignalSource.MetaApi, SignalSource.WunderTrading,
    ];

    private static bool IsFit(string? text) => text is null || (text.Length is > 0 and <= 128 && text == text.Trim() && !text.Any(char.IsControl));

    private static byte[] Damaged(Pcg32 random)
    {
        var body = Bodies[random.Next(Bodies.Length)];
        for (var damages = 1 + random.Next(3); damages > 0; damages--)
        {
            var at = random.Next(body.Length + 1);
            var length = Math.Min(random.Next(12), body.Length - at);
            body = random.Next(6) switch
            {
                0 => [.. body[..at], .. body[(at + length)..]],
                1 => body[..at],
                2 => Insert(body, at, body[at..(at + length)]),
                3 => Insert(body, at, [(byte)random.Next(256)]),
                4 => Insert(body, at, [.. Bodies[random.Next(Bodies.Length)].Take(random.Next(80))]),
                _ => Insert(body, at, Tokens[random.Next(Tokens.Length)]),
            };
        }

        return body;
    }

    private static byte[] Insert(byte[] body, int at, byte[] inserted) => [.. body[..at], .. inserted, .. body[at..]];

    private static T Try<T>(int round, byte[] body, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception fault)
        {
            throw new Xunit.Sdk.XunitException($"{Describe(round, body)} threw {fault}");
        }
    }

    private static void Check(int round, byte[] body, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new Xunit.Sdk.XunitException($"{Describe(round, body)} gave {otherwise}.");
        }
    }

    private static string Describe(int round, byte[] body) => $"Seed {Seed}, round {round}, body {Convert.ToBase64String(body)} ({Encoding.UTF8.GetString(body)})";
}

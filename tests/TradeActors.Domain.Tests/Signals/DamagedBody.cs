using System.Text;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>A good body, damaged in one to three ways. The buffer is used again for every round.</summary>
internal sealed class DamagedBody(Pcg32 random)
{
    private static readonly byte[][] Bodies =
    [
        .. SignalExamples.List.Select(example => Encoding.UTF8.GetBytes(example.Body)),
        .. new[]
        {
            """{"action":"reverse","ticker":"ESU2026","position":"-3","token":"s3cret"}""",
            """{"ticker":"ES1!","action":"sell","contracts":"3","market_position":"short","market_position_size":"2","no_duplicate":true,"risk_amount":5}""",
            """{"passphrase":"x","ticker":"MNQ1!","strategy":{"order_action":"sell","market_position":"flat","order_contracts":4},"bar":[1,2,{"a":null}]}""",
            """{"ticker":"MNQ","action":"exit","quantity":50,"quantityType":"percent_of_position","takeProfit":{"percent":2},"stopLoss":{"amount":4}}""",
            "\"{\\\"action\\\":\\\"close\\\",\\\"symbol\\\":\\\"NQ\\\",\\\"key\\\":\\\"x\\\"}\"",
            "e=BITMEX s=BTCUSD c=position q=50% d=long",
            "\uFEFF {\"action\":\"buy\",\"comment\":\"“smart” é 😀 \\u00e9 \\ud83d\\ude00\",\"sentiment\":\"flat\"}",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", "\\", ":", ",", "\\u", "\\ud800", "\u0000", "NaN", "null", "true", "-", "1e999", "1e-30", "0", "“", "'", "/*", "//", "=", ";",
            "%", " ", "\v", "\u2028", "\"action\":\"buy\",", "\"action\":\"exit\",", "\"market_position\":\"flat\",", "\"position_size\":0,", "\"quantity\":-1,",
            "\"risk_dollars\":50,", "\"sl_ticks\":4,", "\"percentage_tp\":1,", "\"same_direction_ignore\":true,", "\"trail\":1,", ";volume=5%;", "command=FLATTEN;",
            " c=position ", " sl=5 ", "\"token\":", "key=", "{{", "}}", "\n", "\uFEFF", new string('[', 40), new string('9', 40),
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xE2, 0x82],
    ];

    private readonly byte[] _buffer = new byte[4 * Bodies.Max(body => body.Length)];
    private readonly byte[] _moved = new byte[Bodies.Max(body => body.Length)];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public void Next()
    {
        Good();
        for (var damages = 1 + random.Next(3); damages > 0; damages--)
        {
            Damage();
        }
    }

    /// <summary>Any good body, as it is.</summary>
    public void Good()
    {
        var body = Bodies[random.Next(Bodies.Length)];
        body.CopyTo(_buffer, 0);
        _length = body.Length;
    }

    public void Insert(ReadOnlySpan<byte> inserted) => InsertAt(random.Next(_length + 1), inserted);

    private void Damage()
    {
        var at = random.Next(_length + 1);
        var length = Math.Min(random.Next(12), _length - at);
        switch (random.Next(6))
        {
            case 0:
                _buffer.AsSpan((at + length).._length).CopyTo(_buffer.AsSpan(at));
                _length -= length;
                break;
            case 1:
                _length = at;
                break;
            case 2:
                _buffer.AsSpan(at, length).CopyTo(_moved);
                InsertAt(at, _moved.AsSpan(0, length));
                break;
            case 3:
                InsertAt(at, [(byte)random.Next(256)]);
                break;
            case 4:
                var other = Bodies[random.Next(Bodies.Length)];
                InsertAt(at, other.AsSpan(0, Math.Min(other.Length, random.Next(80))));
                break;
            default:
                InsertAt(at, Tokens[random.Next(Tokens.Length)]);
                break;
        }
    }

    private void InsertAt(int at, ReadOnlySpan<byte> inserted)
    {
        _buffer.AsSpan(at.._length).CopyTo(_buffer.AsSpan(at + inserted.Length));
        inserted.CopyTo(_buffer.AsSpan(at));
        _length += inserted.Length;
    }
}

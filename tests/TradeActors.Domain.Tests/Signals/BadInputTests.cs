using System.Globalization;
using System.Text;
using System.Text.Json;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>Every kind of damage in every dialect: refused with the fault's name, or read where the format gives it a meaning.</summary>
public class BadInputTests
{
    public static TheoryData<string> Sources => SignalExamples.Sources;

    public static TheoryData<string> JsonSources => SignalExamples.JsonSources;

    [Theory]
    [MemberData(nameof(JsonSources))]
    public void Json_cut_anywhere_is_refused(string source)
    {
        var body = SignalExamples.Of(source).Body;
        for (var length = 1; length < body.Length; length++)
        {
            Assert.Contains("ends too early", Reading.Error(body[..length]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(JsonSources))]
    public void Malformed_json_is_refused(string source)
    {
        var example = SignalExamples.Of(source);
        Refused("closing bracket", example.Body[..^1] + ",}");
        Refused("single quotes", example.Body.Replace('"', '\''));
        Refused("smart quotes", example.Body.Replace('"', '“'));
        Refused("smart quotes", example.Body.Replace("\"}", "”}", StringComparison.Ordinal).Replace("{\"", "{“", StringComparison.Ordinal));
        Refused("comments", example.With("/* two */ \"note\":1"));
        Refused("not valid JSON", example.With("\"note\":\"my \"best\" long\""));
        Refused("half of a character", example.With("\"note\":\"\\ud800\""));
        Refused("half of a character", example.With("\"\\udfff\":1"));
        Refused("array", $"[{example.Body}]");
        Refused("not valid JSON", example.Body + example.Body);
    }

    [Theory]
    [InlineData(SignalSource.CrossTrade)]
    [InlineData(SignalSource.OctoBot)]
    [InlineData(SignalSource.Autoview)]
    public void A_malformed_text_is_refused(string source)
    {
        var example = SignalExamples.Of(source);
        Refused("no name=value", example.With("and"));
        Refused("no name=value", example.With("=2"));
        Refused("smart quotes", $"a=1{example.Separator}{example.WithKeys(key => $"“{key}”")}");
        Refused("smart quotes", example.WithSize("“2”"));
        Refused("200", example.Body + string.Concat(Enumerable.Range(0, 200).Select(i => $"{example.Separator}a{i}=1")));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_placeholder_left_in_place_of_a_value_or_beside_it_is_named(string source)
    {
        var example = SignalExamples.Of(source);
        Refused("{{strategy.order.contracts}}", example.WithSize("{{strategy.order.contracts}}"));
        Refused("{{strategy.order.contracts}}", example.WithSize("\"{{strategy.order.contracts}}\""));
        Refused("{{close}}", example.With(example.IsJson ? "\"note\":\"{{close}}\"" : "note={{close}}"));
        Refused("{{plot_0}}", example.With(example.IsJson ? "\"{{plot_0}}\":1" : "{{plot_0}}=1"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void What_is_no_number_is_refused(string source)
    {
        var example = SignalExamples.Of(source);
        foreach (var value in (string[])["NaN", "Infinity", "-Infinity"])
        {
            Refused(example.IsJson ? "NaN and Infinity are not numbers" : "not a number", example.WithSize(value));
            Refused("not a number", example.WithSize($"\"{value}\""));
        }

        Refused("not a number", example.WithSize("\"1,5\""));
        Refused("not a number", example.WithSize("\"two\""));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_number_that_no_decimal_holds_is_refused(string source)
    {
        var example = SignalExamples.Of(source);
        foreach (var value in (string[])["1e400", "-1e400", "1e-400", "9e28", "0.12345678901234567890123456789"])
        {
            Refused("cannot be held exactly", example.WithSize(value));
            Refused("cannot be held exactly", example.WithSize($"\"{value}\""));
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Ten_decimals_and_a_huge_size_are_read_exactly(string source)
    {
        foreach (var value in (string[])["1.0123456789", "0.0000000001", "1e28", "1234567890.0123456789"])
        {
            var signal = Reading.Signal(SignalExamples.Of(source).WithSize(value));
            Assert.Equal(decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture), signal.Quantity ?? signal.TargetPosition ?? signal.Size!.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_size_below_zero_is_refused(string source) =>
        Refused(" 0", SignalExamples.Of(source).WithSize("-1"), SignalExamples.Of(source).WithSize("\"-0.5\""), SignalExamples.Of(source).WithSize("-1e28"));

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_size_of_zero_is_refused_where_the_format_gives_it_no_meaning(string source)
    {
        var body = SignalExamples.Of(source).WithSize("0");
        switch (source)
        {
            case SignalSource.OpenAlgo:
                Assert.Equal((SignalAction.Close, SignalStance.Short), Reading.Signal(body) is var closed ? (closed.Action, closed.Only) : default);
                break;
            case SignalSource.PickMyTrade:
                Assert.Equal((SignalAction.Buy, null), Reading.Signal(body) is var own ? (own.Action, own.Quantity) : default);
                break;
            default:
                Refused(" 0", body);
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_key_that_stands_there_twice_is_refused(string source)
    {
        var example = SignalExamples.Of(source);
        Refused("twice", example.With(example.Size), example.With(example.Size.ToUpperInvariant()), example.With(example.Size.Replace("2", "3", StringComparison.Ordinal)));
        Refused("twice", example.With(example.IsJson ? "\"note\":1,\"No_Te\":1" : $"a=1{example.Separator}A=2"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Bytes_that_are_no_utf8_are_refused_with_their_place(string source)
    {
        var body = Encoding.UTF8.GetBytes(SignalExamples.Of(source).Body);
        foreach (var damage in (byte[][])[[0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]])
        {
            byte[] damaged = [.. body[..10], .. damage, .. body[10..]];
            Assert.Contains("not valid UTF-8: byte 11", Assert.IsType<SignalParse.Invalid>(SignalParser.Parse(damaged)).Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Deep_nesting_is_refused_in_json_and_is_text_elsewhere(string source)
    {
        var example = SignalExamples.Of(source);
        var (arrays, objects) = (new string('[', 3000), string.Concat(Enumerable.Repeat("{\"a\":", 3000)));
        if (example.IsJson)
        {
            Refused("32 levels", example.With($"\"deep\":{arrays}{new string(']', 3000)}"), example.With($"\"deep\":{objects}1{new string('}', 3000)}"));
            Refused("32 levels", JsonSerializer.Serialize(example.With($"\"deep\":{arrays}{new string(']', 3000)}")));
        }
        else
        {
            Assert.Equal(Reading.Signal(example.Body), Reading.Signal(example.With($"deep={arrays}")));
        }
    }

    private static void Refused(string reason, params string[] bodies) =>
        Assert.All(bodies, body => Assert.Contains(reason, Reading.Error(body), StringComparison.Ordinal));
}

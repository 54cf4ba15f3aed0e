using System.Text;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class SignalRedactionTests
{
    [Theory]
    [InlineData("""{"action":"buy","token":"hunter2"}""", """{"action":"buy","token":"***"}""")]
    [InlineData("""{ "KEY" : 12345 , "a": 1}""", """{ "KEY" : "***" , "a": 1}""")]
    [InlineData("""{"api_key":"x","ApiKey":"y","api-key":"z","passphrase":null}""", """{"api_key":"***","ApiKey":"***","api-key":"***","passphrase":"***"}""")]
    [InlineData("""{"a":[{"b":{"secret":["x",{"y":1}]}},2]}""", """{"a":[{"b":{"secret":"***"}},2]}""")]
    [InlineData("""{"\u0074oken":"x"}""", """{"\u0074oken":"***"}""")]
    [InlineData("""{"password":"a\"b,\\","symbol":"é"}""", """{"password":"***","symbol":"é"}""")]
    [InlineData("""{"access_token":"x","authorization":"Bearer x"}""", """{"access_token":"***","authorization":"***"}""")]
    [InlineData("\uFEFF{\"token\":\"x\"}", "\uFEFF{\"token\":\"***\"}")]
    [InlineData("\"{\\\"token\\\":\\\"x\\\",\\\"a\\\":\\\"é<\\\"}\"", "\"{\\\"token\\\":\\\"***\\\",\\\"a\\\":\\\"é<\\\"}\"")]
    [InlineData("""{"message":"{\"token\":\"x\"}","action":"buy"}""", """{"message":"{\"token\":\"***\"}","action":"buy"}""")]
    [InlineData("""{"comment":"the key: wait","monkey":"see","tokens":1}""", """{"comment":"the key: wait","monkey":"see","tokens":1}""")]
    [InlineData("\"key=a,b; command=PLACE\"", "\"key=***; command=PLACE\"")]
    [InlineData("""{"text":"SYMBOL=BTCUSD;TOKEN=x;SIGNAL=BUY"}""", """{"text":"SYMBOL=BTCUSD;TOKEN=***;SIGNAL=BUY"}""")]
    [InlineData("[1, 2]", "[1, 2]")]
    [InlineData("", "")]
    public void Secrets_in_json_are_masked_and_all_else_stays_as_written(string raw, string expected) =>
        Assert.Equal(expected, SignalRedaction.Redact(raw));

    [Theory]
    [InlineData("key=abc; command=PLACE; account=Sim101", "key=***; command=PLACE; account=Sim101")]
    [InlineData("EXCHANGE=binance;SYMBOL=BTCUSD;SIGNAL=BUY;TOKEN=abc", "EXCHANGE=binance;SYMBOL=BTCUSD;SIGNAL=BUY;TOKEN=***")]
    [InlineData("key=ab,cd&ef}gh]ij; command=PLACE", "key=***; command=PLACE")]
    [InlineData("key=\"ab;cd\"; command=PLACE", "key=***; command=PLACE")]
    [InlineData("TOKEN=a=b==\nSIGNAL=BUY", "TOKEN=***\nSIGNAL=BUY")]
    [InlineData("token=ab,cd, action=buy", "token=***, action=buy")]
    [InlineData("password = my long pass; a=1", "password = ***; a=1")]
    [InlineData("token=abc def b=long q=1", "token=*** b=long q=1")]
    [InlineData("a=1&token=abc&b=2", "a=1&token=***&b=2")]
    [InlineData("{\"token\":\"abc\",\"action\":\"buy\"", "{\"token\":***,\"action\":\"buy\"")]
    [InlineData("{\"token\":\"a,b\\\"c\",\"action\":\"buy\",}", "{\"token\":***,\"action\":\"buy\",}")]
    [InlineData("{\"token\":\"a\\\", b\",\"action\":\"buy\",}", "{\"token\":***,\"action\":\"buy\",}")]
    [InlineData("{\"token\":\"ab\"cd\",\"action\":\"buy\"}", "{\"token\":***,\"action\":\"buy\"}")]
    [InlineData("{“token”:“abc, def”,“a”:“b”}", "{“token”:***,“a”:“b”}")]
    [InlineData("{'secret':'abc','a':'b'}", "{'secret':***,'a':'b'}")]
    [InlineData("{\"secret\":{\"x\":\"abc\",\"y\":[1]},\"a\":1,}", "{\"secret\":***,\"a\":1,}")]
    [InlineData("\"{\\\"token\\\":\\\"abc, d\\\",\\\"a\\\":1", "\"{\\\"token\\\":***,\\\"a\\\":1")]
    [InlineData("{\"token\":\"abc", "{\"token\":***")]
    [InlineData("the key is here", "the key is here")]
    public void Secrets_in_other_text_are_masked_as_well_as_can_be(string raw, string expected) =>
        Assert.Equal(expected, SignalRedaction.Redact(raw));

    [Theory]
    [InlineData("""{"action":"buy","token":"QZQZQZ","nested":{"password":"QZ\"QZ"}}""")]
    [InlineData("""{"a":1,"secret":{"x":["QZQZ"]},"api_key":"QZ, QZ; QZ"}""")]
    [InlineData("\"{\\\"token\\\":\\\"QZQZ, QZ\\\",\\\"a\\\":1}\"")]
    [InlineData("key=QZQZQZ; command=PLACE; token=QZ;")]
    public void A_body_cut_anywhere_does_not_show_its_secrets(string body)
    {
        for (var length = 0; length <= body.Length; length++)
        {
            Assert.DoesNotContain("QZ", SignalRedaction.Redact(body[..length]), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> Sources => SignalExamples.Sources;

    [Theory]
    [MemberData(nameof(Sources))]
    public void No_example_of_a_dialect_shows_its_secret_whole_or_cut(string source)
    {
        var body = SignalExamples.Of(source).Body;
        Assert.Equal(body.Replace("hunter2", "***", StringComparison.Ordinal), SignalRedaction.Redact(body));
        for (var length = 0; length <= body.Length; length++)
        {
            Assert.DoesNotContain("hun", SignalRedaction.Redact(body[..length]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("aé€😀", 10, "aé€😀")]
    [InlineData("aé€😀", 9, "aé€")]
    [InlineData("aé€😀", 6, "aé€")]
    [InlineData("aé€😀", 5, "aé")]
    [InlineData("aé€😀", 2, "a")]
    [InlineData("aé€😀", 0, "")]
    public void Text_is_cut_between_two_characters(string raw, int maxBytes, string expected) =>
        Assert.Equal(expected, SignalRedaction.Redact(raw, maxBytes));

    [Fact]
    public void Secrets_are_masked_before_the_cut()
    {
        var raw = $$"""{"token":"{{new string('x', 5000)}}","action":"buy"}""";
        Assert.Equal("""{"token":"***","action":"buy"}""", SignalRedaction.Redact(raw, SignalRedaction.InvalidBodyMaxBytes));
    }

    [Fact]
    public void Bytes_that_no_store_holds_as_text_are_replaced()
    {
        Assert.Equal("a\uFFFDb\uFFFD", SignalRedaction.Redact([(byte)'a', 0, (byte)'b', 0xFF]));
        Assert.Equal("token=***;\uFFFD", SignalRedaction.Redact("token=x;\ud800"));
    }

    [Theory]
    [InlineData("key ")]
    [InlineData("token=\"")]
    [InlineData("token=\\")]
    [InlineData("token={")]
    [InlineData("\"key\" \\")]
    [InlineData("key=a b ")]
    [InlineData("key=,")]
    [InlineData("key=a,b&")]
    [InlineData("key=}\"")]
    [InlineData("key=,{ ")]
    [InlineData("{\"secret\":")]
    [InlineData("\\\"")]
    public void A_text_made_to_be_slow_takes_linear_time(string part)
    {
        var raw = new StringBuilder().Insert(0, part, 2_000_000 / part.Length).ToString();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        SignalRedaction.Redact(raw);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"2 MB took {watch.Elapsed}: a quadratic scan would take minutes.");
    }
}

using System.Text;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class SignalParserTests
{
    private static readonly ParsedSignal BuyEs = new() { Source = "json", Action = SignalAction.Buy, Symbol = "ES" };

    [Theory]
    [InlineData("""{"action":"buy","symbol":"ES"}""")]
    [InlineData(" \r\n\t{ \"action\" : \"buy\" , \"symbol\" : \"ES\" } \n")]
    [InlineData("\uFEFF{\"action\":\"buy\",\"symbol\":\"ES\"}")]
    [InlineData("\"{\\\"action\\\":\\\"buy\\\",\\\"symbol\\\":\\\"ES\\\"}\"")]
    [InlineData(" \"\\uFEFF {\\\"action\\\":\\\"buy\\\",\\\"symbol\\\":\\\"ES\\\"} \" ")]
    [InlineData("""{"\u0061ction":"b\u0075y","symbol":"ES","comment":"“quoted” and } and {x}"}""")]
    public void The_same_signal_is_read_however_it_is_wrapped(string body) =>
        Assert.Equal(BuyEs, Reading.Signal(body));

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e2", "100")]
    [InlineData("\"1.5\"", "1.5")]
    [InlineData("\" 2 \"", "2")]
    [InlineData("\"+3\"", "3")]
    [InlineData("\".5\"", "0.5")]
    [InlineData("\"5.\"", "5")]
    [InlineData("\"1E-7\"", "0.0000001")]
    [InlineData("1234567890.123456789012345678", "1234567890.123456789012345678")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("2.50000000000000000000000000000000000000000000", "2.5")]
    [InlineData("\"000000000000000000000000000000000000007\"", "7")]
    [InlineData("10000000000000000000000000000e-28", "1")]
    public void A_decimal_is_read_exactly(string written, string expected) =>
        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            Reading.Signal($$"""{"action":"buy","quantity":{{written}}}""").Quantity);

    [Theory]
    [InlineData("\"1,000\"", "not a number")]
    [InlineData("\"1 000\"", "not a number")]
    [InlineData("\"1,5\"", "not a number")]
    [InlineData("\"$5\"", "not a number")]
    [InlineData("\"5 lots\"", "not a number")]
    [InlineData("\"0x10\"", "not a number")]
    [InlineData("\"(5)\"", "not a number")]
    [InlineData("\"1.2.3\"", "not a number")]
    [InlineData("\"-\"", "not a number")]
    [InlineData("\".\"", "not a number")]
    [InlineData("\"1e\"", "not a number")]
    [InlineData("\"1e5e5\"", "not a number")]
    [InlineData("\"e5\"", "not a number")]
    [InlineData("\"٣\"", "not a number")]
    [InlineData("\"NaN\"", "not a number")]
    [InlineData("\"Infinity\"", "not a number")]
    [InlineData("\"-Infinity\"", "not a number")]
    [InlineData("\"∞\"", "not a number")]
    [InlineData("\"null\"", "not a number")]
    [InlineData("true", "It must be a text or a number")]
    [InlineData("12345678901234567890123456789", "28 significant digits")]
    [InlineData("0.12345678901234567890123456789", "28 significant digits")]
    [InlineData("1e-29", "28 significant digits")]
    [InlineData("1e29", "28 significant digits")]
    [InlineData("1e2147483647", "28 significant digits")]
    [InlineData("1e-2147483648", "28 significant digits")]
    [InlineData("1e99999999999", "not a number")]
    public void What_is_not_an_exact_decimal_is_refused(string written, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"action":"buy","quantity":{{written}}}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \r\n\t ", "empty")]
    [InlineData("\uFEFF", "empty")]
    [InlineData("\"\"", "empty")]
    [InlineData("\"  \"", "empty")]
    [InlineData("[]", "array")]
    [InlineData("""[{"action":"buy"}]""", "array")]
    [InlineData("42", "not an object")]
    [InlineData("null", "not an object")]
    [InlineData("true", "not an object")]
    [InlineData("\"\\\"{}\\\"\"", "not an object")]
    [InlineData("buy ES", "does not begin with an opening brace")]
    [InlineData("NQ long", "does not begin with an opening brace")]
    [InlineData("key=1; quantity=2", "of no form that is understood")]
    [InlineData("""{"action":"buy",}""", "a comma stands before the closing bracket")]
    [InlineData("""{"action":"buy" /* now */}""", "comments")]
    [InlineData("{\"action\":\"buy\" // now\n}", "comments")]
    [InlineData("""{'action':'buy'}""", "single quotes")]
    [InlineData("""{"action":"buy","quantity":NaN}""", "NaN")]
    [InlineData("""{"action":"buy","quantity":-Infinity}""", "Infinity")]
    [InlineData("""{"action":"buy","quantity":Infinity}""", "Infinity")]
    [InlineData("""{"action":"buy","quantity":01}""", "line 1, character")]
    [InlineData("""{"action":"buy","quantity":+1}""", "'+' does not belong there")]
    [InlineData("""{"action":"buy" """, "ends too early")]
    [InlineData("""{"action":"buy""", "ends too early")]
    [InlineData("""{"action":"buy"} {"action":"sell"}""", "line 1, character 18")]
    [InlineData("{\n\"comment\":\"é\", action:\"buy\"}", "line 2, character 16")]
    [InlineData("""{"comment":"my "best" long","action":"buy"}""", "A quotation mark inside a text")]
    [InlineData("{“action”:“buy”}", "smart quotes")]
    [InlineData("{\"action\":\"buy”}", "smart quotes")]
    [InlineData("""{"“action”":"buy"}""", "smart quotes")]
    [InlineData("""{"action":"buy","action":"sell"}""", "twice")]
    [InlineData("""{"action":"buy","Action":"buy"}""", "twice")]
    [InlineData("""{"orderType":"market","order_type":"market","action":"buy"}""", "twice")]
    [InlineData("""{"action":"buy","comment":1,"comment":2}""", "twice")]
    [InlineData("""{"strategy":{"order_action":"buy"},"strategy.order_action":"buy"}""", "twice")]
    [InlineData("""{"action":"buy","comment":"\ud800"}""", "half of a character")]
    [InlineData("""{"action":"buy","\udc00":1}""", "half of a character")]
    [InlineData("\"\\ud800\"", "half of a character")]
    public void A_damaged_body_is_refused_with_a_reason(string body, string reason) =>
        Assert.Contains(reason, Reading.Error(body), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"action":"{{strategy.order.action}}"}""", "{{strategy.order.action}}")]
    [InlineData("""{"action":"buy","quantity":{{strategy.order.contracts}}}""", "{{strategy.order.contracts}}")]
    [InlineData("""{"action":"buy","comment":"at {{close}} or so"}""", "{{close}}")]
    [InlineData("""{"action":"buy","inner":{"list":["{{plot_0}}"]}}""", "{{plot_0}}")]
    [InlineData("""{"action":"buy","note":"{{plot(\"RSI\")}}"}""", "{{plot(\"RSI\")}}")]
    [InlineData("""{"action":"buy","note":"\u007b\u007bclose}}"}""", "{{close}}")]
    [InlineData("""{"action":"buy","{{ticker}}":1}""", "{{ticker}}")]
    [InlineData("\"{\\\"action\\\":\\\"{{ticker}}\\\"}\"", "{{ticker}}")]
    [InlineData("""{"action":"buy","note":"cut {{clo"}""", "{{…")]
    [InlineData("""{{"action":"buy","token":"hunter2"}}""", "{{…")]
    [InlineData("""{"action":"buy","token":"{{hunter2}}"}""", "{{…")]
    public void A_placeholder_left_in_the_body_is_named(string body, string placeholder)
    {
        var error = Reading.Error(body);
        Assert.Contains($"placeholder {placeholder} ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', 0xE9, (byte)'}' }, "byte 2")]
    [InlineData(new byte[] { 0xC0, 0x80 }, "byte 1")]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xE2, 0x82 }, "byte 3")]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'{', 0 }, "UTF-16")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0, (byte)'{' }, "UTF-16")]
    public void Bytes_that_are_not_UTF_8_are_refused(byte[] body, string reason) =>
        Assert.Contains(reason, Assert.IsType<SignalParse.Invalid>(SignalParser.Parse(body)).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    [InlineData(63, false)]
    [InlineData(64, false)]
    [InlineData(30_000, false)]
    public void Nesting_is_read_to_32_levels(int arrays, bool read)
    {
        var body = $$"""{"action":"buy","symbol":"ES","deep":{{new string('[', arrays)}}{{new string(']', arrays)}}}""";
        if (read)
        {
            Assert.Equal(BuyEs, Reading.Signal(body));
        }
        else
        {
            Assert.Contains("32 levels", Reading.Error(body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_error_quotes_little_and_no_control_characters()
    {
        var error = Reading.Error($$"""{"action":"\u0007\n{{new string('x', 10_000)}}"}""");
        Assert.DoesNotContain(error, char.IsControl);
        Assert.True(error.Length < 300, error);
    }

    [Fact]
    public void A_body_with_thousands_of_faults_names_a_few()
    {
        var body = "{" + string.Concat(Enumerable.Repeat("\"a\":\"{{close}}\",", 5_000)) + "\"action\":\"buy\"}";
        Assert.True(Reading.Error(body).Length < 3_000);
    }

    [Fact]
    public void A_body_of_the_largest_size_with_very_long_and_very_many_keys_is_read()
    {
        var body = new StringBuilder("""{"action":"buy","symbol":"ES",""").Append('"').Append('k', 30_000).Append("\":{");
        for (var i = 0; i < 4_000; i++)
        {
            body.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"{i}\":1,");
        }

        Assert.Equal(BuyEs, Reading.Signal(body.Append("\"last\":1}}").ToString()));
    }
}

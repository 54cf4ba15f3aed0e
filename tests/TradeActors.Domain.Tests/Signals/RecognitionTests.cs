using System.Text.Json;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class RecognitionTests
{
    public static TheoryData<string> Sources => SignalExamples.Sources;

    public static TheoryData<string> JsonSources => SignalExamples.JsonSources;

    [Fact]
    public void Every_source_has_an_example() => Assert.Equal(
        typeof(SignalSource).GetFields().Select(field => (string)field.GetValue(null)!).Order(StringComparer.Ordinal),
        SignalExamples.List.Select(example => example.Source).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Sources))]
    public void An_example_is_read_by_its_dialect_whatever_the_case_of_its_keys(string source)
    {
        var example = SignalExamples.Of(source);
        var signal = Reading.Signal(example.Body);
        Assert.Equal((source, null), (signal.Source, signal.NotBuilt));
        Assert.Equal(signal, Reading.Signal(example.WithKeys(key => key.ToUpperInvariant())));
        Assert.Equal(signal, Reading.Signal(example.WithKeys(key => key.ToLowerInvariant())));
        Assert.Equal(signal, Reading.Signal(example.WithKeys(key => key.Replace("_", "-", StringComparison.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(JsonSources))]
    public void Numbers_may_be_texts_and_the_json_may_come_as_a_text(string source)
    {
        var example = SignalExamples.Of(source);
        var signal = Reading.Signal(example.Body);
        Assert.NotEqual(example.Body, example.WithNumbersAsText());
        Assert.Equal(signal, Reading.Signal(example.WithNumbersAsText()));
        Assert.Equal(signal, Reading.Signal(JsonSerializer.Serialize(example.Body)));
    }

    [Theory]
    [InlineData("#SOL/USDT LONG 🚀 Entry: 142.0 - 144.5 | Lev 10x isolated | TP1 147 TP2 151 TP3 160 | SL 138")]
    [InlineData("BTCUSDT short zone 67200–67600, targets 66500 / 65800 / 64000, stop 68250, risk 1%")]
    [InlineData("GOLD BUY NOW @ 3326 - 3329 / SL 3318 / TP 3335 / TP 3342 / TP OPEN")]
    [InlineData("US30 🔻 39,120 • sl 39,200 • tp1 39,050 • tp2 38,950")]
    [InlineData("GBPJPY: move SL to BE, close half")]
    [InlineData("NQ long 18250.25 sl 18220 tp 18300 tp2 18350 x2")]
    [InlineData("BTO 3 SPY 12/20 480C @ 2.45 SL 1.60 (lotto)")]
    [InlineData("TP2 hit ✅ +85 pips")]
    public void A_message_written_for_people_is_refused(string text) =>
        Assert.Contains("does not begin with an opening brace", Reading.Error(text), StringComparison.Ordinal);
}

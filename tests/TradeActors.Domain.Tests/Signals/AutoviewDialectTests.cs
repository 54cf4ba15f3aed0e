using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class AutoviewDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "autoview", Action = SignalAction.Buy, Symbol = "BTCUSD" };
    private static readonly ParsedSignal Close = Buy with { Action = SignalAction.Close };

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        {
            "b=long q=1 sl=1% tp=2%",
            Buy with { Quantity = 1m, StopLossDistance = new Distance(DistanceUnit.Percent, 1m), TakeProfitDistance = new Distance(DistanceUnit.Percent, 2m) }
        },
        { "b=long", Buy },
        { "b=buy", Buy },
        { "b=SHORT q=0.5 t=market", Buy with { Action = SignalAction.Sell, Quantity = 0.5m } },
        { "b=sell", Buy with { Action = SignalAction.Sell } },
        { "b=long q=10%", Buy with { Size = new SignalSize(SizingUnit.PercentOfEquity, 10m) } },
        { "b=long sl=-1.5%", Buy with { StopLossDistance = new Distance(DistanceUnit.Percent, 1.5m) } },
        { "b=long a=main p= ts=0", Buy },
        { "c=position", Close },
        { "c=pos d=long", Close with { Only = SignalStance.Long } },
        { "c=position q=2", Close with { Quantity = 2m } },
        { "c=position q=50%", Close with { ClosePercent = 50m } },
        { "c=position q=200%", Close with { ClosePercent = 100m } },
        { "c=order", Buy with { Action = SignalAction.Cancel } },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string text, ParsedSignal expected)
    {
        Assert.Equal(expected, Reading.Signal($"e=BITMEX s=BTCUSD {text}"));
        Assert.Equal(expected, Reading.Signal($"e=BITMEX;s=BTCUSD;{text.Replace(' ', ';')};"));
    }

    [Theory]
    [InlineData("p=5", "\"p\"")]
    [InlineData("fp=5", "\"fp\"")]
    [InlineData("ts=1%", "\"ts\"")]
    [InlineData("l=10", "\"l\"")]
    [InlineData("delay=5", "\"delay\"")]
    [InlineData("t=limit", "\"t\"")]
    [InlineData("sl=5", "sl=1%")]
    [InlineData("tp=5", "tp=1%")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string text, string named)
    {
        var entry = Reading.Signal($"e=BITMEX s=BTCUSD b=long {text}");
        Assert.Equal(SignalAction.Buy, entry.Action);
        Assert.Contains(named, entry.NotBuilt, StringComparison.Ordinal);
        Assert.Equal(SignalAction.Close, Reading.Signal($"e=BITMEX s=BTCUSD c=position {text}").Action);
    }

    [Theory]
    [InlineData("q=1", "of no form that is understood")]
    [InlineData("b= q=1", "of no form that is understood")]
    [InlineData("b=up", "long, short, buy, sell")]
    [InlineData("c=all", "position, order")]
    [InlineData("b={{strategy.market_position}}", "{{strategy.market_position}}")]
    [InlineData("b=long c=position", "Send two alerts")]
    [InlineData("b=long B=short", "twice")]
    [InlineData("b=long q=-1", "not above 0")]
    [InlineData("b=long q=0", "not above 0")]
    [InlineData("b=long q=NaN", "not a number")]
    [InlineData("b=long q=-5%", "no percentage")]
    [InlineData("b=long q=0%", "no percentage")]
    [InlineData("b=long q=5%%", "no percentage")]
    [InlineData("b=long q=NaN%", "no percentage")]
    [InlineData("c=position q=NaN", "not a number")]
    [InlineData("c=position q=-5%", "no percentage")]
    [InlineData("b=long sl=0%", "no percentage")]
    [InlineData("b=long sl=NaN", "not a number")]
    [InlineData("b=long tp=1e400%", "no percentage")]
    [InlineData("b=long now", "no name=value")]
    [InlineData("b=long\nq=5", "another name=value")]
    public void A_damaged_or_contradictory_text_is_refused_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Reading.Error($"e=BITMEX s=BTCUSD {text}"), StringComparison.Ordinal);

    [Fact]
    public void A_hint_shows_no_control_character_of_the_key() =>
        Assert.DoesNotContain(Reading.Signal("b=long;s\vl=5").NotBuilt!, char.IsControl);
}

using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class OpenAlgoDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "openalgo", Action = SignalAction.Buy, Symbol = "NIFTY" };

    [Fact]
    public void The_documented_order_is_read_whole()
    {
        var signal = Reading.Signal("""
            {"apikey":"k","strategy":"s","symbol":"NIFTY","action":"BUY","exchange":"NSE","pricetype":"MARKET","product":"MIS","quantity":"2","price":"0",
             "trigger_price":"0","disclosed_quantity":"0"}
            """);
        Assert.Equal(Buy with { Quantity = 2m, OrderType = SignalOrderType.Market }, signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "\"action\":\"BUY\"", Buy },
        { "\"action\":\"SELL\",\"quantity\":3", Buy with { Action = SignalAction.Sell, Quantity = 3m } },
        { "\"action\":\"BUY\",\"quantity\":0", Buy with { Action = SignalAction.Close, Only = SignalStance.Short } },
        { "\"action\":\"SELL\",\"quantity\":\"0\"", Buy with { Action = SignalAction.Close, Only = SignalStance.Long } },
        { "\"action\":\"BUY\",\"quantity\":2,\"position_size\":5", Buy with { Action = null, TargetPosition = 5m } },
        { "\"action\":\"SELL\",\"quantity\":2,\"position_size\":\"-5\"", Buy with { Action = null, TargetPosition = -5m } },
        { "\"action\":\"SELL\",\"quantity\":2,\"position_size\":0", Buy with { Action = null, TargetPosition = 0m } },
        { "\"position_size\":1", Buy with { Action = null, TargetPosition = 1m } },
        { "\"action\":\"BUY\",\"pricetype\":\"LIMIT\",\"price\":5", Buy with { OrderType = SignalOrderType.Limit, Price = 5m, LimitPrice = 5m } },
        { "\"action\":\"BUY\",\"pricetype\":\"SL-M\",\"trigger_price\":5", Buy with { OrderType = SignalOrderType.Stop, StopPrice = 5m } },
        {
            "\"action\":\"BUY\",\"pricetype\":\"SL\",\"price\":6,\"trigger_price\":5",
            Buy with { OrderType = SignalOrderType.StopLimit, Price = 6m, LimitPrice = 6m, StopPrice = 5m }
        },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string fields, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal($$"""{"symbol":"NIFTY","product":"MIS",{{fields}}}"""));

    [Theory]
    [InlineData("\"quantity\":1", "does not say what to do")]
    [InlineData("\"action\":\"HOLD\"", "buy, sell")]
    [InlineData("\"action\":\"BUY\",\"quantity\":-1", "below 0")]
    [InlineData("\"action\":\"BUY\",\"quantity\":\"NaN\"", "not a number")]
    [InlineData("\"action\":\"BUY\",\"quantity\":\"NaN\",\"position_size\":1", "not a number")]
    [InlineData("\"action\":\"BUY\",\"position_size\":\"NaN\"", "not a number")]
    [InlineData("\"action\":\"{{strategy.order.action}}\"", "{{strategy.order.action}}")]
    [InlineData("\"action\":\"BUY\",\"pricetype\":\"LIMIT\",\"price\":0", "\"price\"")]
    [InlineData("\"action\":\"BUY\",\"pricetype\":\"SL\",\"price\":1", "\"trigger_price\"")]
    [InlineData("\"action\":\"BUY\",\"pricetype\":\"SL-M\"", "\"trigger_price\"")]
    [InlineData("\"action\":\"BUY\",\"pricetype\":\"TWAP\"", "MARKET, LIMIT, SL, SL-M")]
    [InlineData("\"action\":\"BUY\",\"price\":-1", "below 0")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"symbol":"NIFTY","product":"MIS",{{fields}}}"""), StringComparison.Ordinal);

    [Fact]
    public void An_exit_by_quantity_0_needs_no_price_whatever_its_order_type()
    {
        var signal = Reading.Signal("""{"symbol":"NQ","action":"SELL","quantity":0,"pricetype":"LIMIT","price":0,"product":"MIS"}""");
        Assert.Equal((SignalAction.Close, SignalStance.Long), (signal.Action, signal.Only!.Value));
    }
}

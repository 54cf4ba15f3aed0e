using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class MetaApiDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "metaapi", Action = SignalAction.Buy, Symbol = "EURUSD", OrderType = SignalOrderType.Market };

    [Fact]
    public void The_documented_example_is_read_whole()
    {
        var signal = Reading.Signal("""
            {"symbol":"EURUSD","type":"POSITION_TYPE_BUY","time":"2026-05-01T13:30:00Z","volume":0.1,"openPrice":1.1,"stopLoss":1.09,"takeProfit":1.12}
            """);
        Assert.Equal(Buy with { Quantity = 0.1m, Price = 1.1m, StopLoss = 1.09m, TakeProfit = 1.12m }, signal);
    }

    [Theory]
    [InlineData("POSITION_TYPE_BUY", SignalAction.Buy, SignalOrderType.Market)]
    [InlineData("POSITION_TYPE_SELL", SignalAction.Sell, SignalOrderType.Market)]
    [InlineData("ORDER_TYPE_BUY", SignalAction.Buy, SignalOrderType.Market)]
    [InlineData("order_type_sell", SignalAction.Sell, SignalOrderType.Market)]
    [InlineData("ORDER_TYPE_BUY_LIMIT", SignalAction.Buy, SignalOrderType.Limit)]
    [InlineData("ORDER_TYPE_SELL_LIMIT", SignalAction.Sell, SignalOrderType.Limit)]
    [InlineData("ORDER_TYPE_BUY_STOP", SignalAction.Buy, SignalOrderType.Stop)]
    [InlineData("ORDER_TYPE_SELL_STOP", SignalAction.Sell, SignalOrderType.Stop)]
    public void Every_documented_type_is_read(string type, SignalAction action, SignalOrderType orderType)
    {
        var signal = Reading.Signal($$"""{"symbol":"EURUSD","type":"{{type}}","openPrice":"1.1","stopLoss":0,"takeProfit":0}""");
        Assert.Equal(
            Buy with
            {
                Action = action,
                OrderType = orderType,
                Price = 1.1m,
                LimitPrice = orderType == SignalOrderType.Limit ? 1.1m : null,
                StopPrice = orderType == SignalOrderType.Stop ? 1.1m : null,
            },
            signal);
    }

    [Theory]
    [InlineData("\"type\":\"ORDER_TYPE_BUY_STOP_LIMIT\"", "POSITION_TYPE_BUY")]
    [InlineData("\"type\":\"POSITION_TYPE_\"", "POSITION_TYPE_BUY")]
    [InlineData("\"type\":\"{{type}}\"", "{{type}}")]
    [InlineData("\"volume\":1", "does not say what to do")]
    [InlineData("\"type\":\"ORDER_TYPE_BUY_LIMIT\"", "openPrice")]
    [InlineData("\"type\":\"ORDER_TYPE_BUY_LIMIT\",\"openPrice\":0", "openPrice")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"openPrice\":-1", "below 0")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"volume\":-1", "not above 0")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"volume\":\"NaN\"", "not a number")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"stopLoss\":\"NaN\"", "not a number")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"stopLoss\":1,\"slTicks\":4", "two ways")]
    [InlineData("\"type\":\"POSITION_TYPE_BUY\",\"stopLoss\":{\"price\":1}", "single value")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"symbol":"EURUSD",{{fields}}}"""), StringComparison.Ordinal);
}

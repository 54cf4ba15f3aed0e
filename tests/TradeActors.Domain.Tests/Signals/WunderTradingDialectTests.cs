using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class WunderTradingDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "wundertrading", Action = SignalAction.Buy, Symbol = "BTCUSDT" };

    [Fact]
    public void The_documented_fields_are_read_whole()
    {
        var signal = Reading.Signal("""
            {"symbol":"BTCUSDT","side":"buy","amountPerTradeType":"contracts","amountPerTrade":2,"orderType":"limit","price":67200,"timeToLive":0,
             "takeProfit":70000,"stopLoss":66000}
            """);
        Assert.Equal(
            Buy with { Quantity = 2m, OrderType = SignalOrderType.Limit, Price = 67200m, LimitPrice = 67200m, TakeProfit = 70000m, StopLoss = 66000m },
            signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "\"side\":\"buy\",\"amountPerTradeType\":\"base\",\"amountPerTrade\":\"0.5\"", Buy with { Quantity = 0.5m } },
        { "\"side\":\"buy\",\"amountPerTrade\":1", Buy with { Quantity = 1m } },
        { "\"side\":\"buy\",\"amountPerTradeType\":\"base\"", Buy },
        { "\"side\":\"sell\",\"amountPerTradeType\":\"quote\",\"amountPerTrade\":500", Sized(SizingUnit.Notional, 500m) with { Action = SignalAction.Sell } },
        { "\"side\":\"buy\",\"amountPerTradeType\":\"$\",\"amountPerTrade\":500", Sized(SizingUnit.Notional, 500m) },
        { "\"side\":\"buy\",\"amountPerTradeType\":\"percents\",\"amountPerTrade\":0.05", Sized(SizingUnit.PercentOfEquity, 5m) },
        { "\"action\":\"exit\",\"amountPerTradeType\":\"contracts\",\"amountPerTrade\":5", Buy with { Action = SignalAction.Close, Quantity = 5m } },
        { "\"side\":\"buy\",\"amountPerTrade\":1,\"orderType\":\"market\"", Buy with { Quantity = 1m, OrderType = SignalOrderType.Market } },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string fields, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal($$"""{"symbol":"BTCUSDT",{{fields}}}"""));

    [Theory]
    [InlineData("takeProfits", "[{\"priceDeviation\":1,\"portfolio\":50}]")]
    [InlineData("breakEven", "{\"activation\":1,\"execution\":0.1}")]
    [InlineData("moveBreakEven", "true")]
    [InlineData("trailingStop", "{\"activation\":1,\"execution\":0.1}")]
    [InlineData("timeToLive", "60")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string key, string value)
    {
        var entry = Reading.Signal($$"""{"symbol":"BTCUSDT","side":"buy","amountPerTrade":1,"{{key}}":{{value}}}""");
        Assert.Equal((SignalAction.Buy, $"\"{key}\" is not built yet. Leave it out."), (entry.Action, entry.NotBuilt));
        Assert.Equal(SignalAction.Close, Reading.Signal($$"""{"symbol":"BTCUSDT","side":"exit","amountPerTrade":1,"{{key}}":{{value}}}""").Action);
    }

    [Fact]
    public void A_stop_of_unknown_members_is_not_dropped_in_silence() => Assert.Contains(
        "\"stopLoss\"", Reading.Signal("""{"side":"buy","amountPerTrade":1,"stopLoss":{"priceDeviation":1}}""").NotBuilt, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"amountPerTrade\":1", "does not say what to do")]
    [InlineData("\"side\":\"buy\",\"amountPerTradeType\":\"percents\",\"amountPerTrade\":5", "a share from 0 to 1")]
    [InlineData("\"side\":\"exit\",\"amountPerTradeType\":\"quote\",\"amountPerTrade\":5", "A close takes a number of contracts")]
    [InlineData("\"side\":\"hold\",\"amountPerTrade\":1", "buy, sell")]
    [InlineData("\"side\":\"{{strategy.order.action}}\",\"amountPerTrade\":1", "{{strategy.order.action}}")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":-1", "not above 0")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":0", "not above 0")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":\"NaN\"", "not a number")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":1,\"amountPerTradeType\":\"lots\"", "quote, base")]
    [InlineData("\"side\":\"buy\",\"amountPerTradeType\":\"lots\"", "quote, base")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":1,\"orderType\":\"limit\"", "limitPrice")]
    [InlineData("\"side\":\"buy\",\"amountPerTrade\":1,\"price\":0", "not a price")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"symbol":"BTCUSDT",{{fields}}}"""), StringComparison.Ordinal);

    private static ParsedSignal Sized(SizingUnit unit, decimal value) => Buy with { Size = new SignalSize(unit, value) };
}

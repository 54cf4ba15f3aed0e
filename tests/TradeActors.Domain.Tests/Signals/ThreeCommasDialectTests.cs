using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class ThreeCommasDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "3commas", Action = SignalAction.Buy, Symbol = "BTCUSDT" };

    [Fact]
    public void The_documented_example_is_a_target_position()
    {
        var signal = Reading.Signal("""
            {"secret":"s","max_lag":"300","timestamp":"2026-05-01T13:30:02Z","trigger_price":"67200.5","tv_exchange":"BINANCE","tv_instrument":"BTCUSDT",
             "action":"buy","bot_uuid":"u","strategy_info":{"market_position":"long","market_position_size":"0.5","prev_market_position":"flat",
             "prev_market_position_size":"0"},"order":{"amount":"0.5","currency_type":"base"}}
            """);
        Assert.Equal(
            Buy with
            {
                Action = null,
                TargetPosition = 0.5m,
                Price = 67200.5m,
                SentAt = new DateTimeOffset(2026, 5, 1, 13, 30, 2, TimeSpan.Zero),
            },
            signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "\"action\":\"buy\"", Buy },
        { "\"action\":\"enter_long\"", Buy },
        { "\"action\":\"enter_short\"", Buy with { Action = SignalAction.Sell } },
        { "\"action\":\"exit_long\"", Buy with { Action = SignalAction.Close, Only = SignalStance.Long } },
        { "\"action\":\"exit_short\"", Buy with { Action = SignalAction.Close, Only = SignalStance.Short } },
        { "\"action\":\"buy\",\"order\":{\"amount\":\"2\",\"currency_type\":\"base\"}", Buy with { Quantity = 2m } },
        { "\"action\":\"buy\",\"order\":{\"amount\":2}", Buy with { Quantity = 2m } },
        { "\"action\":\"buy\",\"order\":{\"amount\":500,\"currency_type\":\"quote\"}", Buy with { Size = new SignalSize(SizingUnit.Notional, 500m) } },
        { "\"action\":\"buy\",\"quantity\":1,\"order\":{\"amount\":500,\"currency_type\":\"quote\"}", Buy with { Size = new SignalSize(SizingUnit.Notional, 500m) } },
        { "\"action\":\"sell\",\"strategy_info\":{\"market_position\":\"flat\",\"market_position_size\":\"0\"}", Buy with { Action = SignalAction.Close } },
        { "\"action\":\"sell\",\"strategy_info\":{\"market_position\":\"short\",\"market_position_size\":2}", Buy with { Action = null, TargetPosition = -2m } },
        { "\"action\":\"buy\",\"strategy_info\":{\"market_position\":\"long\"}", Buy },
        { "\"strategy_info\":{\"market_position\":\"short\"}", Buy with { Action = SignalAction.Sell } },
        { "\"action\":\"buy\",\"max_lag\":1,\"anything\":[1]", Buy },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string fields, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal($$"""{"bot_uuid":"u","tv_instrument":"BTCUSDT",{{fields}}}"""));

    [Fact]
    public void Another_currency_type_is_not_built_yet() => Assert.Contains(
        "currency_type", Reading.Signal("""{"bot_uuid":"u","action":"buy","order":{"amount":1,"currency_type":"margin_percent"}}""").NotBuilt, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"trigger_price\":1", "does not say what to do")]
    [InlineData("\"action\":\"hold\"", "enter_long")]
    [InlineData("\"action\":\"{{strategy.order.action}}\"", "{{strategy.order.action}}")]
    [InlineData("\"action\":\"buy\",\"timestamp\":\"soon\"", "not a time")]
    [InlineData("\"action\":\"buy\",\"trigger_price\":\"NaN\"", "not a number")]
    [InlineData("\"action\":\"buy\",\"trigger_price\":0", "not a price")]
    [InlineData("\"action\":\"buy\",\"order\":{\"amount\":-1}", "not above 0")]
    [InlineData("\"action\":\"buy\",\"order\":{\"amount\":\"NaN\"}", "not a number")]
    [InlineData("\"action\":\"buy\",\"order\":{\"amount\":\"NaN\"},\"strategy_info\":{\"market_position\":\"long\",\"market_position_size\":1}", "not a number")]
    [InlineData("\"strategy_info\":{\"market_position\":\"long\",\"market_position_size\":0}", "size is not above 0")]
    [InlineData("\"strategy_info\":{\"market_position\":\"long\",\"market_position_size\":-1}", "size is not above 0")]
    [InlineData("\"strategy_info\":{\"market_position\":\"up\",\"market_position_size\":1}", "long, short, flat")]
    [InlineData("\"strategy_info\":{\"market_position_size\":1}", "does not say what to do")]
    [InlineData("\"action\":\"sell\",\"strategy_info\":{\"market_position\":\"long\"}", "partial exit")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"bot_uuid":"u","tv_instrument":"BTCUSDT",{{fields}}}"""), StringComparison.Ordinal);

    [Fact]
    public void An_exit_with_an_amount_closes_that_much_of_its_side()
    {
        var signal = Reading.Signal("""{"bot_uuid":"b","tv_instrument":"NQ1!","action":"exit_long","order":{"amount":"2","currency_type":"base"}}""");
        Assert.Equal((SignalAction.Close, SignalStance.Long, 2m), (signal.Action, signal.Only!.Value, signal.Quantity!.Value));
        Assert.Contains("A close takes", Reading.Error("""{"bot_uuid":"b","action":"exit_long","order":{"amount":"2","currency_type":"quote"}}"""), StringComparison.Ordinal);
    }
}

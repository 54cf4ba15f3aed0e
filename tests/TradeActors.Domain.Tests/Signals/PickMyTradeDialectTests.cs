using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class PickMyTradeDialectTests
{
    private static readonly ParsedSignal Buy = new()
    {
        Source = "pickmytrade",
        Action = SignalAction.Buy,
        Symbol = "NQ1!",
        SentAt = new DateTimeOffset(2026, 5, 1, 13, 30, 2, TimeSpan.Zero),
    };

    [Fact]
    public void The_documented_example_is_read_whole()
    {
        var signal = Reading.Signal("""
            {"symbol":"NQ1!","date":"2026-05-01T13:30:02Z","data":"buy","quantity":2,"risk_percentage":0,"price":"18000.25","tp":18100,"percentage_tp":0,
             "dollar_tp":0,"sl":17950,"percentage_sl":0,"dollar_sl":0,"trail":0,"trail_stop":0,"trail_trigger":0,"trail_freq":0,"update_tp":false,
             "update_sl":false,"breakeven":0,"order_type":"MKT","token":"t","pyramid":true,"reverse_order_close":true,"platform":"TRADOVATE",
             "account_id":"a","multiple_accounts":[{"token":"t","account_id":"a","connection_name":"c","risk_percentage":0,"quantity_multiplier":1}]}
            """);
        Assert.Equal(
            Buy with { Quantity = 2m, Price = 18000.25m, TakeProfit = 18100m, StopLoss = 17950m, OrderType = SignalOrderType.Market },
            signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "\"data\":\"SELL\"", Buy with { Action = SignalAction.Sell } },
        { "\"data\":\"close\"", Buy with { Action = SignalAction.Close } },
        { "\"data\":\"close\",\"pyramid\":false,\"risk_percentage\":1", Buy with { Action = SignalAction.Close } },
        { "\"data\":\"buy\",\"quantity\":0", Buy },
        { "\"data\":\"buy\",\"quantity\":3,\"risk_percentage\":1.5", Buy with { Size = new SignalSize(SizingUnit.RiskPercent, 1.5m) } },
        {
            "\"data\":\"buy\",\"percentage_tp\":2,\"percentage_sl\":\"1\"",
            Buy with { TakeProfitDistance = new Distance(DistanceUnit.Percent, 2m), StopLossDistance = new Distance(DistanceUnit.Percent, 1m) }
        },
        { "\"data\":\"buy\",\"order_type\":\"LMT\",\"price\":5", Buy with { OrderType = SignalOrderType.Limit, Price = 5m, LimitPrice = 5m } },
        { "\"data\":\"buy\",\"pyramid\":\"false\"", Buy with { IgnoreSameDirection = true } },
        { "\"data\":\"buy\",\"duplicate_position_allow\":false", Buy with { IgnoreSameDirection = true } },
        { "\"data\":\"buy\",\"duplicate_position_allow\":true", Buy },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string fields, ParsedSignal expected) => Assert.Equal(expected, Reading.Signal(Body(fields)));

    [Theory]
    [InlineData("dollar_tp")]
    [InlineData("dollar_sl")]
    [InlineData("trail")]
    [InlineData("trail_stop")]
    [InlineData("trail_trigger")]
    [InlineData("trail_freq")]
    [InlineData("update_tp")]
    [InlineData("update_sl")]
    [InlineData("breakeven")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string key)
    {
        var entry = Reading.Signal(Body($"\"data\":\"buy\",\"{key}\":5"));
        Assert.Equal((SignalAction.Buy, $"\"{key}\" is not built yet. Leave it out."), (entry.Action, entry.NotBuilt));
        Assert.Equal(SignalAction.Close, Reading.Signal(Body($"\"data\":\"close\",\"{key}\":5")).Action);
    }

    [Theory]
    [InlineData("\"data\":\"hold\"", "buy, sell, close")]
    [InlineData("\"data\":\"\"", "buy, sell, close")]
    [InlineData("\"data\":\"{{strategy.order.action}}\"", "{{strategy.order.action}}")]
    [InlineData("\"quantity\":1", "does not say what to do")]
    [InlineData("\"data\":\"buy\",\"quantity\":-1", "below 0")]
    [InlineData("\"data\":\"buy\",\"quantity\":\"NaN\"", "not a number")]
    [InlineData("\"data\":\"buy\",\"risk_percentage\":-1", "below 0")]
    [InlineData("\"data\":\"buy\",\"tp\":5,\"percentage_tp\":1", "two ways")]
    [InlineData("\"data\":\"buy\",\"sl\":5,\"percentage_sl\":1", "two ways")]
    [InlineData("\"data\":\"buy\",\"sl\":\"NaN\"", "not a number")]
    [InlineData("\"data\":\"buy\",\"order_type\":\"LMT\",\"price\":0", "needs \"price\"")]
    [InlineData("\"data\":\"buy\",\"order_type\":\"STP\"", "MKT, LMT")]
    [InlineData("\"data\":\"buy\",\"pyramid\":\"maybe\"", "true or false")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error(Body(fields)), StringComparison.Ordinal);

    [Fact]
    public void A_date_that_is_no_time_is_refused() =>
        Assert.Contains("not a time", Reading.Error("""{"symbol":"NQ1!","data":"buy","date":"today"}"""), StringComparison.Ordinal);

    private static string Body(string fields) => $$"""{"symbol":"NQ1!","date":"2026-05-01T13:30:02Z",{{fields}}}""";
}

using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class TradersPostDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "traderspost", Action = SignalAction.Buy, Symbol = "MNQ" };
    private static readonly ParsedSignal Exit = Buy with { Action = SignalAction.Close };

    [Fact]
    public void The_documented_example_is_read_whole()
    {
        var signal = Reading.Signal("""
            {"ticker":"MNQ","action":"buy","sentiment":"bullish","signalPrice":18000.25,"price":18000.25,"quantity":1,"quantityType":"fixed_quantity",
             "orderType":"limit","limitPrice":17999.5,"takeProfit":{"limitPrice":18100},"stopLoss":{"type":"stop","stopPrice":17950},
             "timeInForce":"day","extendedHours":false,"time":"2026-05-01T13:30:00Z","interval":"5","cancel":true,"delay":0,"rejectAfter":0,
             "cancelAfter":0,"extras":{},"test":false}
            """);
        Assert.Equal(
            Buy with
            {
                Quantity = 1m,
                Price = 18000.25m,
                OrderType = SignalOrderType.Limit,
                LimitPrice = 17999.5m,
                TakeProfit = 18100m,
                StopLoss = 17950m,
            },
            signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { """{"ticker":"MNQ","action":"buy","extras":{}}""", Buy },
        { """{"ticker":"MNQ","action":"sell","sentiment":"bearish","extras":{}}""", Buy with { Action = SignalAction.Sell } },
        { """{"ticker":"MNQ","sentiment":"short","extras":{}}""", Buy with { Action = SignalAction.Sell } },
        { """{"ticker":"MNQ","action":"add","quantity":2,"extras":{}}""", Buy with { Action = SignalAction.Add, Quantity = 2m } },
        { """{"ticker":"MNQ","action":"cancel","extras":{}}""", Buy with { Action = SignalAction.Cancel } },
        { """{"ticker":"MNQ","action":"exit","extras":{}}""", Exit },
        { """{"ticker":"MNQ","action":"exit","quantity":1,"extras":{}}""", Exit with { Quantity = 1m } },
        { """{"ticker":"MNQ","action":"sell","sentiment":"flat","quantity":3,"extras":{}}""", Exit },
        { """{"ticker":"MNQ","action":"buy","sentiment":"flat","risk_dollars":50,"extras":{}}""", Exit },
        { """{"ticker":"MNQ","action":"buy","quantity":500,"quantityType":"dollar_amount"}""", Sized(SizingUnit.Notional, 500m) },
        { """{"ticker":"MNQ","action":"buy","quantity":500,"quantityType":"risk_dollar_amount"}""", Sized(SizingUnit.RiskAmount, 500m) },
        { """{"ticker":"MNQ","action":"buy","quantity":1.5,"quantityType":"risk_percent"}""", Sized(SizingUnit.RiskPercent, 1.5m) },
        { """{"ticker":"MNQ","action":"buy","quantity":"20","quantityType":"percent_of_equity"}""", Sized(SizingUnit.PercentOfEquity, 20m) },
        { """{"ticker":"MNQ","action":"exit","quantity":50,"quantityType":"percent_of_position"}""", Exit with { ClosePercent = 50m } },
        { """{"ticker":"MNQ","action":"exit","quantity":150,"quantityType":"percent_of_position"}""", Exit with { ClosePercent = 100m } },
        { """{"ticker":"MNQ","action":"exit","quantityType":"percent_of_position"}""", Exit },
        { """{"ticker":"MNQ","action":"buy","takeProfit":{"percent":2},"stopLoss":{"percent":1}}""", Protected(DistanceUnit.Percent, 2m, 1m) },
        { """{"ticker":"MNQ","action":"buy","takeProfit":{"amount":40},"stopLoss":{"type":"stop","amount":20}}""", Protected(DistanceUnit.Points, 40m, 20m) },
        { """{"ticker":"MNQ","action":"buy","signalPrice":2,"price":3}""", Buy with { Price = 2m } },
        {
            """{"ticker":"MNQ","action":"buy","orderType":"stop_limit","limitPrice":5,"stopPrice":4,"extras":{}}""",
            Buy with { OrderType = SignalOrderType.StopLimit, LimitPrice = 5m, StopPrice = 4m }
        },
        { """{"ticker":"MNQ","action":"buy","timeInForce":"ioc","extras":{},"test":true,"id":"a-1"}""", Buy with { IsTest = true, Id = "a-1" } },
        { """{"ticker":"MNQ","action":"buy","takeProfit":{"limitPrice":null},"extras":null,"quantityType":"fixed_quantity"}""", Buy },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string body, ParsedSignal expected) => Assert.Equal(expected, Reading.Signal(body));

    [Theory]
    [InlineData("\"orderType\":\"trailing_stop\",\"trailAmount\":5", "trailAmount")]
    [InlineData("\"orderType\":\"trailing_stop\"", "trailing stop")]
    [InlineData("\"trailPercent\":1", "trailPercent")]
    [InlineData("\"stopLoss\":{\"type\":\"trailing_stop\",\"trailAmount\":5}", "trailAmount")]
    [InlineData("\"stopLoss\":{\"type\":\"trailing_stop\",\"trailPercent\":5}", "trailPercent")]
    [InlineData("\"stopLoss\":{\"type\":\"stop_limit\",\"stopPrice\":5,\"limitPrice\":4}", "limitPrice")]
    [InlineData("\"stopLoss\":{\"distance\":5}", "stopLoss")]
    [InlineData("\"takeProfit\":[{\"percent\":1},{\"percent\":2}]", "takeProfit")]
    [InlineData("\"timeInForce\":\"opg\"", "timeInForce")]
    [InlineData("\"extendedHours\":true", "extendedHours")]
    [InlineData("\"delay\":5", "delay")]
    [InlineData("\"rejectAfter\":5", "rejectAfter")]
    [InlineData("\"cancelAfter\":\"5\"", "cancelAfter")]
    [InlineData("\"optionType\":\"call\"", "optionType")]
    [InlineData("\"strikePrice\":480", "strikePrice")]
    [InlineData("\"expiration\":\"+6 months\"", "expiration")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string fields, string named)
    {
        var entry = Reading.Signal($$"""{"ticker":"MNQ","action":"buy","extras":{},{{fields}}}""");
        Assert.Equal(SignalAction.Buy, entry.Action);
        Assert.Contains(named, entry.NotBuilt, StringComparison.Ordinal);
        Assert.Equal(SignalAction.Close, Reading.Signal($$"""{"ticker":"MNQ","action":"exit","extras":{},{{fields}}}""").Action);
    }

    [Fact]
    public void A_percent_of_the_position_enters_nothing() =>
        Assert.Contains("percent_of_position", Reading.Signal("""{"action":"buy","quantity":5,"quantityType":"percent_of_position"}""").NotBuilt, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"extras\":{}", "does not say what to do")]
    [InlineData("\"action\":\"hold\",\"extras\":{}", "buy, sell, close")]
    [InlineData("\"action\":\"buy\",\"sentiment\":\"bearish\",\"extras\":{}", "disagree")]
    [InlineData("\"action\":\"buy\",\"quantity\":-1,\"extras\":{}", "not above 0")]
    [InlineData("\"action\":\"buy\",\"quantity\":0,\"quantityType\":\"risk_percent\"", "not above 0")]
    [InlineData("\"action\":\"buy\",\"quantity\":\"NaN\",\"extras\":{}", "not a number")]
    [InlineData("\"action\":\"buy\",\"quantity\":1,\"quantityType\":\"lots\"", "fixed_quantity")]
    [InlineData("\"action\":\"buy\",\"quantityType\":\"lots\"", "fixed_quantity")]
    [InlineData("\"action\":\"buy\",\"signalPrice\":\"{{close}}\"", "{{close}}")]
    [InlineData("\"action\":\"buy\",\"signalPrice\":0", "not a price")]
    [InlineData("\"action\":\"buy\",\"takeProfit\":{\"limitPrice\":5,\"percent\":1}", "two ways")]
    [InlineData("\"action\":\"buy\",\"stopLoss\":{\"stopPrice\":\"NaN\"}", "not a number")]
    [InlineData("\"action\":\"buy\",\"stopLoss\":{\"percent\":-1}", "below 0")]
    [InlineData("\"action\":\"buy\",\"orderType\":\"limit\",\"extras\":{}", "limitPrice")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error($$"""{"ticker":"MNQ",{{fields}}}"""), StringComparison.Ordinal);

    [Fact]
    public void A_fault_is_told_once()
    {
        var error = Reading.Error("""{"action":"buy","quantity":0,"quantityType":"risk_percent"}""");
        Assert.Equal(error.IndexOf("not above 0", StringComparison.Ordinal), error.LastIndexOf("not above 0", StringComparison.Ordinal));
    }

    private static ParsedSignal Sized(SizingUnit unit, decimal value) => Buy with { Size = new SignalSize(unit, value) };

    private static ParsedSignal Protected(DistanceUnit unit, decimal target, decimal stop) =>
        Buy with { TakeProfitDistance = new Distance(unit, target), StopLossDistance = new Distance(unit, stop) };

    [Theory]
    [InlineData("dollar_amount")]
    [InlineData("percent_of_equity")]
    public void An_exit_of_a_size_that_it_cannot_use_is_refused_and_closes_nothing_by_mistake(string type) => Assert.Contains(
        "An exit takes", Reading.Error($$"""{"ticker":"MNQ","action":"exit","quantity":50,"quantityType":"{{type}}"}"""), StringComparison.Ordinal);
}

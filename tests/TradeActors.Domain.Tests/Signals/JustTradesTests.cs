using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>The synonyms and the precedence of Just.Trades, read by this project's own JSON and TradingView's.</summary>
public class JustTradesTests
{
    private static readonly ParsedSignal Buy = new() { Source = "json", Action = SignalAction.Buy, Symbol = "ES" };
    private static readonly ParsedSignal Alert = Buy with { Source = "tradingview" };

    public static TheoryData<string, ParsedSignal> Actions => new()
    {
        { "\"side\":\"buy\"", Buy },
        { "\"signal\":\"sell\"", Buy with { Action = SignalAction.Sell } },
        { "\"direction\":\"long\"", Buy },
        { "\"type\":\"short\"", Buy with { Action = SignalAction.Sell } },
        { "\"type\":\"flatten\"", Buy with { Action = SignalAction.Close } },
        { "\"action\":\"buy\",\"side\":\"sell\",\"signal\":\"x\",\"direction\":1,\"type\":\"alert\"", Buy },
        { "\"side\":\"buy\",\"signal\":\"sell\"", Buy },
        { "\"signal\":\"buy\",\"direction\":\"sell\"", Buy },
        { "\"direction\":\"buy\",\"type\":\"sell\"", Buy },
        { "\"order_action\":\"buy\",\"side\":\"sell\"", Alert },
        { "\"side\":\"sell\",\"contracts\":2", Alert with { Action = SignalAction.Sell, Quantity = 2m } },
        { "\"signal\":\"buy\",\"order_id\":\"Long\"", Alert },
        { "\"direction\":\"short\",\"market_position\":\"short\"", Alert with { Action = SignalAction.Sell } },
    };

    [Theory]
    [MemberData(nameof(Actions))]
    public void The_first_name_of_the_action_counts(string fields, ParsedSignal expected) => Assert.Equal(expected, Reading.Signal(Body(fields)));

    public static TheoryData<string, ParsedSignal> Precedence => new()
    {
        { "\"action\":\"buy\",\"market_position\":\"flat\",\"position_size\":2", Alert with { Action = SignalAction.Close } },
        { "\"action\":\"sell\",\"market_position\":\"long\",\"position_size\":1", Alert with { Action = null, TargetPosition = 1m } },
        { "\"action\":\"sell\",\"position_size\":1,\"prev_market_position_size\":2", Alert with { Action = null, TargetPosition = 1m } },
        { "\"action\":\"sell\",\"position_size\":0", Alert with { Action = null, TargetPosition = 0m } },
        { "\"market_position\":\"short\"", Alert with { Action = SignalAction.Sell } },
    };

    [Theory]
    [MemberData(nameof(Precedence))]
    public void The_position_counts_before_its_size_and_both_before_the_action(string fields, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal(Body(fields)));

    public static TheoryData<string, ParsedSignal> Fields => new()
    {
        { "\"close\":5000", Buy with { Price = 5000m } },
        { "\"last\":\"5000\"", Buy with { Price = 5000m } },
        { "\"close\":0,\"last\":5000", Buy with { Price = 5000m } },
        { "\"price\":5001,\"close\":5000,\"last\":4999", Buy with { Price = 5001m } },
        { "\"close\":\"n/a\"", Buy },
        { "\"qty\":2", Buy with { Quantity = 2m } },
        { "\"size\":2", Buy with { Quantity = 2m } },
        { "\"contracts\":2", Alert with { Quantity = 2m } },
        { "\"quantity\":3,\"risk_dollars\":50", Buy with { Size = new SignalSize(SizingUnit.RiskAmount, 50m) } },
        { "\"risk_amount\":50", Buy with { Size = new SignalSize(SizingUnit.RiskAmount, 50m) } },
        { "\"risk_percentage\":1.5", Buy with { Size = new SignalSize(SizingUnit.RiskPercent, 1.5m) } },
        { "\"risk_dollars\":0,\"risk_percentage\":0", Buy },
        { "\"sl_ticks\":8,\"tp_ticks\":\"16\"", Buy with { StopLossDistance = Ticks(8m), TakeProfitDistance = Ticks(16m) } },
        { "\"percentage_sl\":1,\"percentage_tp\":2", Buy with { StopLossDistance = Percent(1m), TakeProfitDistance = Percent(2m) } },
        { "\"stop_loss\":4990,\"take_profit\":5050", Buy with { StopLoss = 4990m, TakeProfit = 5050m } },
        { "\"sl_ticks\":0,\"percentage_sl\":0,\"sl\":0,\"tp\":\"\",\"trail\":0,\"breakeven\":false", Buy },
        { "\"same_direction_ignore\":true", Buy with { IgnoreSameDirection = true } },
        { "\"no_duplicate\":\"yes\"", Buy with { IgnoreSameDirection = true } },
        { "\"same_direction_ignore\":\"false\"", Buy },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Synonyms_and_overrides_are_read(string fields, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal(Body($"\"action\":\"buy\",{fields}")));

    [Fact]
    public void The_symbol_may_be_named_instrument() => Assert.Equal(Buy, Reading.Signal("""{"action":"buy","instrument":"ES"}"""));

    [Theory]
    [InlineData("\"action\":\"close\"")]
    [InlineData("\"action\":\"buy\",\"sentiment\":\"flat\"")]
    [InlineData("\"position\":0")]
    [InlineData("\"position_size\":2")]
    [InlineData("\"market_position\":\"flat\"")]
    public void A_size_and_a_direction_to_ignore_say_nothing_where_nothing_is_entered_by_action(string fields)
    {
        var signal = Reading.Signal(Body($"{fields},\"risk_dollars\":50,\"same_direction_ignore\":true"));
        Assert.Equal((null, false), (signal.Size, signal.IgnoreSameDirection));
    }

    [Theory]
    [InlineData("sl", "8")]
    [InlineData("tp", "\"16\"")]
    [InlineData("dollar_sl", "50")]
    [InlineData("dollar_tp", "50")]
    [InlineData("trail", "4")]
    [InlineData("trailing_stop", "true")]
    [InlineData("trail_trigger", "4")]
    [InlineData("trail_freq", "4")]
    [InlineData("breakeven", "4")]
    [InlineData("breakeven_offset", "4")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string key, string value)
    {
        foreach (var alert in (string[])["", ",\"timenow\":\"2026-05-01T13:30:02Z\""])
        {
            var entry = Reading.Signal(Body($"\"action\":\"buy\",\"{key}\":{value}{alert}"));
            Assert.Equal(SignalAction.Buy, entry.Action);
            Assert.Contains($"\"{key}\"", entry.NotBuilt, StringComparison.Ordinal);
            Assert.Equal(SignalAction.Close, Reading.Signal(Body($"\"action\":\"close\",\"{key}\":{value}{alert}")).Action);
        }
    }

    [Theory]
    [InlineData("\"type\":\"alert\"", "does not say what to do")]
    [InlineData("\"action\":\"hold\",\"side\":\"buy\"", "\"action\" is \"hold\"")]
    [InlineData("\"order_type\":\"buy\"", "market, limit, stop")]
    [InlineData("\"side\":\"buy\",\"risk_dollars\":-50", "below 0")]
    [InlineData("\"side\":\"buy\",\"risk_dollars\":\"NaN\"", "not a number")]
    [InlineData("\"side\":\"buy\",\"risk_dollars\":50,\"risk_amount\":60", "differ")]
    [InlineData("\"side\":\"buy\",\"sl_ticks\":8,\"percentage_sl\":1", "two ways")]
    [InlineData("\"side\":\"buy\",\"tp_ticks\":8,\"take_profit\":5050", "two ways")]
    [InlineData("\"side\":\"buy\",\"sl_ticks\":-8", "below 0")]
    [InlineData("\"side\":\"buy\",\"sl\":\"NaN\"", "not a number")]
    [InlineData("\"side\":\"buy\",\"sl\":{\"price\":1}", "single value")]
    [InlineData("\"side\":\"buy\",\"same_direction_ignore\":\"maybe\"", "true or false")]
    public void A_damaged_or_contradictory_body_is_refused_with_a_reason(string fields, string reason) =>
        Assert.Contains(reason, Reading.Error(Body(fields)), StringComparison.Ordinal);

    private static string Body(string fields) => $$"""{"symbol":"ES",{{fields}}}""";

    private static Distance Ticks(decimal value) => new(DistanceUnit.Ticks, value);

    private static Distance Percent(decimal value) => new(DistanceUnit.Percent, value);
}

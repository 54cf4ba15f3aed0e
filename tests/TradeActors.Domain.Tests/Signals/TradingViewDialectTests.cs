using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class TradingViewDialectTests
{
    [Fact]
    public void A_strategy_alert_is_a_target_position()
    {
        var signal = Reading.Signal("""
            {"ticker":"ES1!","action":"buy","contracts":"3","position_size":"2","market_position":"long","market_position_size":"2",
             "prev_market_position":"short","prev_market_position_size":"1","id":"Long","comment":"breakout","price":"5000.25",
             "time":"2026-05-01T13:25:00Z","timenow":"2026-05-01T13:30:02Z"}
            """);
        Assert.Equal(
            new ParsedSignal
            {
                Source = "tradingview",
                Symbol = "ES1!",
                TargetPosition = 2m,
                Price = 5000.25m,
                SentAt = new DateTimeOffset(2026, 5, 1, 13, 30, 2, TimeSpan.Zero),
            },
            signal);
    }

    [Fact]
    public void The_fields_may_stand_in_an_inner_strategy_object()
    {
        var signal = Reading.Signal("""
            {"passphrase":"x","ticker":"MNQ1!","bar":{"open":1,"close":2},"strategy":{"position_size":-4,"order_action":"sell","order_contracts":4,
             "order_price":18000,"order_id":"Short","market_position":"short","market_position_size":4,"prev_market_position":"flat"}}
            """);
        Assert.Equal(new ParsedSignal { Source = "tradingview", Symbol = "MNQ1!", TargetPosition = -4m, Price = 18000m }, signal);
    }

    [Fact]
    public void Placeholder_names_may_serve_as_keys()
    {
        var signal = Reading.Signal("""{"ticker":"ES1!","strategy.order.action":"sell","strategy.order.contracts":1}""");
        Assert.Equal(new ParsedSignal { Source = "tradingview", Symbol = "ES1!", Action = SignalAction.Sell, Quantity = 1m }, signal);
    }

    [Theory]
    [InlineData("""{"market_position":"long","market_position_size":"2"}""", 2)]
    [InlineData("""{"market_position":"short","market_position_size":2}""", -2)]
    [InlineData("""{"market_position":"long","position_size":2}""", 2)]
    [InlineData("""{"market_position":"short","position_size":-2}""", -2)]
    [InlineData("""{"market_position":"short","position_size":2}""", -2)]
    [InlineData("""{"market_position":"short","position_size":-2,"market_position_size":2}""", -2)]
    [InlineData("""{"position_size":"-3"}""", -3)]
    [InlineData("""{"position_size":0}""", 0)]
    [InlineData("""{"market_position_size":0}""", 0)]
    [InlineData("""{"action":"sell","market_position":"long","market_position_size":1,"contracts":1}""", 1)]
    [InlineData("""{"action":"exit","market_position":"long","market_position_size":1}""", 1)]
    [InlineData("""{"action":"buy","position_size":1,"contracts":0}""", 1)]
    [InlineData("""{"action":"buy","position":1,"timenow":"2026-05-01T13:30:02Z"}""", 1)]
    public void A_position_with_a_size_is_a_target_whatever_the_action(string body, int target)
    {
        var signal = Reading.Signal(body);
        Assert.Equal((null, null, (decimal?)target), (signal.Action, signal.Quantity, signal.TargetPosition));
        Assert.Equal("tradingview", signal.Source);
    }

    [Theory]
    [InlineData("""{"action":"sell","market_position":"flat","contracts":"2"}""")]
    [InlineData("""{"action":"buy","market_position":"Flat","market_position_size":"0","position_size":"0"}""")]
    [InlineData("""{"action":"close entry(s) order Long","market_position":"flat"}""")]
    [InlineData("""{"market_position":"flat","contracts":0}""")]
    [InlineData("""{"market_position":"long","market_position_size":2,"sentiment":"flat"}""")]
    [InlineData("""{"strategy":{"order_action":"sell","market_position":"flat","position_size":0}}""")]
    public void A_flat_position_closes_all_whatever_the_action(string body)
    {
        var signal = Reading.Signal(body);
        Assert.Equal((SignalAction.Close, null, null), (signal.Action, signal.Quantity, signal.TargetPosition));
    }

    [Theory]
    [InlineData("""{"market_position":"long"}""", SignalAction.Buy)]
    [InlineData("""{"market_position":"short","contracts":1}""", SignalAction.Sell)]
    [InlineData("""{"market_position":"long","action":"buy"}""", SignalAction.Buy)]
    [InlineData("""{"market_position":"short","action":"reverse"}""", SignalAction.Sell)]
    [InlineData("""{"order_action":"sell","contracts":1}""", SignalAction.Sell)]
    [InlineData("""{"action":"buy","prev_market_position":"flat"}""", SignalAction.Buy)]
    [InlineData("""{"action":"exit","order_id":"Long"}""", SignalAction.Close)]
    public void Without_a_size_the_side_or_else_the_action_counts(string body, SignalAction action)
    {
        var signal = Reading.Signal(body);
        Assert.Equal((action, "tradingview"), (signal.Action, signal.Source));
    }

    [Theory]
    [InlineData("""{"action":"buy","timenow":"2026-05-01T13:30:02Z","id":"Long"}""", null)]
    [InlineData("""{"action":"buy","contracts":1,"id":"Long"}""", null)]
    [InlineData("""{"action":"buy","contracts":1,"order_id":"Long","alert_id":"a","uuid":"u"}""", null)]
    [InlineData("""{"action":"buy","contracts":1,"id":"Long","signal_id":"s-17"}""", "s-17")]
    [InlineData("""{"action":"buy","quantity":1,"id":"s-17"}""", "s-17")]
    public void The_name_of_a_strategy_order_is_no_key_for_deduplication(string body, string? id) =>
        Assert.Equal(id, Reading.Signal(body).Id);

    [Theory]
    [InlineData("\"2026-05-01T13:30:02Z\"")]
    [InlineData("\"2026-05-01T13:30:02\"")]
    [InlineData("\"2026-05-01T15:30:02+02:00\"")]
    [InlineData("\"2026-05-01T13:30:02.000Z\"")]
    [InlineData("1777642202")]
    [InlineData("\"1777642202000\"")]
    public void The_send_time_is_read_as_UTC(string timenow)
    {
        var signal = Reading.Signal($$"""{"action":"buy","time":"2020-01-01T00:00:00Z","timenow":{{timenow}}}""");
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 13, 30, 2, TimeSpan.Zero), signal.SentAt);
        Assert.Equal(TimeSpan.Zero, signal.SentAt!.Value.Offset);
    }

    [Fact]
    public void The_time_of_the_bar_is_not_the_send_time() =>
        Assert.Null(Reading.Signal("""{"action":"buy","contracts":1,"time":"2026-05-01T13:30:00Z"}""").SentAt);

    [Theory]
    [InlineData("""{"market_position":"long","market_position_size":0}""", "size is 0")]
    [InlineData("""{"market_position":"short","position_size":"0"}""", "size is 0")]
    [InlineData("""{"market_position":"long","position_size":-2}""", "below 0")]
    [InlineData("""{"market_position":"long","market_position_size":-2}""", "below 0")]
    [InlineData("""{"market_position":"long","market_position_size":2,"position_size":3}""", "differ")]
    [InlineData("""{"market_position_size":2,"action":"buy"}""", "which side")]
    [InlineData("""{"market_position":"up","market_position_size":2}""", "long, short, flat")]
    [InlineData("""{"market_position":"","action":"buy"}""", "long, short, flat")]
    [InlineData("""{"market_position":"long","sentiment":"short","market_position_size":2}""", "different sides")]
    [InlineData("""{"market_position":"long","market_position_size":"NaN"}""", "not a number")]
    [InlineData("""{"market_position":"flat","contracts":"NaN"}""", "not a number")]
    [InlineData("""{"market_position":"long","action":"sell","contracts":1}""", "partial exit")]
    [InlineData("""{"market_position":"long","action":"hold","market_position_size":1}""", "buy, sell, close")]
    [InlineData("""{"action":"buy","strategy":{"order_action":"sell"}}""", "differ")]
    [InlineData("""{"action":"buy","contracts":0}""", "not above 0")]
    [InlineData("""{"action":"buy","contracts":1,"quantity":2}""", "differ")]
    [InlineData("""{"ticker":"ES1!","timenow":"2026-05-01T13:30:02Z"}""", "does not say what to do")]
    [InlineData("""{"action":"buy","timenow":"yesterday"}""", "not a time")]
    [InlineData("""{"market_position":{"side":"long"}}""", "single value")]
    public void A_contradictory_or_damaged_alert_is_refused_with_a_reason(string body, string reason) =>
        Assert.Contains(reason, Reading.Error(body), StringComparison.Ordinal);
}

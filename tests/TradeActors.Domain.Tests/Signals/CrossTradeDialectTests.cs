using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class CrossTradeDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "crosstrade", Action = SignalAction.Buy, Symbol = "MNQ 06-25" };
    private static readonly ParsedSignal Close = Buy with { Action = SignalAction.Close };

    [Fact]
    public void The_documented_example_is_read_whole()
    {
        var signal = Reading.Signal(
            "key=abc; command=PLACE; account=Sim101; instrument=MNQ 06-25; action=BUY; qty=1; order_type=MARKET; tif=DAY; take_profit=; stop_loss=; "
            + "flatten_first=true; require_market_position=flat;");
        Assert.Equal(
            Buy with { Quantity = 1m, OrderType = SignalOrderType.Market, ClosesFirst = true, Only = SignalStance.Flat },
            signal);
    }

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "command=PLACE;action=BUY", Buy },
        { "command=place;action=sell", Buy with { Action = SignalAction.Sell } },
        { "command=\"PLACE\";action=\"BUY\";qty=\"2\"", Buy with { Quantity = 2m } },
        { "command=PLACE\naction=BUY\r\nqty=2", Buy with { Quantity = 2m } },
        { "command=FLATPLACE;action=SELL;qty=2", Buy with { Action = SignalAction.Sell, Quantity = 2m, ClosesFirst = true } },
        { "command=PLACE;action=BUY;flatten_first=false;require_market_position=long", Buy with { Only = SignalStance.Long } },
        { "command=PLACE;action=BUY;order_type=LIMIT;limit_price=5;stop_price=4", Buy with { OrderType = SignalOrderType.Limit, LimitPrice = 5m } },
        { "command=PLACE;action=BUY;order_type=STOPMARKET;stop_price=4", Buy with { OrderType = SignalOrderType.Stop, StopPrice = 4m } },
        {
            "command=PLACE;action=BUY;order_type=STOPLIMIT;limit_price=5;stop_price=4;tif=DAY",
            Buy with { OrderType = SignalOrderType.StopLimit, LimitPrice = 5m, StopPrice = 4m }
        },
        { "command=PLACE;action=BUY;take_profit=6;stop_loss=3", Buy with { TakeProfit = 6m, StopLoss = 3m } },
        { "command=PLACE;action=BUY;take_profit=0;stop_loss=0;tif=GTC", Buy },
        { "command=CLOSEPOSITION", Close },
        { "command=CLOSEPOSITION;qty=1;require_market_position=long", Close with { Quantity = 1m, Only = SignalStance.Long } },
        { "command=FLATTEN", Close },
        { "command=FLATTENEVERYTHING", Close },
        { "command=REVERSEPOSITION", Buy with { Action = SignalAction.Reverse } },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string text, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal($"key=abc;instrument=MNQ 06-25;{text};"));

    [Theory]
    [InlineData("CANCEL")]
    [InlineData("CANCELORDERS")]
    [InlineData("CANCELALLORDERS")]
    [InlineData("CANCELREPLACE")]
    [InlineData("CANCELANDBRACKET")]
    [InlineData("CHANGE")]
    [InlineData("CLOSESTRATEGY")]
    public void A_command_that_changes_resting_orders_opens_nothing_and_is_named(string command)
    {
        var signal = Reading.Signal($"key=abc; command={command}; instrument=MNQ 06-25; action=BUY; qty=1; strategy=x;");
        Assert.Equal(SignalAction.Cancel, signal.Action);
        Assert.Contains(command, signal.NotBuilt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trail=5", "trail")]
    [InlineData("trailing_stop=5", "trailing_stop")]
    [InlineData("break_even=2", "break_even")]
    [InlineData("strategy=atm", "strategy")]
    [InlineData("strategy_tag=a", "strategy_tag")]
    [InlineData("oco_id=a", "oco_id")]
    [InlineData("delay=5", "delay")]
    [InlineData("tif=OPG", "tif")]
    [InlineData("order_type=LIMIT;limit_price=5;tif=GTC", "tif")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string text, string key)
    {
        var entry = Reading.Signal($"key=abc;command=PLACE;action=BUY;{text}");
        Assert.Equal((SignalAction.Buy, $"\"{key}\" is not built yet. Leave it out."), (entry.Action, entry.NotBuilt));
        Assert.Equal((SignalAction.Close, null), Reading.Signal($"key=abc;command=FLATTEN;{text}") is var close ? (close.Action, close.NotBuilt) : default);
    }

    [Theory]
    [InlineData("command=BUY", "PLACE, FLATPLACE")]
    [InlineData("command=PLACE", "action=BUY or action=SELL")]
    [InlineData("command=PLACE;action=", "action=BUY or action=SELL")]
    [InlineData("command=PLACE;action=HOLD", "BUY, SELL")]
    [InlineData("command=PLACE;action={{strategy.order.action}}", "{{strategy.order.action}}")]
    [InlineData("command=PLACE;action=BUY;qty=-1", "not above 0")]
    [InlineData("command=PLACE;action=BUY;qty=0", "not above 0")]
    [InlineData("command=PLACE;action=BUY;qty=NaN", "not a number")]
    [InlineData("command=CLOSEPOSITION;qty=-1", "below 0")]
    [InlineData("command=PLACE;action=BUY;action=SELL", "twice")]
    [InlineData("command=PLACE;action=BUY;qty=1;quantity=2", "differ")]
    [InlineData("command=PLACE;action=BUY;order_type=LIMIT", "limit_price")]
    [InlineData("command=PLACE;action=BUY;order_type=STOPLIMIT;limit_price=5", "stop_price")]
    [InlineData("command=PLACE;action=BUY;order_type=ICEBERG", "MARKET, LIMIT")]
    [InlineData("command=PLACE;action=BUY;take_profit=5;take_profit_percent=1", "two ways")]
    [InlineData("command=PLACE;action=BUY;stop_loss=NaN", "not a number")]
    [InlineData("command=PLACE;action=BUY;flatten_first=maybe", "true or false")]
    [InlineData("command=PLACE;action=BUY;require_market_position=up", "long, short, flat")]
    [InlineData("command=PLACE;action=BUY;and more", "no name=value")]
    [InlineData("command=PLACE action=BUY;qty=1", "another name=value")]
    [InlineData("command=PLACE;action=BUY;instrument=“MNQ”", "smart quotes")]
    public void A_damaged_or_contradictory_text_is_refused_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Reading.Error($"key=abc;{text}"), StringComparison.Ordinal);

    [Fact]
    public void A_text_without_end_is_refused() =>
        Assert.Contains("200", Reading.Error("command=PLACE;action=BUY" + string.Concat(Enumerable.Range(0, 300).Select(i => $";a{i}=1"))), StringComparison.Ordinal);

    [Fact]
    public void An_error_repeats_no_part_that_may_be_a_secret()
    {
        Assert.DoesNotContain("hunter2", Reading.Error("command=PLACE;action=BUY;key=a;hunter2"), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Reading.Error("command=PLACE;action=BUY;key=hunter2 qty=1"), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Reading.Error("command=PLACE;action=BUY;key={{hunter2}}"), StringComparison.Ordinal);
    }
}

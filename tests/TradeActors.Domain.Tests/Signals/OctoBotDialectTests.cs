using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class OctoBotDialectTests
{
    private static readonly ParsedSignal Buy = new() { Source = "octobot", Action = SignalAction.Buy, Symbol = "BTCUSDT" };
    private static readonly ParsedSignal Close = Buy with { Action = SignalAction.Close };

    public static TheoryData<string, ParsedSignal> Variations => new()
    {
        { "SIGNAL=BUY", Buy },
        { "SIGNAL=sell", Buy with { Action = SignalAction.Sell } },
        { "SIGNAL=CLOSE", Close },
        { "SIGNAL=CANCEL", Buy with { Action = SignalAction.Cancel } },
        { "SIGNAL=BUY;VOLUME=0.5", Buy with { Quantity = 0.5m } },
        { "SIGNAL=BUY;QUANTITY=2", Buy with { Quantity = 2m } },
        { "SIGNAL=BUY;VOLUME=10%", Buy with { Size = new SignalSize(SizingUnit.PercentOfEquity, 10m) } },
        { "SIGNAL=BUY;VOLUME=2;RISK_DOLLARS=50", Buy with { Size = new SignalSize(SizingUnit.RiskAmount, 50m) } },
        { "SIGNAL=CLOSE;VOLUME=50%", Close with { ClosePercent = 50m } },
        { "SIGNAL=CLOSE;VOLUME=2;RISK_DOLLARS=50;NO_DUPLICATE=true", Close with { Quantity = 2m } },
        { "SIGNAL=BUY;ORDER_TYPE=LIMIT;PRICE=5", Buy with { OrderType = SignalOrderType.Limit, Price = 5m, LimitPrice = 5m } },
        { "SIGNAL=BUY;ORDER_TYPE=MARKET;TAKE_PROFIT_PRICE=6;STOP_LOSS_PRICE=4", Buy with { OrderType = SignalOrderType.Market, TakeProfit = 6m, StopLoss = 4m } },
        { "SIGNAL=BUY;REDUCE_ONLY=false;LEVERAGE=;TAG=", Buy },
    };

    [Theory]
    [MemberData(nameof(Variations))]
    public void Every_documented_variation_is_read(string text, ParsedSignal expected) =>
        Assert.Equal(expected, Reading.Signal($"EXCHANGE=binance;SYMBOL=BTCUSDT;{text};TOKEN=t"));

    [Theory]
    [InlineData("REDUCE_ONLY=true", "REDUCE_ONLY")]
    [InlineData("LEVERAGE=10", "LEVERAGE")]
    [InlineData("TAG=a", "TAG")]
    [InlineData("TRAILING_STOP=1", "TRAILING_STOP")]
    [InlineData("SL=5", "SL")]
    [InlineData("TP=5", "TP")]
    public void What_is_not_built_yet_is_named_and_a_close_goes_on(string text, string key)
    {
        var entry = Reading.Signal($"SYMBOL=BTCUSDT;SIGNAL=BUY;{text}");
        Assert.Equal(SignalAction.Buy, entry.Action);
        Assert.Contains($"\"{key}\"", entry.NotBuilt, StringComparison.Ordinal);
        Assert.Equal(SignalAction.Close, Reading.Signal($"SYMBOL=BTCUSDT;SIGNAL=CLOSE;{text}").Action);
    }

    [Theory]
    [InlineData("VOLUME=1", "of no form that is understood")]
    [InlineData("SIGNAL=", "of no form that is understood")]
    [InlineData("SIGNAL=HOLD", "buy, sell, close")]
    [InlineData("SIGNAL={{strategy.order.action}}", "{{strategy.order.action}}")]
    [InlineData("SIGNAL=BUY;VOLUME=-1", "not above 0")]
    [InlineData("SIGNAL=BUY;VOLUME=0", "not above 0")]
    [InlineData("SIGNAL=BUY;VOLUME=NaN", "not a number")]
    [InlineData("SIGNAL=BUY;VOLUME=-10%", "no percentage")]
    [InlineData("SIGNAL=BUY;VOLUME=1;QUANTITY=2", "Give one of them")]
    [InlineData("SIGNAL=BUY;VOLUME=10%;QUANTITY=2", "Give one of them")]
    [InlineData("SIGNAL=BUY;signal=SELL", "twice")]
    [InlineData("SIGNAL=BUY;ORDER_TYPE=LIMIT", "limit order needs")]
    [InlineData("SIGNAL=BUY;STOP_PRICE=5", "without \"orderType\"")]
    [InlineData("SIGNAL=BUY;SL=NaN", "not a number")]
    public void A_damaged_or_contradictory_text_is_refused_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Reading.Error($"EXCHANGE=binance;SYMBOL=BTCUSDT;{text}"), StringComparison.Ordinal);
}

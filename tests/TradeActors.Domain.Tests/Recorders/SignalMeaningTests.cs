using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>API.md, "Webhooks", meaning: what each action makes of each position, and what the recorder holds afterwards.</summary>
public sealed class SignalMeaningTests
{
    [Theory]
    // Flat.
    [InlineData(0, "buy", "enter Buy", 1)]
    [InlineData(0, "buy 3", "enter Buy 3", 3)]
    [InlineData(0, "sell", "enter Sell", -1)]
    [InlineData(0, "sell 3", "enter Sell 3", -3)]
    [InlineData(0, "close", "NothingToClose", 0)]
    [InlineData(0, "close 2", "NothingToClose", 0)]
    [InlineData(0, "reverse", "NothingToClose", 0)]
    [InlineData(0, "position 2", "target 2", 2)]
    [InlineData(0, "position 0", "NothingToClose", 0)]
    [InlineData(0, "position -2", "target -2", -2)]
    // Long.
    [InlineData(2, "buy", "SameDirection", 2)]
    [InlineData(2, "buy 3", "SameDirection", 2)]
    [InlineData(2, "sell", "close all, enter Sell", -1)]
    [InlineData(2, "sell 3", "close all, enter Sell 3", -3)]
    [InlineData(2, "close", "close all", 0)]
    [InlineData(2, "close 1", "close 1", 1)]
    [InlineData(2, "close 2", "close all", 0)]
    [InlineData(2, "close 9", "close all", 0)]
    [InlineData(2, "reverse", "close all, enter Sell", -1)]
    [InlineData(2, "reverse 5", "close all, enter Sell", -1)]
    [InlineData(2, "position 5", "target 5", 5)]
    [InlineData(2, "position 2", "AlreadyAtTarget", 2)]
    [InlineData(2, "position 1", "target 1", 1)]
    [InlineData(2, "position 0", "target 0", 0)]
    [InlineData(2, "position -2", "target -2", -2)]
    // Short.
    [InlineData(-2, "buy", "close all, enter Buy", 1)]
    [InlineData(-2, "buy 3", "close all, enter Buy 3", 3)]
    [InlineData(-2, "sell", "SameDirection", -2)]
    [InlineData(-2, "sell 3", "SameDirection", -2)]
    [InlineData(-2, "close", "close all", 0)]
    [InlineData(-2, "close 1", "close 1", -1)]
    [InlineData(-2, "close 2", "close all", 0)]
    [InlineData(-2, "close 9", "close all", 0)]
    [InlineData(-2, "reverse", "close all, enter Buy", 1)]
    [InlineData(-2, "position 2", "target 2", 2)]
    [InlineData(-2, "position 0", "target 0", 0)]
    [InlineData(-2, "position -1", "target -1", -1)]
    [InlineData(-2, "position -2", "AlreadyAtTarget", -2)]
    [InlineData(-2, "position -5", "target -5", -5)]
    public void Signal_means_what_the_table_says(double held, string signal, string expected, double after)
    {
        var recorder = new RecorderRun().Holding((decimal)held);
        var judged = recorder.Signal(signal);
        Assert.Equal(expected, Describe(recorder, judged));
        Assert.Equal((decimal)after, recorder.Held());
    }

    [Theory]
    [InlineData(2, "buy", null, false, "SameDirection", 2)]
    [InlineData(2, "buy", 0.0, false, "SameDirection", 2)]
    [InlineData(2, "buy", 4.0, false, "add Buy", 6)]
    [InlineData(2, "buy 3", 4.0, false, "add Buy 3", 5)]
    [InlineData(2, "buy", 4.0, true, "SameDirection", 2)]
    [InlineData(-2, "sell", 4.0, false, "add Sell", -6)]
    [InlineData(-2, "sell", 4.0, true, "SameDirection", -2)]
    [InlineData(-2, "sell", 0.0, false, "SameDirection", -2)]
    [InlineData(0, "buy", 4.0, true, "enter Buy", 3)]
    [InlineData(2, "sell", 4.0, true, "close all, enter Sell", -3)]
    public void Addition_needs_a_size_and_leave(double held, string signal, double? add, bool ignore, string expected, double after)
    {
        var recorder = new RecorderRun(Given.Sized(initial: 3m, add: (decimal?)add, ignoreSameDirection: ignore)).Holding((decimal)held);
        var judged = recorder.Signal(signal);
        Assert.Equal(expected, Describe(recorder, judged));
        Assert.Equal((decimal)after, recorder.Held());
    }

    [Theory]
    [InlineData(0, "buy", "enter Sell", -1)]
    [InlineData(0, "sell", "enter Buy", 1)]
    [InlineData(2, "buy", "close all, enter Sell", -1)]
    [InlineData(2, "sell", "SameDirection", 2)]
    [InlineData(2, "close", "close all", 0)]
    [InlineData(2, "close 1", "close 1", 1)]
    [InlineData(2, "reverse", "close all, enter Sell", -1)]
    [InlineData(0, "position 3", "target -3", -3)]
    [InlineData(2, "position 0", "target 0", 0)]
    public void Inverse_swaps_the_sides_of_entries_and_targets(double held, string signal, string expected, double after)
    {
        var recorder = new RecorderRun().Holding((decimal)held);
        recorder.Ask(new ChangeRecorder("Inverse", "ESU2026", new Settings(Inverse: true)));
        var judged = recorder.Signal(signal);
        Assert.Equal(expected, Describe(recorder, judged));
        Assert.Equal((decimal)after, recorder.Held());
    }

    [Theory]
    [InlineData("buy 2.9", 2)]
    [InlineData("buy 1", 1)]
    [InlineData("position 2.9", 2)]
    [InlineData("position -2.9", -2)]
    public void Quantities_are_cut_to_the_step(string signal, double after)
    {
        var recorder = new RecorderRun();
        recorder.Signal(signal);
        Assert.Equal((decimal)after, recorder.Held());
    }

    [Theory]
    [InlineData("buy 0.5", "QuantityTooSmall")]
    [InlineData("buy 1000001", "QuantityTooLarge")]
    [InlineData("position -1000001", "QuantityTooLarge")]
    public void Quantity_that_cannot_be_traded_is_rejected(string signal, string reason)
    {
        var recorder = new RecorderRun();
        var judged = recorder.Signal(signal);
        Assert.Equal((SignalState.Rejected, reason), (judged.State, judged.Reason));
        Assert.Equal(0m, recorder.Held());
    }

    [Fact]
    public void Fractions_of_a_coin_are_kept_to_its_step()
    {
        var recorder = new RecorderRun(symbol: "BTCUSDT");
        recorder.Signal("buy 0.0129");
        Assert.Equal(0.012m, recorder.Plan.EnterQuantity);
        Assert.Equal(0.012m, recorder.Held("BTCUSDT"));
    }

    [Theory]
    [InlineData(SignalOrderType.Market, OrdType.Market, null, null)]
    [InlineData(SignalOrderType.Limit, OrdType.Limit, 5000.25, null)]
    [InlineData(SignalOrderType.Stop, OrdType.Stop, null, 5010.5)]
    [InlineData(SignalOrderType.StopLimit, OrdType.StopLimit, 5000.25, 5010.5)]
    public void Entry_takes_the_order_type_and_prices_on_the_tick(SignalOrderType type, OrdType expected, double? price, double? stopPx)
    {
        var recorder = new RecorderRun();
        recorder.Signal(Given.Parsed("buy") with { OrderType = type, LimitPrice = 5000.30m, StopPrice = 5010.40m });
        Assert.Equal(expected, recorder.Plan.OrdType);
        Assert.Equal(((decimal?)price, (decimal?)stopPx), (recorder.Plan.Price, recorder.Plan.StopPx));
    }

    [Theory]
    [InlineData("close")]
    [InlineData("close 1")]
    public void Close_is_a_market_order_whatever_the_signal_says(string signal)
    {
        var recorder = new RecorderRun().Holding(2m);
        recorder.Signal(Given.Parsed(signal) with { OrderType = SignalOrderType.StopLimit, LimitPrice = 5000m, StopPrice = 5000m });
        Assert.Equal((OrdType.Market, null, null), (recorder.Plan.OrdType, recorder.Plan.Price, recorder.Plan.StopPx));
    }

    [Theory]
    [InlineData("FOO", SignalReason.UnknownSymbol, SignalState.Rejected)]
    [InlineData("ESH2026", SignalReason.UnknownSymbol, SignalState.Rejected)]
    [InlineData("ESF2027", SignalReason.UnknownSymbol, SignalState.Rejected)]
    public void Symbol_that_names_no_live_contract_is_rejected(string symbol, string reason, SignalState state)
    {
        var recorder = new RecorderRun();
        var judged = recorder.Signal(Given.Parsed("buy") with { Symbol = symbol });
        Assert.Equal((state, reason), (judged.State, judged.Reason));
        Assert.NotEmpty(judged.Detail!);
    }

    [Fact]
    public void Signal_without_symbol_takes_the_recorders_and_is_invalid_when_there_is_none()
    {
        var named = new RecorderRun(symbol: "NQ");
        named.Signal("buy");
        Assert.Equal("NQU2026", named.Plan.Symbol);
        var judged = new RecorderRun(symbol: null).Signal("buy");
        Assert.Equal((SignalState.Invalid, SignalReason.NoSymbol), (judged.State, judged.Reason));
    }

    [Fact]
    public void Signals_symbol_beats_the_recorders_and_positions_are_kept_apart()
    {
        var recorder = new RecorderRun();
        recorder.Signal("buy");
        recorder.Signal(Given.Parsed("sell 2") with { Symbol = "NQ" });
        Assert.Equal((1m, -2m), (recorder.Held(), recorder.Held("NQU2026")));
        recorder.Signal("close");
        Assert.Equal((0m, -2m), (recorder.Held(), recorder.Held("NQU2026")));
    }

    [Theory]
    [InlineData("close", "close all", 0, 0)]
    [InlineData("close 1", "close 1", 1, 0)]
    [InlineData("position 0", "target 0", 0, 0)]
    [InlineData("position 1", "target 1", 1, 0)]
    [InlineData("sell", "close all, enter Sell", 0, -1)]
    [InlineData("reverse", "close all, enter Sell", 0, -1)]
    [InlineData("position -3", "target -3", 0, -3)]
    public void Root_after_the_roll_reduces_the_month_that_is_held_and_enters_the_front(string signal, string expected, double old, double front)
    {
        var recorder = HeldOverTheRoll();
        var judged = recorder.Signal(signal);
        Assert.Equal(expected, Describe(recorder, judged));
        Assert.Equal(((decimal)old, (decimal)front), (recorder.Held("ESU2026"), recorder.Held("ESZ2026")));
        Assert.Equal(("ESU2026", "ES"), (recorder.Plan.HeldSymbol ?? recorder.Plan.Symbol, recorder.Plan.Root));
        Assert.True(recorder.Plan.EnterSide is null || recorder.Plan.Symbol == "ESZ2026");
    }

    [Fact]
    public void Addition_by_root_after_the_roll_goes_to_the_month_that_is_held()
    {
        var recorder = HeldOverTheRoll(Given.Sized(add: 3m));
        recorder.Signal("buy");
        Assert.Equal(("ESU2026", true), (recorder.Plan.Symbol, recorder.Plan.IsAdd));
        Assert.Equal(5m, recorder.Held("ESU2026"));
    }

    [Fact]
    public void Named_month_after_the_roll_leaves_the_held_one_alone()
    {
        var recorder = HeldOverTheRoll();
        Assert.Equal(SignalReason.NothingToClose, recorder.Signal(Given.Parsed("close") with { Symbol = "ESZ2026" }).Reason);
        Assert.Equal(2m, recorder.Held("ESU2026"));
        recorder.Signal(Given.Parsed("close") with { Symbol = "ESU2026" });
        Assert.Equal(0m, recorder.Held("ESU2026"));
    }

    private static RecorderRun HeldOverTheRoll(Settings? settings = null)
    {
        var recorder = new RecorderRun(settings, symbol: "ES").Holding(2m);
        recorder.Now = new DateTimeOffset(2026, 9, 15, 14, 0, 0, TimeSpan.Zero); // ESU2026 rolls on 14 September and trades until the 18th.
        return recorder;
    }

    /// <summary>A plan as a line such as <c>close all, enter Sell 3</c>, or the reason of a refusal.</summary>
    private static string Describe(RecorderRun recorder, SignalJudged judged)
    {
        if (judged.State != SignalState.Accepted)
        {
            return judged.Reason!;
        }

        var plan = recorder.Plan;
        if (plan.Target is { } target)
        {
            return $"target {target}{(plan.IsReductionOnly ? " reducing" : "")}";
        }

        var reduce = plan.Reduce switch { Reduction.All => "close all", Reduction.Quantity => $"close {plan.ReduceQuantity}", _ => null };
        var enter = plan.EnterSide is { } side ? $"{(plan.IsAdd ? "add" : "enter")} {side}{(plan.EnterQuantity is { } size ? $" {size}" : "")}" : null;
        return string.Join(", ", new[] { reduce, enter }.OfType<string>());
    }
}

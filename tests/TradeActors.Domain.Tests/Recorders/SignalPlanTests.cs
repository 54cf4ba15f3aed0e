using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>Plans that every account can follow to the position which the recorder then believes in.</summary>
public sealed class SignalPlanTests
{
    [Theory]
    [InlineData("late", SignalState.Expired, SignalReason.Late)]
    [InlineData("paused", SignalState.Rejected, SignalReason.Paused)]
    public void Target_that_only_adds_has_no_closing_part_to_pass_a_filter(string stop, SignalState state, string reason)
    {
        var recorder = new RecorderRun().Holding(2m);
        recorder.Ask(new PauseRecorder(stop == "paused"));
        var judged = recorder.Signal(Given.Parsed("position 5") with { SentAt = stop == "late" ? recorder.Now.AddSeconds(-31) : null });
        Assert.Equal((state, reason), (judged.State, judged.Reason));
        Assert.Equal(1, recorder.State.LastFanOut);
    }

    [Fact]
    public void Target_by_root_that_adds_after_the_roll_stays_in_the_month_that_is_held()
    {
        var recorder = new RecorderRun(symbol: "ES").Holding(2m);
        recorder.Now = new DateTimeOffset(2026, 9, 15, 14, 0, 0, TimeSpan.Zero);
        recorder.Signal("position 5");
        Assert.Equal(5m, recorder.Held("ESU2026"));
        Assert.Equal("ESU2026", recorder.Plan.Symbol); // What accounts enter; else 3 of ESZ2026 that no later close by root finds.
    }

    [Fact]
    public void Size_of_the_settings_is_cut_to_the_step_like_any_quantity()
    {
        var recorder = new RecorderRun(Given.Sized(initial: 1.5m));
        recorder.Signal("buy");
        Assert.Equal(1m, recorder.Held());
    }

    [Fact]
    public void Size_of_the_settings_below_one_step_is_rejected()
    {
        var recorder = new RecorderRun(Given.Sized(initial: 0.5m));
        Assert.Equal(SignalReason.QuantityTooSmall, recorder.Signal("buy").Reason);
        Assert.Equal(0m, recorder.Held());
    }

    [Fact]
    public void Price_that_rounds_to_nothing_is_rejected()
    {
        var recorder = new RecorderRun();
        var judged = recorder.Signal(Given.Parsed("buy") with { OrderType = SignalOrderType.Limit, LimitPrice = 0.1m });
        Assert.Equal((SignalState.Rejected, SignalReason.PriceInvalid), (judged.State, judged.Reason));
    }
}

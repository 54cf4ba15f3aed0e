using System.Collections.Immutable;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>The recorder's filters, each with the defect that field/risk.md names for it. They stop entries; a close passes all of them.</summary>
public sealed class FilterTests
{
    private const string Es = "ESU2026";

    private static readonly WindowSettings Morning = new("08:30", "11:00", "America/Chicago");

    /// <summary>Settings with which an entry is refused, and the reason. The first entry, to hold something, comes before they are set.</summary>
    public static TheoryData<Settings, string> Stopping => new()
    {
        { new(Blocked: true), SignalReason.Blocked },
        { Filtered(new(Direction: DirectionFilter.LongOnly)), SignalReason.Direction },
        { Filtered(new(Symbols: ["NQ"])), SignalReason.SymbolNotAllowed },
        { Filtered(new(Windows: [Morning with { Start = "11:01", End = "12:00" }])), SignalReason.OutsideWindow },
        { Filtered(new(CooldownSeconds: 60)), SignalReason.Cooldown },
        { Filtered(new(MaxSignalsPerSession: 1)), SignalReason.MaxSignals },
        { Filtered(new(MaxDailyLoss: 100m)), SignalReason.MaxDailyLoss },
        { Filtered(new(EveryNthSignal: 5)), SignalReason.NotNth },
    };

    [Theory]
    [MemberData(nameof(Stopping))]
    public void Filter_refuses_the_entry_with_its_reason_and_lets_the_close_pass(Settings settings, string reason)
    {
        var recorder = LosingLong();
        Set(recorder, settings);
        var judged = recorder.Signal("reverse");
        Assert.Equal(SignalState.Accepted, judged.State);
        Assert.True(recorder.Plan is { Reduce: Reduction.All, EnterSide: null });
        Assert.Equal(reason, ReasonOf(recorder.LastAccepted.Verdicts));
        Assert.Equal(0m, recorder.Held());

        var refused = recorder.Signal("sell");
        Assert.Equal((SignalState.Rejected, reason), (refused.State, refused.Reason));
        Assert.NotEmpty(refused.Detail!);
    }

    [Theory]
    [MemberData(nameof(Stopping))]
    public void Close_passes_every_filter(Settings settings, string reason)
    {
        _ = reason;
        var recorder = LosingLong();
        Set(recorder, settings);
        Assert.Equal(SignalState.Accepted, recorder.Signal("close").State);
        Assert.Empty(recorder.LastAccepted.Verdicts);
    }

    [Fact]
    public void Verdicts_stand_in_the_order_of_the_field_and_each_says_what_it_saw()
    {
        var recorder = new RecorderRun();
        recorder.Signal("buy");
        Assert.Equal(
            ["paused", "blocked", "age", "built", "symbols", "direction", "window", "cooldown", "maxSignals", "maxDailyLoss", "maxContracts", "protection", "everyNth"],
            recorder.LastAccepted.Verdicts.Select(verdict => verdict.Filter));
        Assert.All(recorder.LastAccepted.Verdicts, verdict => Assert.True(verdict.Passed && verdict.Detail.Length > 0));
    }

    // 0: blocking. "Kept in memory only, lost on restart."
    [Fact]
    public void Blocking_survives_a_restart()
    {
        var recorder = new RecorderRun();
        Set(recorder, new Settings(Blocked: true));
        var replayed = recorder.Events.Prepend(recorder.State.Created!).Aggregate(RecorderState.Empty, Recorder.Apply);
        Assert.True(replayed.Settings.Blocked);
        Assert.Equal(SignalReason.Blocked, recorder.Signal("buy").Reason);
    }

    // 2: time. "An unreadable time passes: must fail closed."
    [Theory]
    [InlineData("8 o'clock", "15:00", "America/Chicago")]
    [InlineData("08:30", "15:00", "Nowhere/Else")]
    public void Unreadable_window_fails_closed(string start, string end, string zone)
    {
        var recorder = new RecorderRun(Filtered(new(Windows: [new WindowSettings(start, end, zone)])));
        Assert.Equal(SignalReason.OutsideWindow, recorder.Signal("buy").Reason);
    }

    [Fact]
    public void Entry_passes_inside_either_window()
    {
        var recorder = new RecorderRun(Filtered(new(Windows: [Morning, new("14:00", "15:00", "America/Chicago")])));
        recorder.Now = new DateTimeOffset(2026, 8, 20, 18, 0, 0, TimeSpan.Zero); // 13:00
        Assert.Equal(SignalReason.OutsideWindow, recorder.Signal("buy").Reason);
        recorder.Now = recorder.Now.AddHours(1);
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    // 3: cooldown. "Rejected signals were counted too."
    [Fact]
    public void Rejected_signals_do_not_count_for_the_cooldown()
    {
        var recorder = new RecorderRun(Filtered(new(CooldownSeconds: 60, Direction: DirectionFilter.LongOnly)));
        recorder.Signal("sell");
        recorder.Now = recorder.Now.AddSeconds(1);
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
        recorder.Signal("close");
        recorder.Now = recorder.Now.AddSeconds(59);
        Assert.Equal(SignalReason.Cooldown, recorder.Signal("buy").Reason);
        recorder.Now = recorder.Now.AddSeconds(1);
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    // 4: signals per session. "Counted by UTC date, not by trading session."
    [Fact]
    public void Session_counter_follows_the_trading_day_and_not_the_date_in_utc()
    {
        var recorder = new RecorderRun(Filtered(new(MaxSignalsPerSession: 1)));
        recorder.Now = new DateTimeOffset(2026, 8, 20, 23, 0, 0, TimeSpan.Zero); // 18:00 in Chicago: the trading day of the 21st.
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
        recorder.Signal("close");
        recorder.Now = new DateTimeOffset(2026, 8, 21, 2, 0, 0, TimeSpan.Zero); // Another UTC date, the same trading day.
        Assert.Equal(SignalReason.MaxSignals, recorder.Signal("buy").Reason);
        recorder.Now = new DateTimeOffset(2026, 8, 21, 21, 59, 0, TimeSpan.Zero); // In the break after the close.
        Assert.Equal(SignalReason.MaxSignals, recorder.Signal("buy").Reason);
        recorder.Now = new DateTimeOffset(2026, 8, 23, 22, 0, 0, TimeSpan.Zero); // Sunday 17:00: Monday's session.
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    // 5: daily loss. "UTC day; unrealised ignored per trader."
    [Fact]
    public void Daily_loss_counts_what_is_realized_and_what_is_open()
    {
        var recorder = new RecorderRun(Filtered(new(MaxDailyLoss: 1_000m)));
        recorder.Quotes.Set(Es, 5_000m, 5_000m);
        recorder.Signal("buy");
        recorder.Quotes.Set(Es, 4_990m, 4_990m);
        recorder.Signal("close"); // 10 points of 50: 500 lost.
        Assert.Equal(-500m, recorder.State.Tally.Realized);
        recorder.Signal("buy");
        recorder.Quotes.Set(Es, 4_980.25m, 4_980.25m); // 487.50 open
        Assert.True(recorder.Signal("reverse") is { State: SignalState.Accepted });
        Assert.NotNull(recorder.Plan.EnterSide);
        recorder.Quotes.Set(Es, 4_981m, 4_981m); // 37.50 more, open on the short: 1,025 in all.
        recorder.Signal("reverse");
        Assert.Equal(SignalReason.MaxDailyLoss, ReasonOf(recorder.LastAccepted.Verdicts));
    }

    [Fact]
    public void Daily_loss_begins_anew_with_the_trading_day()
    {
        var recorder = LosingLong();
        Set(recorder, Filtered(new(MaxDailyLoss: 100m)));
        recorder.Signal("close");
        Assert.Equal(SignalReason.MaxDailyLoss, recorder.Signal("buy").Reason);
        recorder.Now = new DateTimeOffset(2026, 8, 20, 22, 0, 0, TimeSpan.Zero); // 17:00 in Chicago
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    [Fact]
    public void Loss_that_cannot_be_valued_refuses()
    {
        var recorder = new RecorderRun(Filtered(new(MaxDailyLoss: 100m)));
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State); // Nothing is open, nothing can be lost yet.
        recorder.Signal("reverse");
        Assert.Equal(SignalReason.NoPrice, ReasonOf(recorder.LastAccepted.Verdicts));
    }

    // 6: max contracts. "A default of 10 capped everyone."
    [Fact]
    public void There_is_no_cap_of_contracts_unless_it_is_set()
    {
        var recorder = new RecorderRun();
        recorder.Signal("buy 500");
        Assert.Equal(500m, recorder.Held());
    }

    [Fact]
    public void Cap_of_contracts_caps_and_does_not_refuse()
    {
        var recorder = new RecorderRun(Filtered(new(MaxContractsPerTrade: 10m)));
        recorder.Signal("buy 15");
        Assert.Equal(10m, recorder.Held());
        Assert.Equal(15m, recorder.Plan.EnterQuantity); // Each account caps by its own settings.
        recorder.Signal("position 30");
        Assert.Equal(20m, recorder.Held());
        Assert.Contains(recorder.LastAccepted.Verdicts, verdict => verdict is { Filter: "maxContracts", Passed: true } && verdict.Detail.Contains("capped"));
    }

    // 8: cut-off. "A 300 s loop in server-local time."
    [Fact]
    public void Cut_off_is_a_stored_timer_at_the_end_of_the_window_in_its_zone()
    {
        var recorder = new RecorderRun(Filtered(new(Windows: [Morning with { FlattenAtEnd = true }])));
        recorder.Quotes.Set(Es, 5_000m, 5_000m);
        recorder.Signal("buy");
        var timer = Assert.Single(Recorder.Pending(recorder.State).Timers);
        Assert.Equal(new DateTimeOffset(2026, 8, 20, 16, 0, 0, TimeSpan.Zero), timer.Due);

        recorder.Now = timer.Due.AddSeconds(-1);
        recorder.Ask(new Domain.Common.TimerFired(timer.Key));
        Assert.Equal(1m, recorder.Held());
        recorder.Now = timer.Due;
        recorder.Quotes.Set(Es, 4_990m, 4_990m);
        recorder.Ask(new Domain.Common.TimerFired(timer.Key));
        Assert.Equal((0m, -500m), (recorder.Held(), recorder.State.Tally.Realized));
        Assert.Empty(Recorder.Pending(recorder.State).Timers);
        recorder.Ask(new Domain.Common.TimerFired(timer.Key));
        Assert.Single(recorder.Events.OfType<SignalAccepted>(), signal => signal.Source == Recorder.WindowSource);
        Assert.Equal(SignalReason.NothingToClose, recorder.Signal("close").Reason);
    }

    [Fact]
    public void Window_end_is_fanned_out_like_a_close_and_is_no_signal_received()
    {
        var recorder = new RecorderRun(Filtered(new(Windows: [Morning with { FlattenAtEnd = true }]))).Subscribed("s1", "s2");
        recorder.Signal("buy");
        recorder.Ask(new Domain.Common.FanOutDelivered(1));
        var receivedAt = recorder.State.LastReceivedAt;
        recorder.Now = recorder.Now.AddHours(3);
        recorder.Ask(new Domain.Common.TimerFired("window:ESU2026"));
        var fanOut = Assert.Single(recorder.FanOuts);
        Assert.Equal((2L, 2), (fanOut.Number, fanOut.Members.Length));
        Assert.True(((RecorderSignal)fanOut.Message).Plan is { Reduce: Reduction.All, EnterSide: null, Symbol: Es });
        Assert.Equal((2L, receivedAt), (recorder.State.LastSignal, recorder.State.LastReceivedAt));
    }

    [Fact]
    public void Window_end_that_passed_while_the_node_was_down_is_made_up_for_at_the_next_start()
    {
        var recorder = new RecorderRun(Filtered(new(Windows: [Morning with { FlattenAtEnd = true }])));
        recorder.Signal("buy");
        recorder.Now = recorder.Now.AddDays(1);
        recorder.Ask(new Domain.Common.Activated());
        Assert.Equal(0m, recorder.Held());
    }

    // 9: every Nth. "Counter never reset, or reset at another time than the session."
    [Fact]
    public void Nth_counter_counts_what_passed_the_others_and_is_reset_with_the_session()
    {
        var recorder = new RecorderRun(Filtered(new(EveryNthSignal: 3, Direction: DirectionFilter.LongOnly)));
        Assert.Equal(SignalReason.NotNth, recorder.Signal("buy").Reason);
        Assert.Equal(SignalReason.Direction, recorder.Signal("sell").Reason); // Not counted.
        Assert.Equal(SignalReason.NotNth, recorder.Signal("buy").Reason);
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
        recorder.Signal("close");
        Assert.Equal(SignalReason.NotNth, recorder.Signal("buy").Reason);
        Assert.Equal(4, recorder.State.Tally.Offered);

        recorder.Now = recorder.Now.AddDays(1);
        Assert.Equal(SignalReason.NotNth, recorder.Signal("buy").Reason);
        Assert.Equal(SignalReason.NotNth, recorder.Signal("buy").Reason);
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    [Fact]
    public void Reverse_that_is_not_the_Nth_closes_and_still_counts()
    {
        var recorder = new RecorderRun(Filtered(new(EveryNthSignal: 2)));
        recorder.Signal("buy");
        recorder.Signal("buy");
        recorder.Signal("reverse");
        Assert.Equal((0m, 3), (recorder.Held(), recorder.State.Tally.Offered));
        Assert.Equal(SignalState.Accepted, recorder.Signal("sell").State);
    }

    // What a signal itself asks for.

    [Theory]
    [InlineData(SignalAction.Buy, 5_001, null)]
    [InlineData(SignalAction.Buy, null, 4_999)]
    [InlineData(SignalAction.Sell, 4_999, null)]
    [InlineData(SignalAction.Sell, null, 5_001)]
    [InlineData(SignalAction.Buy, 5_000, null)]
    public void Stop_or_target_on_the_wrong_side_is_refused(SignalAction action, int? stop, int? target)
    {
        var recorder = new RecorderRun();
        recorder.Quotes.Set(Es, 5_000m, 5_000m);
        var judged = recorder.Signal(Given.Parsed("buy") with { Action = action, StopLoss = stop, TakeProfit = target });
        Assert.Equal(SignalReason.ProtectionInvalid, judged.Reason);
    }

    [Fact]
    public void Inverse_exchanges_stop_and_target_with_the_side()
    {
        var recorder = new RecorderRun(new Settings(Inverse: true));
        recorder.Quotes.Set(Es, 5_000m, 5_000m);
        Assert.Equal(SignalState.Accepted, recorder.Signal(Given.Parsed("buy") with { StopLoss = 4_990m, TakeProfit = 5_020m }).State);
        Assert.Equal(Side.Sell, recorder.Plan.EnterSide);
        Assert.Equal(new SignalProtection(StopPrice: 5_020m, TargetPrice: 4_990m), recorder.Plan.Protection);
        Assert.Equal(new SignalProtection(StopPrice: 4_990m, TargetPrice: 5_020m), recorder.Plan.Swapped().Protection);
    }

    [Fact]
    public void What_is_not_built_stops_the_entry_and_not_the_close()
    {
        var recorder = new RecorderRun();
        var judged = recorder.Signal(Given.Parsed("buy") with { NotBuilt = "A trailing stop is not built yet." });
        Assert.Equal((SignalReason.NotBuiltYet, "A trailing stop is not built yet."), (judged.Reason, judged.Detail));
        recorder.Holding(2m);
        Assert.Equal(SignalState.Accepted, recorder.Signal(Given.Parsed("close") with { NotBuilt = "A trailing stop is not built yet." }).State);
    }

    [Theory]
    [InlineData("buy")]
    [InlineData("close")]
    public void Test_signal_goes_through_everything_and_is_not_traded(string action)
    {
        var recorder = new RecorderRun().Holding(action == "close" ? 1m : 0m);
        var judged = recorder.Signal(Given.Parsed(action) with { IsTest = true });
        Assert.Equal((SignalState.Rejected, SignalReason.Test), (judged.State, judged.Reason));
        Assert.Equal(action == "close" ? 1m : 0m, recorder.Held());
    }

    [Theory]
    [InlineData(2, SignalStance.Long, SignalState.Accepted, null)]
    [InlineData(-2, SignalStance.Long, SignalState.Rejected, SignalReason.NothingToClose)]
    [InlineData(0, SignalStance.Long, SignalState.Rejected, SignalReason.NothingToClose)]
    public void Exit_of_one_side_closes_no_other(int held, SignalStance only, SignalState state, string? reason)
    {
        var judged = new RecorderRun().Holding(held).Signal(Given.Parsed("close") with { Only = only });
        Assert.Equal((state, reason), (judged.State, judged.Reason));
    }

    [Fact]
    public void Entry_that_wants_a_flat_recorder_is_refused_in_a_position()
    {
        var recorder = new RecorderRun().Holding(-1m);
        Assert.Equal(SignalReason.PositionMismatch, recorder.Signal(Given.Parsed("buy") with { Only = SignalStance.Flat }).Reason);
        recorder.Signal("close");
        Assert.Equal(SignalState.Accepted, recorder.Signal(Given.Parsed("buy") with { Only = SignalStance.Flat }).State);
    }

    [Theory]
    [InlineData(0, SignalReason.NotInTrade, 0)]
    [InlineData(2, null, 5)]
    [InlineData(-2, null, -5)]
    public void Add_enlarges_what_is_held_on_its_own_side(int held, string? reason, int after)
    {
        var recorder = new RecorderRun().Holding(held);
        Assert.Equal(reason, recorder.Signal(Given.Parsed("add 3")).Reason);
        Assert.Equal(after, recorder.Held());
    }

    [Fact]
    public void Flatten_first_closes_the_same_side_too_and_enters_anew()
    {
        var recorder = new RecorderRun().Holding(3m);
        recorder.Signal(Given.Parsed("buy 2") with { ClosesFirst = true });
        Assert.True(recorder.Plan is { Reduce: Reduction.All, EnterSide: Side.Buy, IsAdd: false });
        Assert.Equal(2m, recorder.Held());
    }

    [Fact]
    public void Cancel_is_refused_with_what_to_do_instead()
    {
        var judged = new RecorderRun().Holding(2m).Signal("cancel");
        Assert.Equal(SignalReason.NotBuiltYet, judged.Reason);
        Assert.Contains("close", judged.Detail);
    }

    [Theory]
    [InlineData(50, 4, 2)]
    [InlineData(50, 3, 2)]
    [InlineData(100, 3, 0)]
    public void Close_of_a_percentage_is_rounded_down(int percent, int held, int left)
    {
        var recorder = new RecorderRun().Holding(held);
        recorder.Signal(Given.Parsed("close") with { ClosePercent = percent });
        Assert.Equal(left, recorder.Held());
    }

    private static RecorderRun LosingLong()
    {
        var recorder = new RecorderRun();
        recorder.Quotes.Set(Es, 5_000m, 5_000m);
        recorder.Signal("buy");
        recorder.Quotes.Set(Es, 4_990m, 4_990m);
        return recorder;
    }

    private static void Set(RecorderRun recorder, Settings settings) => recorder.Ask(new ChangeRecorder("Opening range", Es, settings));

    private static string ReasonOf(ImmutableArray<Verdict> verdicts)
    {
        var failed = verdicts.First(verdict => !verdict.Passed);
        return failed.Filter switch
        {
            "blocked" => SignalReason.Blocked,
            "direction" => SignalReason.Direction,
            "symbols" => SignalReason.SymbolNotAllowed,
            "window" => SignalReason.OutsideWindow,
            "cooldown" => SignalReason.Cooldown,
            "maxSignals" => SignalReason.MaxSignals,
            "maxDailyLoss" => failed.Detail.Contains("valued") ? SignalReason.NoPrice : SignalReason.MaxDailyLoss,
            "everyNth" => SignalReason.NotNth,
            _ => failed.Filter,
        };
    }

    private static Settings Filtered(FilterSettings filters) => new(Filters: filters);
}

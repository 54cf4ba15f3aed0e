using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>Filters stop entries only; repeats are known by id, then by body.</summary>
public sealed class SignalRulesTests
{
    public static TheoryData<string, string> Stops => new()
    {
        { "paused", SignalReason.Paused },
        { "blocked", SignalReason.Blocked },
        { "late", SignalReason.Late },
        { "protected", SignalReason.ProtectionInvalid },
    };

    [Theory]
    [MemberData(nameof(Stops))]
    public void Entry_is_refused_with_its_reason_and_a_failed_verdict(string stop, string reason)
    {
        var recorder = new RecorderRun();
        var judged = Stopped(recorder, stop, "buy");
        Assert.Equal(stop == "late" ? SignalState.Expired : SignalState.Rejected, judged.State);
        Assert.Equal(reason, judged.Reason);
        Assert.Single(((SignalRefused)recorder.Events[^1]).Verdicts, verdict => !verdict.Passed);
        Assert.Equal(0m, recorder.Held());
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void Reduction_passes_every_filter(string stop, string reason)
    {
        Assert.NotEmpty(reason);
        foreach (var (signal, after) in new[] { ("close", 0m), ("close 1", 1m), ("position 1", 1m), ("position 0", 0m) })
        {
            var recorder = new RecorderRun().Holding(2m);
            Assert.Equal(SignalState.Accepted, Stopped(recorder, stop, signal).State);
            Assert.Equal(after, recorder.Held());
        }
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void Signal_that_closes_and_opens_does_only_its_closing_part(string stop, string reason)
    {
        foreach (var signal in new[] { "sell", "reverse", "position -3" })
        {
            var recorder = new RecorderRun().Holding(2m);
            Assert.Equal(SignalState.Accepted, Stopped(recorder, stop, signal).State);
            Assert.Equal(0m, recorder.Held());
            Assert.Null(recorder.Plan.EnterSide);
            Assert.Contains(recorder.LastAccepted.Verdicts, verdict => !verdict.Passed);
        }

        Assert.NotEmpty(reason);
    }

    [Theory]
    [InlineData(DirectionFilter.LongOnly, 0, "sell", false, 0)]
    [InlineData(DirectionFilter.LongOnly, 0, "position -1", false, 0)]
    [InlineData(DirectionFilter.LongOnly, 0, "buy", true, 1)]
    [InlineData(DirectionFilter.LongOnly, 2, "sell", true, 0)]
    [InlineData(DirectionFilter.LongOnly, 2, "reverse", true, 0)]
    [InlineData(DirectionFilter.LongOnly, 2, "position -2", true, 0)]
    [InlineData(DirectionFilter.LongOnly, -2, "buy", true, 1)]
    [InlineData(DirectionFilter.LongOnly, -2, "close", true, 0)]
    [InlineData(DirectionFilter.ShortOnly, 0, "buy", false, 0)]
    [InlineData(DirectionFilter.ShortOnly, 0, "sell", true, -1)]
    [InlineData(DirectionFilter.ShortOnly, -2, "buy", true, 0)]
    [InlineData(DirectionFilter.ShortOnly, -2, "position 5", true, 0)]
    [InlineData(DirectionFilter.ShortOnly, 2, "close 1", true, 1)]
    public void Direction_stops_entries_of_the_other_side_and_splits_reversals(
        DirectionFilter direction, double held, string signal, bool accepted, double after)
    {
        var recorder = new RecorderRun().Holding((decimal)held);
        recorder.Ask(new ChangeRecorder("Filtered", "ESU2026", Given.Sized(direction: direction)));
        var judged = recorder.Signal(signal);
        Assert.Equal(accepted, judged.State == SignalState.Accepted);
        Assert.Equal(accepted ? null : SignalReason.Direction, judged.Reason);
        Assert.Equal((decimal)after, recorder.Held());
    }

    [Fact]
    public void Direction_is_judged_after_the_swap()
    {
        var recorder = new RecorderRun(Given.Sized(direction: DirectionFilter.LongOnly) with { Inverse = true });
        Assert.Equal(SignalReason.Direction, recorder.Signal("buy").Reason);
        Assert.Equal(SignalState.Accepted, recorder.Signal("sell").State);
        Assert.Equal(1m, recorder.Held());
    }

    [Theory]
    [InlineData(0, 30, true)]
    [InlineData(0, 30.001, false)]
    [InlineData(-29, 1, true)]
    [InlineData(-29, 2, false)]
    [InlineData(60, 30, true)] // A source clock that runs ahead makes nothing older.
    [InlineData(60, 31, false)]
    public void Age_counts_from_the_earlier_of_sent_and_received(double sentOffset, double judgedAfter, bool accepted)
    {
        var recorder = new RecorderRun();
        var delivery = recorder.Delivery(Given.Parsed("buy") with { SentAt = recorder.Now.AddSeconds(sentOffset) });
        recorder.Now = recorder.Now.AddSeconds(judgedAfter);
        var judged = recorder.Receive(delivery);
        Assert.Equal(accepted ? SignalState.Accepted : SignalState.Expired, judged.State);
        Assert.Equal(accepted ? null : SignalReason.Late, judged.Reason);
    }

    [Fact]
    public void Paused_recorder_trades_again_once_resumed()
    {
        var recorder = new RecorderRun();
        recorder.Ask(new PauseRecorder(true));
        Assert.Empty(recorder.Ask(new PauseRecorder(true)).Events);
        Assert.Equal(SignalReason.Paused, recorder.Signal("buy").Reason);
        recorder.Ask(new PauseRecorder(false));
        Assert.Equal(SignalState.Accepted, recorder.Signal("buy").State);
    }

    [Fact]
    public void Body_that_could_not_be_read_is_logged_as_invalid_and_makes_no_later_one_a_repeat()
    {
        var recorder = new RecorderRun();
        Assert.Equal(SignalState.Invalid, recorder.Receive(recorder.Delivery(null, bodyHash: "same")).State);
        Assert.Equal(SignalState.Invalid, recorder.Receive(recorder.Delivery(null, bodyHash: "same")).State);
        Assert.Equal(0, recorder.State.LastFanOut);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(25, true)]
    [InlineData(25.001, false)]
    public void Equal_body_is_a_repeat_within_the_window(double after, bool isRepeat)
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        recorder.Now = recorder.Now.AddSeconds(after);
        var judged = recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        Assert.Equal(isRepeat ? SignalState.Duplicate : SignalState.Accepted, judged.State);
        Assert.Equal(isRepeat ? 1m : 2m, recorder.Held());
    }

    [Fact]
    public void Repeats_do_not_lengthen_the_window()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        for (var second = 0; second <= 40; second += 20)
        {
            recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
            recorder.Now = recorder.Now.AddSeconds(20);
        }

        Assert.Equal(
            [SignalState.Accepted, SignalState.Duplicate, SignalState.Accepted],
            recorder.Events.Select(e => e is SignalRefused refused ? refused.State : SignalState.Accepted));
    }

    [Fact]
    public void Window_of_zero_turns_the_body_hash_off()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m) with { DedupWindowSeconds = 0 });
        recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        Assert.Equal(SignalState.Accepted, recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same")).State);
        Assert.Equal(2m, recorder.Held());
    }

    [Theory]
    [InlineData(6.9, true)]
    [InlineData(7.1, false)]
    public void Id_of_the_source_counts_for_seven_days_whatever_the_body(double days, bool isRepeat)
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        recorder.Receive(recorder.Delivery(Given.Parsed("buy") with { Id = "a-1" }, bodyHash: "one"));
        recorder.Now = recorder.Now.AddDays(days);
        var judged = recorder.Receive(recorder.Delivery(Given.Parsed("buy") with { Id = "a-1" }, bodyHash: "two"));
        Assert.Equal(isRepeat ? SignalState.Duplicate : SignalState.Accepted, judged.State);
    }

    [Fact]
    public void Other_ids_are_other_signals_even_with_equal_bodies()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        recorder.Receive(recorder.Delivery(Given.Parsed("buy") with { Id = "a-1" }, bodyHash: "same"));
        Assert.Equal(SignalState.Accepted, recorder.Receive(recorder.Delivery(Given.Parsed("buy") with { Id = "a-2" }, bodyHash: "same")).State);
    }

    [Fact]
    public void Rejected_signal_makes_its_repeat_a_duplicate()
    {
        var recorder = new RecorderRun();
        recorder.Receive(recorder.Delivery(Given.Parsed("close"), bodyHash: "same"));
        recorder.Signal("buy");
        Assert.Equal(SignalState.Duplicate, recorder.Receive(recorder.Delivery(Given.Parsed("close"), bodyHash: "same")).State);
        Assert.Equal(1m, recorder.Held());
    }

    [Fact]
    public void Key_that_left_the_state_is_a_repeat_when_it_was_looked_up()
    {
        var recorder = new RecorderRun();
        var stored = new SignalKey("sig-0", 1, recorder.Now.AddDays(1), SignalState.Accepted, null);
        var reply = recorder.Ask(recorder.Delivery(Given.Parsed("buy") with { Id = "old" }), stored).Reply;
        Assert.Equal(SignalState.Duplicate, ((SignalJudged)reply!).State);
    }

    [Fact]
    public void State_keeps_a_bounded_number_of_keys_and_remembers_that_it_forgot()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        for (var n = 0; n <= RecorderState.KeysKept; n++)
        {
            recorder.Signal(Given.Parsed("buy") with { Id = $"a-{n}" });
        }

        Assert.Equal((RecorderState.KeysKept, true), (recorder.State.Keys.Count, recorder.State.HasForgottenKeys));
        Assert.DoesNotContain("id:a-0", recorder.State.Keys.Keys);
    }

    [Theory]
    [InlineData("buy", SignalState.Accepted)]
    [InlineData("close", SignalState.Rejected)]
    public void Same_delivery_asked_twice_gets_the_same_answer_and_no_second_event(string signal, SignalState state)
    {
        var recorder = new RecorderRun();
        var delivery = recorder.Delivery(Given.Parsed(signal));
        var first = recorder.Receive(delivery);
        var events = recorder.Events.Count;
        var second = recorder.Receive(delivery);
        Assert.Equal((state, first.State, first.Reason), (second.State, second.State, second.Reason));
        Assert.Equal(events, recorder.Events.Count);
    }

    [Fact]
    public void Same_delivery_asked_twice_with_the_hash_off_trades_once()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m) with { DedupWindowSeconds = 0 });
        var delivery = recorder.Delivery(Given.Parsed("buy"));
        recorder.Receive(delivery);
        recorder.Now = recorder.Now.AddMinutes(59);
        recorder.Receive(delivery);
        Assert.Equal(1m, recorder.Held());
        Assert.Single(recorder.Events);
    }

    [Fact]
    public void Raw_text_is_kept_beside_the_event_under_the_signals_id()
    {
        var recorder = new RecorderRun();
        var reaction = recorder.Ask(recorder.Delivery(Given.Parsed("buy"), id: "sig-a"));
        Assert.Equal(("sig-a", "raw text"), (reaction.Texts.Single().Id, reaction.Texts.Single().Text));
    }

    private static SignalJudged Stopped(RecorderRun recorder, string stop, string signal)
    {
        var parsed = Given.Parsed(signal);
        switch (stop)
        {
            case "paused":
                recorder.Ask(new PauseRecorder(true));
                break;
            case "blocked":
                recorder.Ask(new ChangeRecorder("Blocked", "ESU2026", new Settings(Blocked: true)));
                break;
            case "protected":
                parsed = parsed with { Price = 4_900m, StopLoss = 4_900m };
                break;
            case "late":
                parsed = parsed with { SentAt = recorder.Now.AddSeconds(-31) };
                break;
        }

        return recorder.Signal(parsed);
    }
}

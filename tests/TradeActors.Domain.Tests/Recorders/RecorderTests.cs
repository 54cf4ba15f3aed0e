using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>Creation, subscriptions and fan-outs: acceptance fixes everything (PROTOCOL 5).</summary>
public sealed class RecorderTests
{
    [Fact]
    public void Recorder_that_was_never_created_refuses_and_ignores_timers()
    {
        var reply = Recorder.Decide(RecorderState.Empty, new PauseRecorder(true), new RecorderContext(RecorderRun.Self, default, NoQuotes.Instance), null).Reply;
        Assert.Equal("RecorderGone", Assert.IsType<RecorderRefused>(reply).Code);
        Assert.Empty(Recorder.Decide(RecorderState.Empty, new Activated(), new RecorderContext(RecorderRun.Self, default, NoQuotes.Instance), null).Events);
    }

    [Fact]
    public void Creation_asked_twice_is_stored_once()
    {
        var recorder = new RecorderRun();
        var again = recorder.Ask(new CreateRecorder("Opening range", "ESU2026", Settings.None, "hash"));
        Assert.Empty(again.Events);
        Assert.Equal(new RecorderChanged(1), again.Reply);
    }

    [Fact]
    public void Webhook_token_replaced_twice_with_the_same_is_stored_once()
    {
        var recorder = new RecorderRun();
        Assert.Equal(new WebhookTokenReplaced("new", "hash"), recorder.Ask(new ReplaceWebhookToken("new")).Events.Single());
        Assert.Empty(recorder.Ask(new ReplaceWebhookToken("new")).Events);
    }

    [Fact]
    public void Only_accepted_signals_take_a_fan_out_number_and_there_are_no_gaps()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Events.Clear();
        recorder.Signal("close");
        recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        recorder.Receive(recorder.Delivery(null));
        recorder.Signal("close");
        recorder.Signal(Given.Parsed("buy") with { Symbol = "FOO" });
        recorder.Signal("sell");
        var accepted = recorder.Events.OfType<SignalAccepted>().ToArray();
        Assert.Equal([1L, 2L, 3L], accepted.Select(e => e.FanOut));
        Assert.Equal([2L, 5L, 7L], accepted.Select(e => e.Number));
        Assert.Equal([1L, 3L, 4L, 6L], recorder.Events.OfType<SignalRefused>().Select(e => e.Number));
        Assert.Equal([1L, 2L, 3L], recorder.FanOuts.Select(fanOut => fanOut.Number));
        Assert.Equal([0L, 1L, 2L], recorder.FanOuts.Select(fanOut => fanOut.Members.Single().Previous));
    }

    [Fact]
    public void Signal_without_subscribers_takes_a_number_and_leaves_nothing_to_send()
    {
        var recorder = new RecorderRun();
        recorder.Signal("buy");
        Assert.Equal((1L, 0), (recorder.LastAccepted.FanOut, recorder.LastAccepted.Accounts));
        Assert.Empty(recorder.FanOuts);
    }

    [Fact]
    public void Fan_out_stands_until_it_is_delivered_and_is_completed_once()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Signal("buy");
        Assert.Single(recorder.FanOuts);
        Assert.Single(recorder.Ask(new FanOutDelivered(1)).Events);
        Assert.Empty(recorder.FanOuts);
        Assert.Empty(recorder.Ask(new FanOutDelivered(1)).Events);
        Assert.Empty(recorder.Ask(new FanOutDelivered(99)).Events);
    }

    [Fact]
    public void Subscription_takes_part_from_its_first_number_on()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Signal("buy");
        recorder.Put("s2");
        recorder.Signal("close");
        Assert.Equal([["s1"], ["s1", "s2"]], recorder.FanOuts.Select(fanOut => fanOut.Members.Select(member => member.Lane).ToArray()));
        Assert.Equal([1L, 0L], recorder.FanOuts[1].Members.Select(member => member.Previous));
        Assert.Equal([1, 2], recorder.Events.OfType<SignalAccepted>().Select(e => e.Accounts));
    }

    [Fact]
    public void Paused_subscription_is_left_out_and_its_previous_number_bridges_the_pause()
    {
        var recorder = new RecorderRun().Subscribed("s1", "s2");
        recorder.Signal("buy");
        recorder.Signal("sell");
        recorder.Put("s1", isEnabled: false);
        recorder.Signal("buy");
        recorder.Signal("sell");
        recorder.Put("s1");
        recorder.Signal("buy");
        recorder.Signal("sell");
        Assert.Equal([0L, 1, 2, 5], PreviousOf(recorder, "s1"));
        Assert.Equal([0L, 1, 2, 3, 4, 5], PreviousOf(recorder, "s2"));
        Assert.Equal([new FanOutSpan(1, 3), new FanOutSpan(5, null)], recorder.State.Subscriptions["s1"].Spans.AsEnumerable());
    }

    [Fact]
    public void Pause_and_resume_without_a_signal_between_leave_no_gap()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Signal("buy");
        recorder.Put("s1", isEnabled: false);
        recorder.Put("s1");
        recorder.Put("s1", isEnabled: false);
        recorder.Put("s1");
        recorder.Signal("sell");
        Assert.Equal([0L, 1], PreviousOf(recorder, "s1"));
    }

    [Fact]
    public void Subscription_stored_disabled_takes_part_only_once_enabled()
    {
        var recorder = new RecorderRun();
        recorder.Put("s1", isEnabled: false);
        recorder.Signal("buy");
        recorder.Put("s1");
        recorder.Signal("close");
        Assert.Equal([2L], recorder.FanOuts.Select(fanOut => fanOut.Number));
        Assert.Equal([0L], PreviousOf(recorder, "s1"));
    }

    [Fact]
    public void Removed_subscription_stays_a_member_of_what_was_accepted_before_and_cannot_come_back()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Signal("buy");
        recorder.Ask(new RemoveSubscription("s1"));
        recorder.Signal("close");
        Assert.Equal([1L], recorder.FanOuts.Select(fanOut => fanOut.Number));
        Assert.IsType<RecorderRefused>(recorder.Put("s1").Reply);
        Assert.Equal(new SubscriptionStored("s1", 2, false), recorder.Ask(new RemoveSubscription("s1")).Reply);
        Assert.IsType<RecorderRefused>(recorder.Ask(new RemoveSubscription("nobody")).Reply);
    }

    [Fact]
    public void Every_change_of_a_subscription_is_told_to_its_account_with_a_rising_version()
    {
        var recorder = new RecorderRun();
        Assert.Equal(Told(1, true), recorder.Put("s1").Sends.Single());
        Assert.Empty(recorder.Put("s1").Sends);
        Assert.Equal(Told(2, true), recorder.Put("s1", multiplier: 2m).Sends.Single());
        Assert.Equal(Told(3, false), recorder.Put("s1", multiplier: 2m, isEnabled: false).Sends.Single());
        Assert.Equal(Told(4, false), recorder.Ask(new RemoveSubscription("s1")).Sends.Single());

        static Outgoing Told(int version, bool isEnabled) => new(Given.Account("s1"), new SetSubscription("s1", "rec1", version, isEnabled));
    }

    [Fact]
    public void An_account_that_may_have_one_subscription_only_gets_no_second_one_until_the_first_is_removed()
    {
        var recorder = new RecorderRun();
        recorder.Put("s1");
        var second = new PutSubscription("s2", Given.Account("s1"), 1m, true, null, OnlyOne: true);
        Assert.Equal("AlreadySubscribed", Assert.IsType<RecorderRefused>(recorder.Ask(second).Reply).Code);
        Assert.IsType<SubscriptionStored>(recorder.Ask(second with { SubscriptionId = "s1" }).Reply);
        Assert.IsType<SubscriptionStored>(recorder.Ask(second with { Account = Given.Account("a2"), SubscriptionId = "s3" }).Reply);
        recorder.Ask(new RemoveSubscription("s1"));
        Assert.IsType<SubscriptionStored>(recorder.Ask(second).Reply);
        Assert.IsType<SubscriptionStored>(recorder.Ask(second).Reply); // Asked again it is the same one.
    }

    [Fact]
    public void Subscription_keeps_the_account_it_was_made_for()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Ask(new PutSubscription("s1", Given.Account("other"), 3m, true, null));
        Assert.Equal(Given.Account("s1"), recorder.State.Subscriptions["s1"].Account);
    }

    [Fact]
    public void Edits_after_acceptance_change_nothing_of_the_open_fan_out()
    {
        var recorder = new RecorderRun(Given.Sized(initial: 2m)).Subscribed("s1", "s2");
        recorder.Put("s1", multiplier: 2m, overrides: new Settings(EntryMaxAgeSeconds: 5));
        recorder.Signal("buy");
        var accepted = TestJson.Of(recorder.FanOuts);
        recorder.Ask(new ChangeRecorder("Edited", "NQ", new Settings(Inverse: true, Blocked: true)));
        recorder.Put("s1", multiplier: 9m);
        recorder.Put("s2", isEnabled: false);
        recorder.Put("s3");
        recorder.Ask(new RemoveSubscription("s2"));
        recorder.Ask(new PauseRecorder(true));
        Assert.Equal(accepted, TestJson.Of(recorder.FanOuts));
        var terms = (SubscriptionTerms)recorder.FanOuts.Single().Members[0].Terms!;
        Assert.Equal((2m, 5), (terms.Multiplier, terms.Overrides!.EntryMaxAgeSeconds));
    }

    [Fact]
    public void Settings_edited_between_two_signals_hold_for_the_second_only()
    {
        var recorder = new RecorderRun(Given.Sized(initial: 2m)).Subscribed("s1");
        recorder.Signal("buy");
        recorder.Ask(new ChangeRecorder("Edited", "ESU2026", Given.Sized(initial: 5m)));
        recorder.Signal("sell");
        Assert.Equal([2m, 5m], recorder.FanOuts.Select(fanOut => ((RecorderSignal)fanOut.Message).Settings.Sizing!.Initial));
        Assert.Equal(-5m, recorder.Held());
    }

    [Fact]
    public void Events_replayed_give_the_same_state()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m)).Subscribed("s1", "s2");
        var random = new Pcg32(20260820);
        string[] signals = ["buy", "sell", "close", "close 1", "reverse", "position 3", "position 0", "position -2"];
        var created = recorder.State.Created!;
        for (var step = 0; step < 400; step++)
        {
            recorder.Now = recorder.Now.AddSeconds(random.Next(20));
            _ = random.Next(6) switch
            {
                0 => recorder.Put($"s{random.Next(4)}", 1 + random.Next(3), random.Chance(0.7)),
                1 => recorder.Ask(new FanOutDelivered(1 + random.Next((int)recorder.State.LastFanOut + 1))),
                2 => recorder.Ask(new PauseRecorder(random.Chance(0.3))),
                _ => recorder.Ask(recorder.Delivery(Given.Parsed(signals[random.Next(signals.Length)]), bodyHash: $"{random.Next(20)}")),
            };
        }

        var replayed = recorder.Events.Prepend(created).Aggregate(RecorderState.Empty, Recorder.Apply);
        Assert.Equal(TestJson.Of(recorder.State), TestJson.Of(replayed));
        Assert.True(recorder.State.LastFanOut > 50, "Too few signals were accepted for this run to mean anything.");
    }

    private static IEnumerable<long> PreviousOf(RecorderRun recorder, string lane) =>
        recorder.FanOuts.SelectMany(fanOut => fanOut.Members).Where(member => member.Lane == lane).Select(member => member.Previous);
}

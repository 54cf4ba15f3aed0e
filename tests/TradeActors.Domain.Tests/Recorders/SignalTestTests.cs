using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>A test signal is judged by the recorder as a real one is, and changes nothing.</summary>
public sealed class SignalTestTests
{
    private readonly RecorderRun _recorder = new RecorderRun(Given.Sized(initial: 2m, direction: DirectionFilter.LongOnly)).Subscribed("s1", "s2", "s3");

    public SignalTestTests()
    {
        _recorder.Put("s2", isEnabled: false);
        _recorder.Ask(new RemoveSubscription("s3"));
        _recorder.Events.Clear();
    }

    [Theory]
    [InlineData("buy")]
    [InlineData("sell")] // Direction
    [InlineData("close")] // NothingToClose
    [InlineData("position 3")]
    public void It_says_what_the_signal_then_does(string text)
    {
        var tested = Test(Given.Parsed(text));
        var judged = _recorder.Receive(_recorder.Delivery(Given.Parsed(text), id: "test"));
        Assert.Equal((judged.State, judged.Reason, judged.Detail), (tested.State, tested.Reason, tested.Detail));
        if (judged.State == SignalState.Accepted)
        {
            var fanOut = _recorder.FanOuts.Single();
            Assert.Equal((fanOut.Number, fanOut.Message), (tested.FanOut, (object?)tested.Part));
            Assert.Equal(fanOut.Members.Select(member => (member.To, member.Lane)), tested.Members.Select(member => (member.Account, member.Terms.SubscriptionId)));
        }

        var verdicts = _recorder.Events[^1] is SignalAccepted accepted ? accepted.Verdicts : ((SignalRefused)_recorder.Events[^1]).Verdicts;
        Assert.Equal(verdicts.AsEnumerable(), tested.Verdicts);
    }

    [Fact]
    public void Nothing_is_stored()
    {
        var before = _recorder.State;
        Test(Given.Parsed("buy"));
        Test(Given.Parsed("sell"));
        Test(null);
        Assert.Same(before, _recorder.State);
        Assert.Empty(_recorder.Events);
    }

    [Fact]
    public void Whoever_takes_no_part_is_named_and_who_was_removed_is_not()
    {
        var accepted = Test(Given.Parsed("buy"));
        Assert.Equal("s1", accepted.Members.Single().Terms.SubscriptionId);
        Assert.Equal("s2", accepted.Others.Single().Id);
        var refused = Test(Given.Parsed("sell"));
        Assert.Empty(refused.Members);
        Assert.Null(refused.Part);
        Assert.Equal(["s1", "s2"], refused.Others.Select(other => other.Id));
    }

    [Fact]
    public void A_repeat_and_a_signal_that_says_it_is_a_test_are_judged_all_the_same()
    {
        _recorder.Signal(Given.Parsed("buy") with { Id = "k" });
        _recorder.Signal("close");
        Assert.Equal(SignalState.Accepted, Test(Given.Parsed("buy") with { Id = "k" }).State);
        Assert.Equal(SignalState.Accepted, Test(Given.Parsed("buy") with { IsTest = true }).State);
    }

    [Fact]
    public void A_body_that_cannot_be_read_is_invalid() => Assert.Equal((SignalState.Invalid, "Unreadable"), (Test(null).State, Test(null).Reason));

    private SignalTested Test(ParsedSignal? parsed) => (SignalTested)_recorder.Ask(new TestSignal(_recorder.Delivery(parsed, id: "test"))).Reply!;
}

using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>A recorder drops a signal id that it already has, however late it is asked again (PROTOCOL 6, 7): a retry, the inbox, a commit unheard.</summary>
public sealed class RedeliveryTests
{
    [Fact]
    public void Delivery_asked_again_after_its_window_and_another_signal_trades_once()
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m));
        var delivery = recorder.Delivery(Given.Parsed("buy"));
        recorder.Receive(delivery);
        recorder.Now = recorder.Now.AddSeconds(26);
        recorder.Signal("buy");
        recorder.Receive(delivery);
        Assert.Equal(2, recorder.Events.Count);
        Assert.Equal(2m, recorder.Held());
    }

    [Theory]
    [InlineData(25, 0)]
    [InlineData(0, 25)]
    public void Delivery_asked_again_after_the_window_was_edited_trades_once(int before, int after)
    {
        var recorder = new RecorderRun(Given.Sized(add: 1m) with { DedupWindowSeconds = before });
        var delivery = recorder.Delivery(Given.Parsed("buy"));
        recorder.Receive(delivery);
        recorder.Ask(new ChangeRecorder("Edited", "ESU2026", Given.Sized(add: 1m) with { DedupWindowSeconds = after }));
        recorder.Receive(delivery);
        Assert.Equal(1m, recorder.Held());
    }

    [Fact]
    public void Repeat_asked_again_is_not_logged_again()
    {
        var recorder = new RecorderRun();
        recorder.Receive(recorder.Delivery(Given.Parsed("buy"), bodyHash: "same"));
        var repeat = recorder.Delivery(Given.Parsed("buy"), bodyHash: "same");
        Assert.Equal(SignalState.Duplicate, recorder.Receive(repeat).State);
        Assert.Equal(SignalState.Duplicate, recorder.Receive(repeat).State);
        Assert.Equal(2, recorder.Events.Count);
    }

    [Fact]
    public void Unreadable_delivery_asked_again_is_not_logged_again()
    {
        var recorder = new RecorderRun();
        var delivery = recorder.Delivery(null);
        Assert.Equal(SignalState.Invalid, recorder.Receive(delivery).State);
        Assert.Equal(SignalState.Invalid, recorder.Receive(delivery).State);
        Assert.Single(recorder.Events);
    }
}

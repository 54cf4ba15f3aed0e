using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>A webhook token is replaced at once, or with a time of grace in which the old one counts too.</summary>
public sealed class WebhookTokenTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly RecorderRun _recorder = new();

    [Fact]
    public void Without_grace_the_replaced_token_ends_at_once()
    {
        Assert.Equal("Accepted", Send("hash", "buy"));
        _recorder.Ask(new ReplaceWebhookToken("new"));
        Assert.Equal("UnknownToken", Send("hash", "close"));
        Assert.Equal("Accepted", Send("new", "close"));
        Assert.Empty(Recorder.Pending(_recorder.State).Timers);
    }

    [Fact]
    public void In_its_grace_the_replaced_token_counts_by_the_time_of_receipt()
    {
        var until = _recorder.Now + Hour;
        _recorder.Ask(new ReplaceWebhookToken("new", Hour));
        Assert.Equal(new EntityTimer("token", until), Assert.Single(Recorder.Pending(_recorder.State).Timers));
        Assert.Equal("Accepted", Send("hash", "buy", until));
        Assert.Equal("UnknownToken", Send("hash", "close", until.AddTicks(1)));
        Assert.Equal("Accepted", Send("new", "close", until.AddTicks(1)));
    }

    [Fact]
    public void A_refused_token_leaves_nothing_behind()
    {
        _recorder.Ask(new ReplaceWebhookToken("new"));
        var before = _recorder.State;
        Send("hash", "buy");
        Assert.Same(before, _recorder.State);
    }

    [Fact]
    public void A_delivery_that_was_judged_before_the_replacement_gets_its_answer_again()
    {
        var delivery = _recorder.Delivery(Given.Parsed("buy")) with { TokenHash = "hash" };
        _recorder.Ask(delivery);
        _recorder.Ask(new ReplaceWebhookToken("new"));
        Assert.Equal(SignalState.Accepted, _recorder.Receive(delivery).State);
    }

    [Fact]
    public void The_end_of_the_grace_is_stored_by_a_timer_once()
    {
        _recorder.Ask(new ReplaceWebhookToken("new", Hour));
        Assert.Empty(_recorder.Ask(new TimerFired("token")).Events);
        _recorder.Now += Hour;
        Assert.Equal(new WebhookTokenEnded("hash"), _recorder.Ask(new TimerFired("token")).Events.Single());
        Assert.Empty(_recorder.Ask(new TimerFired("token")).Events);
        Assert.Empty(Recorder.Pending(_recorder.State).Timers);
    }

    [Fact]
    public void A_second_replacement_ends_the_token_before_the_last()
    {
        _recorder.Ask(new ReplaceWebhookToken("second", Hour));
        _recorder.Ask(new ReplaceWebhookToken("third", Hour));
        Assert.Equal("UnknownToken", Send("hash", "buy"));
        Assert.Equal("Accepted", Send("second", "buy"));
    }

    [Fact]
    public void A_leaked_token_is_ended_within_its_grace()
    {
        _recorder.Ask(new ReplaceWebhookToken("new", Hour));
        Assert.Equal(new WebhookTokenEnded("hash"), _recorder.Ask(new EndPreviousToken()).Events.Single());
        Assert.Equal("UnknownToken", Send("hash", "buy"));
        var again = _recorder.Ask(new EndPreviousToken());
        Assert.Equal((0, new RecorderChanged(1)), (again.Events.Length, again.Reply));
    }

    private string Send(string tokenHash, string text, DateTimeOffset? receivedAt = null)
    {
        var delivery = _recorder.Delivery(Given.Parsed(text)) with { TokenHash = tokenHash };
        var reply = _recorder.Ask(delivery with { ReceivedAt = receivedAt ?? _recorder.Now }).Reply;
        return reply is RecorderRefused refused ? refused.Code : ((SignalJudged)reply!).State.ToString();
    }
}

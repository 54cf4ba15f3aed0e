using TradeActors.Domain.Common;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Cluster;

public sealed class AskRouterTests : IRouterOutput
{
    private static readonly EntityId To = new("t", "ledger", "a");

    private readonly AskRouter _router = new(new RouterOptions());
    private readonly List<string> _said = [];
    private TimeSpan _uptime = TimeSpan.FromHours(1);

    [Fact]
    public void Answer_comes_back_once()
    {
        Ask(1, null);
        _router.Answered(1, "yes", this);
        _router.Answered(1, "again", this);
        Assert.Equal(["carry 1", "answer 1 yes"], _said);
        Assert.Null(_router.NextDue);
    }

    [Fact]
    public void Question_is_asked_again_while_its_shard_moves()
    {
        Ask(1, null);
        _router.Refused(1, AskFailure.NotOwner, "moved", _uptime, this);
        Advance(0.05);
        _router.Refused(1, AskFailure.NotOwner, "moved", _uptime, this);
        Advance(0.05);
        Advance(0.05);
        Assert.Equal(["carry 1", "carry 1", "carry 1"], _said);
    }

    [Fact]
    public void Question_without_an_answer_is_given_up_and_not_asked_again()
    {
        Ask(1, null);
        Advance(9.9);
        Advance(0.1);
        Advance(10);
        Assert.Equal(["carry 1", "gives up 1 Unavailable"], _said);
    }

    [Fact]
    public void Signal_is_left_in_the_inbox_after_a_second_and_said_to_be_safe_when_it_is_stored()
    {
        Ask(1, "s1");
        Advance(0.9);
        Advance(0.1);
        Assert.Equal(["carry 1", "put s1"], _said);
        _router.Put(1, "s1", this);
        Assert.Equal("answer 1 LeftInInbox { InboxId = s1 }", _said[^1]);
    }

    [Fact]
    public void Answer_that_comes_before_the_inbox_has_it_counts()
    {
        Ask(1, "s1");
        Advance(1);
        _router.Answered(1, "judged", this);
        _router.Put(1, "s1", this);
        Assert.Equal(["carry 1", "put s1", "answer 1 judged"], _said);
    }

    [Fact]
    public void Signal_that_nobody_can_store_is_not_said_to_be_safe()
    {
        Ask(1, "s1");
        Advance(1);
        _router.Put(1, null, this);
        Assert.Equal("gives up 1 Unavailable", _said[^1]);
    }

    [Fact]
    public void Signal_that_its_recorder_cannot_judge_is_given_up_at_once()
    {
        Ask(1, "s1");
        _router.Refused(1, AskFailure.Parked, "poison", _uptime, this);
        Assert.Equal(["carry 1", "gives up 1 Parked"], _said);
    }

    private void Ask(long id, string? inboxId) => _router.Ask(id, To, "message", inboxId, _uptime, this);

    private void Advance(double seconds)
    {
        _uptime += TimeSpan.FromSeconds(seconds);
        _router.Tick(_uptime, this);
    }

    void IRouterOutput.Carry(long askId, EntityId to, object message) => _said.Add($"carry {askId}");

    void IRouterOutput.PutInbox(long askId, EntityId to, string inboxId, object message) => _said.Add($"put {inboxId}");

    void IRouterOutput.Answer(long askId, object reply) => _said.Add($"answer {askId} {reply}");

    void IRouterOutput.GiveUp(long askId, AskFailure failure, string detail) => _said.Add($"gives up {askId} {failure}");
}

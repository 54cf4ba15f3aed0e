using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Core;

/// <summary>The inbox of a shard, tags of queued messages, and the hand-over in good order.</summary>
public sealed class MovingTests
{
    private static readonly EntityId A = CoreHarness.Id("a");
    private static readonly int ShardOfA = A.ShardHash(8);

    // Inbox.

    [Fact]
    public void What_lies_in_the_inbox_is_judged_before_what_waits_and_then_taken_out()
    {
        var core = Started(out _);
        core.Give(new CoreInput.InboxGrew(ShardOfA, 2));
        var asked = Assert.Single(core.InboxAsked);
        Assert.Equal(0, asked.After);
        var direct = core.Ask(A, new Put("direct", 1));
        core.StoreAll();
        Assert.Empty(core.Replies);

        core.Give(new CoreInput.InboxRead(ShardOfA, asked.Epoch, new InboxPage(2, [Row(1, "first"), Row(2, "second")])));
        core.StoreAll();
        Assert.Equal(["first", "second", "direct"], core.StateOf(A).Entries.Count == 3 ? Ids(core) : []);
        Assert.Equal(3, ((TotalIs)core.Replies[direct]).Total);
        Assert.Equal([(ShardOfA, 1L), (ShardOfA, 2L)], core.InboxDropped);
    }

    [Fact]
    public void Append_refused_because_the_inbox_is_ahead_is_judged_again_behind_what_lies_there()
    {
        var core = Started(out _);
        var direct = core.Ask(A, new Put("direct", 1));
        Refuse(core);
        var asked = Assert.Single(core.InboxAsked);
        core.Give(new CoreInput.InboxRead(ShardOfA, asked.Epoch, new InboxPage(1, [Row(1, "first")])));
        core.StoreAll();
        Assert.Equal(["first", "direct"], Ids(core));
        Assert.Equal(2, ((TotalIs)core.Replies[direct]).Total);
    }

    [Fact]
    public void Later_messages_of_the_inbox_stay_behind_earlier_ones_that_are_not_stored()
    {
        var core = Started(out _);
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        core.Give(new CoreInput.InboxRead(ShardOfA, core.InboxAsked[0].Epoch, new InboxPage(1, [Row(1, "first")])));
        Refuse(core); // The second has come meanwhile.
        core.Give(new CoreInput.InboxRead(ShardOfA, core.InboxAsked[1].Epoch, new InboxPage(2, [Row(2, "second")])));
        core.StoreAll();
        Assert.Equal(["first", "second"], Ids(core));
    }

    [Fact]
    public void Inbox_that_could_not_be_read_is_read_when_it_is_next_seen_to_have_grown()
    {
        var core = Started(out _);
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        var asked = Assert.Single(core.InboxAsked);
        core.Give(new CoreInput.InboxRead(ShardOfA, asked.Epoch, null));
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        Assert.Equal(2, core.InboxAsked.Count);
    }

    [Fact]
    public void Entity_that_cannot_be_loaded_keeps_what_came_from_the_inbox()
    {
        var core = Started(out _);
        core.FailLoads = true;
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        core.Give(new CoreInput.InboxRead(ShardOfA, core.InboxAsked[0].Epoch, new InboxPage(1, [Row(1, "first")])));
        core.FailLoads = false;
        core.Advance(TimeSpan.FromSeconds(1));
        core.StoreAll();
        Assert.Equal(["first"], Ids(core));
    }

    [Fact]
    public void Kind_without_an_inbox_does_not_wait_for_it()
    {
        var core = Started(out var behavior);
        behavior.TakesInbox = false;
        core.Give(new CoreInput.InboxGrew(ShardOfA, 2));
        Assert.Equal(1, ((TotalIs)core.AskAndStore(A, new Put("direct", 1))).Total);
    }

    // Tags.

    [Fact]
    public void Tag_is_done_when_what_came_under_it_is_stored_and_not_before()
    {
        var core = Started(out _);
        core.Give(new CoreInput.Ask(77, A, new Put("x", 1), Tag: 5));
        Assert.Empty(core.DoneTags);
        core.StoreAll();
        Assert.Equal([5L], core.DoneTags);
    }

    [Fact]
    public void Tag_of_a_fan_out_is_done_when_every_member_is()
    {
        var core = Started(out _);
        var (b, c) = Two();
        var sender = CoreHarness.Id("sender");
        core.Give(new CoreInput.FanOutDelivered(
            new FanOutEnvelope(sender, b.ShardHash(8), 1, 3, [new FanOutMember(b, "s", 0, 3), new FanOutMember(c, "s", 0, 3)]), Tag: 9));
        Assert.Empty(core.DoneTags);
        core.StoreAll();
        Assert.Equal([9L], core.DoneTags);
    }

    [Fact]
    public void Tag_of_a_shard_that_was_lost_is_never_done()
    {
        var core = Started(out _);
        core.Give(new CoreInput.Ask(77, A, new Put("x", 1), Tag: 5));
        core.Give(new CoreInput.ShardLost(ShardOfA));
        Assert.Empty(core.DoneTags);
        Assert.Empty(core.Failures); // Its next owner answers.
    }

    // Hand-over.

    [Fact]
    public void Shard_is_drained_when_what_was_judged_is_stored_and_what_was_not_goes_to_the_next_owner()
    {
        var core = Started(out _);
        core.AskAndStore(A, new Put("known", 1));
        var judged = core.Ask(A, new Put("judged", 1));
        core.Give(new CoreInput.DrainShard(ShardOfA));
        var late = core.Ask(A, new Put("late", 1));
        core.Give(new CoreInput.Ask(88, A, new Put("queued", 1), Tag: 6));
        Assert.False(core.IsDrained(ShardOfA));
        Assert.Equal(AskFailure.NotOwner, core.Failures[late]);

        core.StoreAll();
        Assert.True(core.IsDrained(ShardOfA));
        Assert.Equal(2, ((TotalIs)core.Replies[judged]).Total);
        Assert.DoesNotContain(6L, core.DoneTags);
    }

    [Fact]
    public void Fan_out_of_which_a_part_is_left_to_the_next_owner_is_not_done()
    {
        var core = Started(out _);
        var (b, c) = Two();
        core.AskAndStore(b, new Put("known", 1)); // Judges its part at once; the other one cannot be loaded.
        core.FailLoads = true;
        var sender = CoreHarness.Id("sender");
        core.Give(new CoreInput.FanOutDelivered(
            new FanOutEnvelope(sender, b.ShardHash(8), 1, 3, [new FanOutMember(b, "s", 0, 3), new FanOutMember(c, "s", 0, 3)]), Tag: 9));
        core.Give(new CoreInput.DrainShard(b.ShardHash(8)));
        core.StoreAll();
        Assert.True(core.IsDrained(b.ShardHash(8)));
        Assert.Empty(core.DoneTags);
    }

    [Fact]
    public void Shard_is_not_drained_before_a_call_that_cannot_be_cut_has_ended()
    {
        var core = Started(out _);
        core.AskAndStore(A, new CallOut("c1"));
        var call = Assert.Single(core.Started);
        Assert.True(call.Effect.EndsBeforeMove);
        core.Give(new CoreInput.DrainShard(ShardOfA));
        Assert.False(core.IsDrained(ShardOfA));
        core.Give(new CoreInput.EffectReported(A, call.Activation, new CallDone("c1")));
        core.StoreAll();
        Assert.True(core.IsDrained(ShardOfA));
    }

    [Fact]
    public void Inbox_is_left_to_the_next_owner()
    {
        var core = Started(out _);
        core.Give(new CoreInput.InboxGrew(ShardOfA, 1));
        core.Give(new CoreInput.DrainShard(ShardOfA));
        core.Give(new CoreInput.InboxRead(ShardOfA, core.InboxAsked[0].Epoch, new InboxPage(1, [Row(1, "first")])));
        core.StoreAll();
        Assert.Empty(core.StateOf(A).Entries);
        Assert.Empty(core.InboxDropped);
    }

    // The clock.

    [Fact]
    public void Entity_does_not_go_back_in_time_when_it_comes_to_a_node_whose_clock_is_behind()
    {
        var journal = new MemoryJournal(8);
        var ahead = new CoreHarness(journal: journal);
        ahead.Now += TimeSpan.FromMinutes(1);
        ahead.AskAndStore(A, new Put("x", 1));
        var behind = new CoreHarness(journal: journal);
        behind.AskAndStore(A, new Put("y", 1));
        var times = journal.Load(A, -1).Events.Select(row => row.StoredAt).ToArray();
        Assert.Equal(times.Order(), times);
    }

    private static CoreHarness Started(out LedgerBehavior behavior)
    {
        behavior = new LedgerBehavior { TakesInbox = true };
        return new CoreHarness(behavior);
    }

    private static void Refuse(CoreHarness core)
    {
        var append = core.Appends.Dequeue();
        core.Give(new CoreInput.Appended(append.Id, [.. append.Parts.Select(_ => AppendOutcome.InboxAhead)]));
    }

    private static InboxRow Row(long number, string id)
    {
        var (type, body) = CoreHarness.Types.Encode(new Put(id, 1));
        return new InboxRow(number, new InboxMessage(id, A, type, body));
    }

    private static string[] Ids(CoreHarness core) =>
    [
        .. core.Journal.Load(A, -1).Events.Select(row => CoreHarness.Types.Decode(row.Type, row.Payload)).OfType<Added>().Select(added => added.Id),
    ];

    /// <summary>Two entities of one shard.</summary>
    private static (EntityId, EntityId) Two()
    {
        var b = CoreHarness.Id("b");
        return (b, Enumerable.Range(0, 1_000).Select(i => CoreHarness.Id($"c{i}")).First(id => id.ShardHash(8) == b.ShardHash(8)));
    }
}

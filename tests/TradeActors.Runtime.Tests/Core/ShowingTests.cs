using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Core;

/// <summary>What an operator sees of the entities in memory.</summary>
public sealed class ShowingTests
{
    private static readonly EntityId A = CoreHarness.Id("a");
    private static readonly EntityId B = CoreHarness.Id("b");
    private static readonly EntityId C = CoreHarness.Id("c");

    [Fact]
    public void Messages_are_waiting_then_being_stored_then_done()
    {
        var node = new CoreHarness();
        node.Ask(A, new Put("1", 5));
        Assert.Equal((0L, 1L), (node.Work.Waiting, node.Work.Storing));
        node.Ask(A, new Explode("x", 99)); // Backs off: what comes later waits behind it.
        node.Ask(A, new Put("2", 5));
        Assert.Equal((2L, 1L), (node.Work.Waiting, node.Work.Storing));
        Assert.Equal(("backingOff", 2, 1, 0L), Assert.Single(node.Shown()) is var shown ? (shown.Phase, shown.Waiting, shown.Storing, shown.Sequence) : default);
        node.StoreAll();
        Assert.Equal((2L, 0L, 1L), (node.Work.Waiting, node.Work.Storing, node.Shown()[0].Sequence));
        Assert.Equal(1, node.Work.LoadedByKind[LedgerBehavior.KindName]);
    }

    [Fact]
    public void A_send_is_overdue_since_its_receiver_acknowledged_the_last_one()
    {
        var node = new CoreHarness();
        var sentAt = node.Now;
        node.AskAndStore(A, new Pay("1", B, 1));
        node.Now += TimeSpan.FromMilliseconds(100);
        node.AskAndStore(A, new Pay("2", B, 1));
        var (first, second) = (node.Sends[0], node.Sends[1]);
        node.Sends.Clear();
        Assert.Equal((2L, sentAt), (node.Work.Unacknowledged, node.Work.OverdueSince));

        node.Give(new CoreInput.Delivered(first));
        node.StoreAll();
        node.Give(new CoreInput.Acknowledged(node.Acks.Single()));
        node.Acks.Clear();
        Assert.Equal(node.Now, node.Work.OverdueSince);

        node.Give(new CoreInput.Delivered(second));
        node.StoreAll();
        node.Give(new CoreInput.Acknowledged(node.Acks.Single()));
        Assert.Null(node.Work.OverdueSince);
    }

    [Fact]
    public void After_a_restart_what_is_out_is_overdue_since_the_load()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 1));
        node.Now += TimeSpan.FromHours(1);
        node.Crash();
        node.Give(new CoreInput.ClockTick());
        Assert.Equal((1L, node.Now), (node.Work.Unacknowledged, node.Work.OverdueSince));
    }

    [Fact]
    public void An_open_fan_out_is_overdue_since_it_began()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Tell([B, C], 5));
        var began = node.Now;
        node.Now += TimeSpan.FromMilliseconds(200);
        Assert.Equal((1L, began), (node.Work.FanOuts, node.Work.OverdueSince));
        Assert.Equal(1, node.Shown().Single(entity => entity.Id == A).FanOuts);
        node.Settle();
        Assert.Equal((0L, null), (node.Work.FanOuts, node.Work.OverdueSince));
    }

    [Fact]
    public void Entities_are_shown_in_order_of_their_ids_a_stretch_at_a_time()
    {
        var node = new CoreHarness();
        foreach (var id in new[] { C, A, B })
        {
            node.AskAndStore(id, new Put("1", 1));
        }

        Assert.Equal([A, B, C], node.Shown().Select(entity => entity.Id));
        Assert.Equal([A, B], node.Shown(most: 2).Select(entity => entity.Id));
        Assert.Equal([B, C], node.Shown(after: A).Select(entity => entity.Id));
        Assert.Empty(node.Shown(kind: "other"));
        Assert.All(node.Shown(LedgerBehavior.KindName), entity => Assert.Equal(entity.Id.ShardHash(8), entity.Shard));
    }
}

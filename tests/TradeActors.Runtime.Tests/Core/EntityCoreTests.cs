using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Runtime.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Core;

public sealed class EntityCoreTests
{
    private static readonly EntityId A = CoreHarness.Id("a");
    private static readonly EntityId B = CoreHarness.Id("b");
    private static readonly EntityId C = CoreHarness.Id("c");

    [Fact]
    public void Reply_waits_for_the_commit()
    {
        var node = new CoreHarness();
        var ask = node.Ask(A, new Put("1", 5));
        Assert.Empty(node.Replies);
        node.StoreAll();
        Assert.Equal(new TotalIs(5, false), node.Replies[ask]);
    }

    /// <summary>As journals keep it: before, rows held finer times than a replay of their events could make.</summary>
    [Fact]
    public void Time_of_an_event_is_told_to_the_millisecond_everywhere()
    {
        var node = new CoreHarness();
        var at = node.Now;
        node.Now = at.AddTicks(1_234);
        node.Ask(A, new Put("1", 5));
        var (_, parts) = node.Appends.Peek();
        Assert.All(parts, part => Assert.All(part.Events, row => Assert.Equal(at, row.StoredAt)));
    }

    [Fact]
    public void Repeat_and_query_judged_on_speculative_state_wait_for_it_too()
    {
        var node = new CoreHarness();
        node.Ask(A, new Put("1", 5));
        var repeat = node.Ask(A, new Put("1", 5));
        var query = node.Ask(A, new GetTotal());
        Assert.Empty(node.Replies);
        node.StoreAll();
        Assert.Equal(new TotalIs(5, true), node.Replies[repeat]);
        Assert.Equal(new TotalIs(5, false), node.Replies[query]);
    }

    [Fact]
    public void After_a_lost_append_the_unanswered_messages_are_judged_again_in_order()
    {
        var node = new CoreHarness();
        var first = node.Ask(A, new Put("1", 5));
        var repeat = node.Ask(A, new Put("1", 5));
        var second = node.Ask(A, new Put("2", 7));
        node.LoseAppend();
        node.StoreAll();
        Assert.Equal(new TotalIs(5, false), node.Replies[first]);
        Assert.Equal(new TotalIs(5, true), node.Replies[repeat]);
        Assert.Equal(new TotalIs(12, false), node.Replies[second]);
        Assert.Equal(12, node.StateOf(A).Total);
    }

    [Fact]
    public void After_a_commit_that_went_unheard_the_message_proves_to_be_a_repeat()
    {
        var node = new CoreHarness();
        var ask = node.Ask(A, new Put("1", 5));
        node.StoreUnheard();
        node.StoreAll();
        Assert.Equal(new TotalIs(5, true), node.Replies[ask]);
        Assert.Equal(5, node.StateOf(A).Total);
    }

    [Fact]
    public void An_observer_is_told_what_is_stored_after_its_commit_with_the_states_around_it()
    {
        var node = new CoreHarness();
        var decidedAt = node.Now;
        node.Ask(A, new Put("1", 5));
        node.Ask(A, new Put("1", 5)); // A repeat stores nothing.
        node.Ask(A, new Put("2", 7));
        Assert.Empty(node.Stored);
        node.Now += TimeSpan.FromSeconds(1);
        node.StoreAll();
        Assert.Equal(["1", "2"], node.Stored.Select(step => ((Added)Assert.Single(step.Events)).Id));
        Assert.Equal([0, 5], node.Stored.Select(step => ((LedgerState)step.Before).Total));
        Assert.Equal([5, 12], node.Stored.Select(step => ((LedgerState)step.After).Total));
        Assert.All(node.Stored, step => Assert.Equal((A, decidedAt), (step.Id, step.DecidedAt)));
    }

    [Fact]
    public void After_an_append_without_an_answer_nothing_is_said_until_something_is_stored_where_it_would_be()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Put("1", 5));
        node.Ask(A, new Put("2", 7));
        var late = node.Appends.Peek();
        node.LoseAppend();
        Assert.Equal("runtime.delivery-noted.v1", node.Appends.Peek().Parts.Single().Events[0].Type); // Even if what is judged again stored nothing now.
        var total = node.Ask(A, new GetTotal());
        node.Journal.Append(late.Parts); // It is carried out after the load.
        Assert.False(node.Replies.ContainsKey(total));
        node.StoreAll();
        Assert.Equal(new TotalIs(12, false), node.Replies[total]);
        Assert.Equal(12, node.StateOf(A).Total);
    }

    [Fact]
    public void First_append_of_an_entity_without_an_answer_is_no_exception()
    {
        var node = new CoreHarness();
        node.Ask(A, new Put("1", 5));
        var late = node.Appends.Peek();
        node.LoseAppend();
        Assert.Equal("runtime.delivery-noted.v1", node.Appends.Peek().Parts.Single().Events[0].Type);
        var total = node.Ask(A, new GetTotal());
        node.Journal.Append(late.Parts);
        Assert.False(node.Replies.ContainsKey(total));
        node.StoreAll();
        Assert.Equal(new TotalIs(5, false), node.Replies[total]);
    }

    [Fact]
    public void An_observer_is_not_told_of_an_append_that_was_lost_and_once_of_its_repetition()
    {
        var node = new CoreHarness();
        node.Ask(A, new Put("1", 5));
        node.LoseAppend();
        Assert.Empty(node.Stored);
        node.StoreAll();
        Assert.IsType<Added>(Assert.Single(Assert.Single(node.Stored, step => step.Events.Any(@event => @event is Added)).Events));
    }

    [Fact]
    public void Events_of_many_entities_ride_on_one_append()
    {
        var node = new CoreHarness();
        node.Ask(A, new Put("1", 1)); // Starts the first append; the others gather behind it.
        node.Ask(A, new Put("2", 1));
        node.Ask(B, new Put("1", 1));
        node.Ask(C, new Put("1", 1));
        Assert.Single(node.Appends);
        var append = node.Appends.Dequeue();
        node.Give(new CoreInput.Appended(append.Id, node.Journal.Append(append.Parts)));
        Assert.Equal([A, B, C], node.Appends.Peek().Parts.Select(part => part.Id).Order());
        node.StoreAll();
        Assert.Equal(4, node.Replies.Count);
    }

    [Fact]
    public void Conflict_of_one_entity_leaves_the_others_alone()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Put("1", 1));
        var other = new CoreHarness(journal: node.Journal); // Takes over every shard and writes; then loses it again to the first.
        other.AskAndStore(A, new Put("by the other", 10));
        node.Claim();
        var a = node.Ask(A, new Put("2", 1));
        var b = node.Ask(B, new Put("1", 1));
        node.StoreAll();
        Assert.Equal(new TotalIs(12, false), node.Replies[a]);
        Assert.Equal(new TotalIs(1, false), node.Replies[b]);
    }

    [Fact]
    public void Stale_owner_cannot_write_and_drops_the_shard()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Put("1", 1));
        _ = new CoreHarness(journal: node.Journal);
        var ask = node.Ask(A, new Put("2", 1));
        node.StoreAll();
        Assert.Equal(AskFailure.NotOwner, node.Failures[ask]);
        Assert.Equal([A.ShardHash(8)], node.RefusedShards);
        Assert.Equal(1, node.StateOf(A).Total);
    }

    [Fact]
    public void Send_leaves_after_the_commit_and_is_booked_once_however_often_it_arrives()
    {
        var node = new CoreHarness();
        node.Ask(A, new Pay("1", B, 5));
        Assert.Empty(node.Sends);
        node.StoreAll();
        var send = Assert.Single(node.Sends);
        node.Give(new CoreInput.Delivered(send));
        node.Give(new CoreInput.Delivered(send));
        node.Settle();
        node.Give(new CoreInput.Delivered(send));
        node.Settle();
        Assert.Equal(5, node.StateOf(B).Total);
        Assert.Equal(-5, node.StateOf(A).Total);
    }

    [Fact]
    public void Sends_that_arrive_out_of_order_are_taken_in_order()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 1));
        node.AskAndStore(A, new Pay("2", B, 10));
        var (first, second) = (node.Sends[0], node.Sends[1]);
        node.Sends.Clear();
        node.Give(new CoreInput.Delivered(second));
        node.Settle();
        Assert.Equal(0, node.StateOf(B).Total);
        node.Give(new CoreInput.Delivered(first));
        node.Settle();
        node.Advance(TimeSpan.FromSeconds(1)); // What was ahead of its turn is sent again.
        node.Settle();
        Assert.Equal(11, node.StateOf(B).Total);
    }

    [Fact]
    public void Unacknowledged_send_is_repeated_with_back_off_until_it_is_acknowledged()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 5));
        var repeats = 0;
        for (var second = 0; second < 30; second++)
        {
            node.Sends.Clear();
            node.Advance(TimeSpan.FromSeconds(1));
            repeats += node.Sends.Count;
        }

        Assert.InRange(repeats, 4, 8);
        node.Advance(TimeSpan.FromSeconds(10));
        node.Settle();
        node.Advance(TimeSpan.FromSeconds(1));
        node.Settle();
        node.Sends.Clear();
        node.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(node.Sends);
        Assert.Equal(5, node.StateOf(B).Total);
    }

    [Fact]
    public void Crash_before_the_send_arrived_sends_it_again_without_any_message_coming_in()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 5));
        Assert.Equal(DateTimeOffset.MinValue, node.Journal.Wakes[A]);
        node.Crash();
        node.Settle();
        Assert.Equal(5, node.StateOf(B).Total);
    }

    [Fact]
    public void Wake_row_goes_when_the_acknowledgement_is_stored()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 5));
        node.Settle();
        Assert.Contains(A, node.Journal.Wakes.Keys);
        node.Advance(TimeSpan.FromSeconds(1));
        node.StoreAll();
        Assert.DoesNotContain(A, node.Journal.Wakes.Keys);
        node.Crash();
        node.Settle();
        Assert.Empty(node.Sends);
        Assert.Equal(5, node.StateOf(B).Total);
    }

    [Fact]
    public void Acknowledgement_waits_for_the_receivers_commit()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Pay("1", B, 5));
        node.Give(new CoreInput.Delivered(node.Sends[0]));
        Assert.Empty(node.Acks);
        node.LoseAppend();
        Assert.Empty(node.Acks);
        node.StoreAll();
        Assert.Equal(new Acknowledgement(B, A, "", 1), Assert.Single(node.Acks));
        Assert.Equal(5, node.StateOf(B).Total);
    }

    [Fact]
    public void Fan_out_is_one_message_a_shard_and_completes_when_all_have_stored_it()
    {
        var node = new CoreHarness();
        var members = Enumerable.Range(0, 50).Select(i => CoreHarness.Id($"m{i}")).ToArray();
        node.AskAndStore(A, new Tell([.. members], 3));
        Assert.Equal(members.Select(id => id.ShardHash(8)).Distinct().Count(), node.FanOuts.Count);
        node.Settle();
        Assert.All(members, id => Assert.Equal(3, node.StateOf(id).Total));
        Assert.Empty(node.StateOf(A).Tellings);
    }

    [Fact]
    public void Fan_out_cut_off_by_a_crash_is_sent_again_and_booked_once()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Tell([B, C], 3));
        var toB = node.FanOuts.Single(envelope => envelope.Members.Any(member => member.To == B));
        node.Give(new CoreInput.FanOutDelivered(toB with { Members = [.. toB.Members.Where(member => member.To == B)] }));
        node.StoreAll();
        node.Crash();
        node.Settle();
        Assert.Equal(3, node.StateOf(B).Total);
        Assert.Equal(3, node.StateOf(C).Total);
        Assert.Empty(node.StateOf(A).Tellings);
    }

    [Fact]
    public void Fan_outs_to_one_receiver_are_taken_in_order_and_a_missing_one_is_waited_for()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Tell([B], 1));
        node.AskAndStore(A, new Tell([B], 10));
        var later = node.FanOuts.Single(envelope => envelope.Number == 2);
        node.FanOuts.Clear();
        node.Give(new CoreInput.FanOutDelivered(later));
        node.Settle();
        Assert.Equal(0, node.StateOf(B).Total);
        node.Advance(TimeSpan.FromSeconds(1));
        node.Settle();
        Assert.Equal(11, node.StateOf(B).Total);
        Assert.Empty(node.StateOf(A).Tellings);
    }

    [Fact]
    public void Message_that_keeps_failing_is_parked_and_later_ones_pass()
    {
        var node = new CoreHarness();
        var poison = node.Ask(A, new Explode("x", 99));
        var later = node.Ask(A, new Put("1", 5));
        var elsewhere = node.AskAndStore(B, new Put("1", 1));
        Assert.Equal(new TotalIs(1, false), elsewhere);
        Assert.Empty(node.Failures);
        for (var i = 0; i < 5; i++)
        {
            node.Advance(TimeSpan.FromSeconds(1));
            node.StoreAll();
        }

        Assert.Equal(AskFailure.Parked, node.Failures[poison]);
        Assert.Equal(new TotalIs(5, false), node.Replies[later]);
        var row = Assert.Single(node.Journal.Rows, change => change.Key.Table == ReadTable.Parked);
        Assert.Contains("explodes", RowJson.Deserialize<ParkedRow>(row.Put!.Doc).Error);
        node.Crash();
        Assert.Equal(new TotalIs(5, false), node.AskAndStore(A, new GetTotal()));
    }

    [Fact]
    public void Sender_of_a_parked_fan_out_hears_what_the_behaviour_says_for_it_once_and_after_a_crash_too()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new Tell([B], LedgerTypes.Poison));
        node.Settle();
        node.Advance(TimeSpan.FromSeconds(1));
        node.Advance(TimeSpan.FromSeconds(1));
        node.StoreAll();
        Assert.Single(node.Journal.Rows, change => change.Key.Table == ReadTable.Parked);
        Assert.Equal(0, node.StateOf(A).Total);
        node.Crash(); // Before anything of it has left.
        for (var i = 0; i < 3; i++)
        {
            node.Settle();
            node.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(-1, node.StateOf(A).Total);
        Assert.Empty(node.StateOf(A).Tellings);
    }

    [Fact]
    public void Message_that_fails_twice_and_then_succeeds_is_not_parked()
    {
        var node = new CoreHarness();
        var ask = node.Ask(A, new Explode("x", 2));
        for (var i = 0; i < 5; i++)
        {
            node.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(new TotalIs(0, false), node.Replies[ask]);
        Assert.Equal(2, node.Notices.OfType<CoreNotice.DecisionFailed>().Count());
    }

    [Fact]
    public void Effect_starts_after_its_commit_once_and_stops_when_the_state_drops_it()
    {
        var node = new CoreHarness();
        node.Ask(A, new CallOut("call"));
        Assert.Empty(node.Started);
        node.StoreAll();
        node.AskAndStore(A, new Put("1", 1));
        var started = Assert.Single(node.Started);
        node.Give(new CoreInput.EffectReported(A, started.Activation, new CallDone("call")));
        node.StoreAll();
        Assert.Equal([(A, "call")], node.Stopped);
        Assert.Empty(node.StateOf(A).Calls);
    }

    [Fact]
    public void Effect_left_by_a_crash_starts_again_and_results_of_the_old_one_are_dropped()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new CallOut("call"));
        node.Crash();
        var started = Assert.Single(node.Started);
        node.Give(new CoreInput.EffectReported(A, started.Activation + 1000, new CallDone("call")));
        node.StoreAll();
        Assert.NotEmpty(node.StateOf(A).Calls);
        node.Give(new CoreInput.EffectReported(A, started.Activation, new CallDone("call")));
        node.StoreAll();
        Assert.Empty(node.StateOf(A).Calls);
    }

    [Fact]
    public void Timer_fires_when_due_also_after_a_crash_with_nobody_calling()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new RemindAt(node.Now.AddHours(3)));
        Assert.Equal(node.Now.AddHours(3), node.Journal.Wakes[A]);
        node.Advance(TimeSpan.FromHours(2));
        node.Crash();
        Assert.Equal(0, node.Loaded);
        node.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, node.StateOf(A).Reminded);
        node.Advance(TimeSpan.FromMinutes(1));
        node.StoreAll();
        Assert.Equal(1, node.StateOf(A).Reminded);
        Assert.Empty(node.Journal.Wakes);
    }

    [Fact]
    public void Warning_is_given_when_what_it_rests_on_is_committed_and_once_though_the_append_was_lost()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new RemindAt(node.Now.AddHours(3)));
        node.Advance(TimeSpan.FromHours(3));
        Assert.Empty(node.Notices.OfType<CoreNotice.Warned>());
        node.LoseAppend();
        Assert.Empty(node.Notices.OfType<CoreNotice.Warned>());
        node.StoreAll();
        Assert.Equal(new CoreNotice.Warned(A, "Reminded."), Assert.Single(node.Notices.OfType<CoreNotice.Warned>()));
    }

    [Fact]
    public void Idle_entity_leaves_memory_and_its_timer_still_rings()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new RemindAt(node.Now.AddHours(3)));
        node.AskAndStore(B, new Put("1", 1));
        node.Advance(TimeSpan.FromMinutes(5));
        node.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, node.Loaded);
        node.Advance(TimeSpan.FromHours(3));
        node.StoreAll();
        Assert.Equal(1, node.StateOf(A).Reminded);
        Assert.Equal(new TotalIs(1, false), node.AskAndStore(B, new GetTotal()));
    }

    [Fact]
    public void Entity_that_wants_quotes_stays_and_gets_them()
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new WatchQuotes("ESZ2026"));
        Assert.Equal([(A, "ESZ2026")], node.Interests);
        node.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, node.Loaded);
        node.Give(new CoreInput.Quotes("ESZ2026", [new Quote("ESZ2026", 1m, 2m, 1.5m, null, null, null, node.Now)]));
        node.StoreAll();
        Assert.Equal(1, node.StateOf(A).Total);
        Assert.Empty(node.Interests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quote_is_taken_again_after_a_lost_append_but_not_after_one_that_went_unheard(bool isStored)
    {
        var node = new CoreHarness();
        node.AskAndStore(A, new WatchQuotes("ESZ2026"));
        node.Give(new CoreInput.Quotes("ESZ2026", [new Quote("ESZ2026", 1m, 2m, 1.5m, null, null, null, node.Now)]));
        if (isStored)
        {
            node.StoreUnheard();
        }
        else
        {
            node.LoseAppend();
        }

        node.StoreAll();
        var stored = node.Journal.Load(A, -1).Events.Where(row => row.Type != "runtime.delivery-noted.v1");
        Assert.Equal(3, stored.Count()); // What was wanted, what the quote added, and that no more is wanted.
    }

    [Fact]
    public void Snapshot_holds_committed_state_and_the_delivery_marks()
    {
        var node = new CoreHarness(options: new CoreOptions { ShardCount = 8, SnapshotEvery = 3 });
        for (var i = 0; i < 5; i++)
        {
            node.AskAndStore(A, new Pay($"{i}", B, 1));
        }

        var sends = node.Sends.ToArray();
        node.Settle();
        node.Advance(TimeSpan.FromSeconds(1));
        node.Settle();
        Assert.Contains(A, node.Journal.Snapshots.Keys);
        Assert.Contains(B, node.Journal.Snapshots.Keys);
        node.Crash();
        foreach (var send in sends)
        {
            node.Give(new CoreInput.Delivered(send));
        }

        node.Settle();
        Assert.Equal(new TotalIs(5, false), node.AskAndStore(B, new GetTotal()));
        Assert.Equal(new TotalIs(-6, false), node.AskAndStore(A, new Pay("next", B, 1)));
        node.Settle();
        Assert.Equal(new TotalIs(6, false), node.AskAndStore(B, new GetTotal()));
    }

    [Fact]
    public void Snapshots_of_a_large_state_are_further_apart()
    {
        var node = new CoreHarness(options: new CoreOptions { ShardCount = 8, SnapshotEvery = 2 });
        node.AskAndStore(A, new Put(new string('x', 4_800), 1));
        node.AskAndStore(A, new Put(new string('y', 4_900), 1));
        var first = node.Journal.Snapshots[A].Seq; // 9,700 bytes, worth nine events of 1 KiB.
        for (var i = 0; i < 8; i++)
        {
            node.AskAndStore(A, new Put($"more {i}", 1));
        }

        Assert.Equal(first, node.Journal.Snapshots[A].Seq);
        node.AskAndStore(A, new Put("enough", 1));
        Assert.Equal(first + 9, node.Journal.Snapshots[A].Seq);
        node.Crash();
        Assert.Equal(new TotalIs(11, false), node.AskAndStore(A, new GetTotal()));
    }

    [Fact]
    public void Snapshot_of_another_schema_is_ignored()
    {
        var behavior = new LedgerBehavior();
        var node = new CoreHarness(behavior, new CoreOptions { ShardCount = 8, SnapshotEvery = 2 });
        for (var i = 0; i < 5; i++)
        {
            node.AskAndStore(A, new Put($"{i}", 1));
        }

        behavior.SnapshotSchema = 2;
        node.Crash();
        Assert.Equal(new TotalIs(5, false), node.AskAndStore(A, new GetTotal()));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1)] // The snapshot alone tells of the time.
    public void Time_of_an_entity_does_not_run_backwards_on_a_node_whose_clock_is_behind(int snapshotEvery)
    {
        var node = new CoreHarness(options: new CoreOptions { ShardCount = 8, SnapshotEvery = snapshotEvery });
        node.AskAndStore(A, new Put("1", 1));
        node.AskAndStore(A, new Put("2", 1));
        var before = node.Now;
        node.Now -= TimeSpan.FromSeconds(1);
        node.Crash();
        node.AskAndStore(A, new Put("3", 1));
        Assert.Equal(before, node.Journal.Load(A, -1).Events[^1].StoredAt);

        node.Now += TimeSpan.FromSeconds(2);
        node.AskAndStore(A, new Put("4", 1));
        Assert.Equal(node.Now, node.Journal.Load(A, -1).Events[^1].StoredAt);
    }

    [Fact]
    public void Entity_that_cannot_be_loaded_refuses_and_recovers()
    {
        var node = new CoreHarness { FailLoads = true };
        var ask = node.Ask(A, new Put("1", 1));
        Assert.Equal(AskFailure.Unavailable, node.Failures[ask]);
        node.FailLoads = false;
        node.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new TotalIs(1, false), node.AskAndStore(A, new Put("1", 1)));
    }

    [Fact]
    public void Two_messages_of_the_same_instant_are_both_handled_in_order()
    {
        var node = new CoreHarness();
        var first = node.Ask(A, new Put("1", 1));
        var second = node.Ask(A, new Put("2", 10));
        node.StoreAll();
        Assert.Equal(new TotalIs(1, false), node.Replies[first]);
        Assert.Equal(new TotalIs(11, false), node.Replies[second]);
    }

    [Fact]
    public void Ask_for_a_shard_that_is_not_owned_is_refused()
    {
        var node = new CoreHarness();
        node.Give(new CoreInput.ShardLost(A.ShardHash(8)));
        Assert.Equal(AskFailure.NotOwner, node.Failures[node.Ask(A, new GetTotal())]);
    }

    [Fact]
    public void Row_that_changes_twice_in_one_append_is_written_once_as_it_is_last()
    {
        var node = new CoreHarness();
        node.Ask(B, new Put("1", 1)); // Holds the journal, so that the next two gather.
        node.Ask(A, new Put("1", 1));
        node.Ask(A, new Put("2", 2));
        node.StoreAll();
        Assert.Equal(2, node.Journal.Rows.Count(row => row.Key is { Parent: "a", Id: "1" or "2" }));
        Assert.Single(node.Journal.Rows, row => row.Key is { Parent: "a", Id: "total" });
        Assert.Equal("3", RowJson.Deserialize<TextRow>(node.Journal.Rows.Single(row => row.Key is { Parent: "a", Id: "total" }).Put!.Doc).Text);
    }
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using Xunit;
using static TradeActors.Abstractions.Journal.AppendOutcome;

namespace TradeActors.Contracts.Journal;

/// <summary>What every engine of <see cref="IJournal"/> must do.</summary>
public abstract class JournalContract(IStoreData data) : StoreContract(data)
{
    private static readonly EntityId A = Given.Account("a");
    private static readonly EntityId B = Given.Account("b");

    private IJournal Journal => Store.Journal;

    [Fact]
    public async Task Events_come_back_as_they_were_stored()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 2)));
        await StoreAsync(Part(A, epoch, 2, Given.Events(3, 3)));
        Same.Events(Given.Events(1, 3), await EventsAsync(A));
    }

    [Fact]
    public async Task Empty_payload_and_meta_stay_empty_and_missing_meta_stays_missing()
    {
        var epoch = await ClaimAsync(0);
        ImmutableArray<EventRow> events = [new(1, "x.v1", [], [], Given.At), new(2, "x.v1", [0], null, Given.At)];
        await StoreAsync(Part(A, epoch, 0, events));
        Same.Events(events, await EventsAsync(A));
    }

    [Fact]
    public async Task Payload_of_any_size_and_content_comes_back()
    {
        var epoch = await ClaimAsync(0);
        var payload = Enumerable.Range(0, 300_000).Select(i => (byte)(i % 251)).ToArray();
        ImmutableArray<EventRow> events = [new(1, "signal.accepted-größe.v1", payload, payload, Given.At)];
        await StoreAsync(Part(A, epoch, 0, events));
        Same.Events(events, await EventsAsync(A));
    }

    [Fact]
    public async Task Unknown_entity_has_no_events_and_no_snapshot()
    {
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Assert.Null(loaded.Snapshot);
        Assert.Empty(loaded.Events);
    }

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        var epoch = await ClaimAsync(0);
        var row = Given.Row("o1");
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 4), [Given.Put(row)], new WakeChange(Given.At), Given.Snapshot(2)));
        await RestartAsync();
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Same.Snapshot(Given.Snapshot(2), loaded.Snapshot);
        Same.Events(Given.Events(3, 4), loaded.Events);
        Same.Rows([row], [await Journal.LookupAsync(row.Key, default)]);
        var claim = Assert.Single(await Journal.ClaimAsync([0], "n2", default));
        Assert.Equal(epoch + 1, claim.Epoch);
        Same.Items([new WakeRow(A, Given.At)], claim.Wakes);
    }

    [Fact]
    public async Task Installation_is_the_same_after_a_restart()
    {
        var before = Store.Installation;
        await RestartAsync();
        Assert.Equal(before, Store.Installation);
        Assert.Equal(ShardCount, before.ShardCount);
        Assert.Matches("^[a-z0-9]{4}$", before.Incarnation);
    }

    [Fact]
    public async Task Append_behind_or_ahead_of_the_head_is_a_conflict_and_stores_nothing()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 2)));
        var row = Given.Row("o1");
        var outcomes = await Journal.AppendAsync(
            [
                Part(A, epoch, 0, Given.Events(1, 1), [Given.Put(row)], new WakeChange(Given.At), Given.Snapshot(1)),
                Part(A, epoch, 1, Given.Events(2, 3), [Given.Put(row)]),
                Part(A, epoch, 3, Given.Events(4, 4), [Given.Put(row)]),
            ],
            default);
        Same.Items([Conflict, Conflict, Conflict], outcomes);
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Same.Events(Given.Events(1, 2), loaded.Events);
        Assert.Null(loaded.Snapshot);
        Assert.Null(await Journal.LookupAsync(row.Key, default));
        Assert.Empty((await Journal.ClaimAsync([0], "n", default))[0].Wakes);
    }

    [Fact]
    public async Task Part_without_events_is_held_to_the_expected_head_too()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 2)));
        Same.Items([Conflict, Stored], await Journal.AppendAsync(
            [Part(A, epoch, 1, [], snapshot: Given.Snapshot(1)), Part(A, epoch, 2, [], snapshot: Given.Snapshot(2))], default));
        Same.Snapshot(Given.Snapshot(2), (await Journal.LoadAsync(A, Given.Schema, default)).Snapshot);
    }

    [Fact]
    public async Task One_conflict_does_not_fail_the_others_of_the_batch()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1)));
        var c = Given.Account("c");
        Same.Items([Stored, Conflict, Stored], await Journal.AppendAsync(
            [Part(B, epoch, 0, Given.Events(1, 1)), Part(A, epoch, 0, Given.Events(1, 1)), Part(c, epoch, 0, Given.Events(1, 2))], default));
        Same.Events(Given.Events(1, 1), await EventsAsync(B));
        Same.Events(Given.Events(1, 2), await EventsAsync(c));
    }

    [Fact]
    public async Task Refused_part_leaves_no_hole_for_the_next_part_of_the_same_entity()
    {
        var epoch = await ClaimAsync(0);
        Same.Items([StaleEpoch, Conflict], await Journal.AppendAsync(
            [Part(A, epoch - 1, 0, Given.Events(1, 1)), Part(A, epoch, 1, Given.Events(2, 2))], default));
        Assert.Empty(await EventsAsync(A));
    }

    [Fact]
    public async Task Several_parts_of_one_entity_in_one_call_follow_one_another()
    {
        var epoch = await ClaimAsync(0);
        Same.Items([Stored, Stored, Conflict, Stored], await Journal.AppendAsync(
            [
                Part(A, epoch, 0, Given.Events(1, 2)), Part(A, epoch, 2, Given.Events(3, 3)), Part(A, epoch, 2, Given.Events(3, 4)),
                Part(A, epoch, 3, Given.Events(4, 4)),
            ],
            default));
        Same.Events(Given.Events(1, 4), await EventsAsync(A));
    }

    [Fact]
    public async Task Calls_that_share_a_transaction_follow_one_another_and_get_their_own_answers()
    {
        var epoch = await ClaimAsync(0);
        Task<ImmutableArray<AppendOutcome>>[] calls;
        using (Store.HoldNextTransaction())
        {
            var blocker = Journal.AppendAsync([Part(B, epoch, 0, Given.Events(1, 1))], default);
            calls =
            [
                blocker,
                Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 2))], default),
                Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 1)), Part(B, epoch, 1, Given.Events(2, 2))], default),
                Journal.AppendAsync([Part(A, epoch, 2, Given.Events(3, 3))], default),
            ];
        }

        var outcomes = await Task.WhenAll(calls);
        Same.Items(["Stored", "Stored", "Conflict Stored", "Stored"], outcomes.Select(each => string.Join(' ', each)));
        Same.Events(Given.Events(1, 3), await EventsAsync(A));
        Same.Events(Given.Events(1, 2), await EventsAsync(B));
    }

    [Fact]
    public async Task Stale_epoch_is_named_and_the_rest_is_stored()
    {
        var old = await ClaimAsync(1);
        var epoch = await ClaimAsync(0);
        await ClaimAsync(1);
        Same.Items([StaleEpoch, Stored], await Journal.AppendAsync(
            [Part(A, old, 0, Given.Events(1, 1), shard: 1), Part(B, epoch, 0, Given.Events(1, 1))], default));
        Assert.Empty(await EventsAsync(A));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Any_epoch_but_the_stored_one_is_refused(int difference)
    {
        var epoch = await ClaimAsync(0);
        Same.Items([StaleEpoch], await Journal.AppendAsync([Part(A, epoch + difference, 0, Given.Events(1, 1))], default));
    }

    [Fact]
    public async Task Stale_epoch_writes_neither_rows_nor_wake_nor_snapshot()
    {
        var old = await ClaimAsync(0);
        await StoreAsync(Part(A, old, 0, Given.Events(1, 1)));
        await ClaimAsync(0);
        var row = Given.Row("o1");
        Same.Items([StaleEpoch], await Journal.AppendAsync(
            [Part(A, old, 1, [], [Given.Put(row)], new WakeChange(Given.At), Given.Snapshot(1))], default));
        Assert.Null(await Journal.LookupAsync(row.Key, default));
        Assert.Null((await Journal.LoadAsync(A, Given.Schema, default)).Snapshot);
        Assert.Empty((await Journal.ClaimAsync([0], "n", default))[0].Wakes);
    }

    [Fact]
    public async Task Shard_that_nobody_has_claimed_cannot_be_written() =>
        Same.Items([StaleEpoch], await Journal.AppendAsync([Part(A, 0, 0, Given.Events(1, 1))], default));

    [Fact]
    public async Task Empty_append_has_no_outcomes() => Assert.Empty(await Journal.AppendAsync([], default));

    [Fact]
    public async Task Events_with_a_gap_are_a_defect_of_the_caller()
    {
        var epoch = await ClaimAsync(0);
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync([Part(A, epoch, 0, [Given.Event(1), Given.Event(3)])], default));
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync([Part(A, epoch, 0, [Given.Event(2)])], default));
        Assert.Empty(await EventsAsync(A));
    }

    [Fact]
    public async Task Load_gives_the_snapshot_and_only_the_events_after_it()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 5)));
        await StoreAsync(Part(A, epoch, 5, [], snapshot: Given.Snapshot(3)));
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Same.Snapshot(Given.Snapshot(3), loaded.Snapshot);
        Same.Events(Given.Events(4, 5), loaded.Events);
    }

    [Fact]
    public async Task Snapshot_may_cover_the_events_it_comes_with()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 2), snapshot: Given.Snapshot(2)));
        Same.Snapshot(Given.Snapshot(2), (await Journal.LoadAsync(A, Given.Schema, default)).Snapshot);
    }

    [Fact]
    public async Task Snapshot_of_another_schema_is_ignored()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 3), snapshot: Given.Snapshot(2, schema: Given.Schema + 1)));
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Assert.Null(loaded.Snapshot);
        Same.Events(Given.Events(1, 3), loaded.Events);
    }

    [Fact]
    public async Task Snapshot_beyond_the_head_is_ignored_and_the_part_stored()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 2), snapshot: Given.Snapshot(3)));
        await StoreAsync(Part(A, epoch, 2, Given.Events(3, 3)));
        var loaded = await Journal.LoadAsync(A, Given.Schema, default);
        Assert.Null(loaded.Snapshot);
        Same.Events(Given.Events(1, 3), loaded.Events);
    }

    [Fact]
    public async Task Newest_snapshot_wins_whatever_the_order_of_writing()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 5), snapshot: Given.Snapshot(2)));
        await StoreAsync(Part(A, epoch, 5, [], snapshot: Given.Snapshot(5)));
        await StoreAsync(Part(A, epoch, 5, [], snapshot: Given.Snapshot(4)));
        Same.Snapshot(Given.Snapshot(5), (await Journal.LoadAsync(A, Given.Schema, default)).Snapshot);
    }

    [Fact]
    public async Task Snapshot_of_a_new_schema_replaces_the_old_one()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 5), snapshot: Given.Snapshot(5, schema: Given.Schema - 1)));
        await StoreAsync(Part(A, epoch, 5, [], snapshot: Given.Snapshot(4)));
        Same.Snapshot(Given.Snapshot(4), (await Journal.LoadAsync(A, Given.Schema, default)).Snapshot);
    }

    [Fact]
    public async Task Rows_are_put_replaced_and_dropped_with_the_events()
    {
        var epoch = await ClaimAsync(0);
        var (kept, gone) = (Given.Row("o1", sort: 1, state: "working"), Given.Row("o2", sort: 2));
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1), [Given.Put(kept), Given.Put(gone)]));
        var changed = Given.Row("o1", sort: 7, state: "filled");
        await StoreAsync(Part(A, epoch, 1, Given.Events(2, 2), [Given.Put(changed), Given.Drop(gone)]));
        Same.Rows([changed, null], [await Journal.LookupAsync(kept.Key, default), await Journal.LookupAsync(gone.Key, default)]);
    }

    [Fact]
    public async Task Later_change_of_the_same_row_wins()
    {
        var epoch = await ClaimAsync(0);
        var (first, last, dropped, back) = (Given.Row("o1", sort: 1), Given.Row("o1", sort: 2), Given.Row("o2"), Given.Row("o3"));
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1),
            [Given.Put(first), Given.Put(dropped), Given.Put(last), Given.Drop(dropped), Given.Drop(back), Given.Put(back)]));
        Same.Rows([last, null, back],
            [
                await Journal.LookupAsync(last.Key, default), await Journal.LookupAsync(dropped.Key, default),
                await Journal.LookupAsync(back.Key, default),
            ]);
    }

    [Fact]
    public async Task Dropping_a_row_that_is_not_there_is_no_error()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1), [Given.Drop(Given.Row("o1"))]));
    }

    [Fact]
    public async Task Every_read_table_keeps_its_own_rows()
    {
        var epoch = await ClaimAsync(0);
        var rows = Enum.GetValues<ReadTable>().Select((table, i) => Given.Row("same", sort: i, state: "s", table: table)).ToImmutableArray();
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1), [.. rows.Select(Given.Put)]));
        var found = new List<Row?>();
        foreach (var row in rows)
        {
            found.Add(await Journal.LookupAsync(row.Key, default));
        }

        Same.Rows(rows, found);
    }

    [Fact]
    public async Task Wake_row_is_written_replaced_kept_and_removed_with_the_events()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1), wake: new(Given.At)));
        Same.Items([new WakeRow(A, Given.At)], await WakesAsync(0));
        await StoreAsync(Part(A, epoch + 1, 1, Given.Events(2, 2), wake: new(Given.At.AddHours(1))));
        Same.Items([new WakeRow(A, Given.At.AddHours(1))], await WakesAsync(0));
        await StoreAsync(Part(A, epoch + 2, 2, Given.Events(3, 3)));
        Same.Items([new WakeRow(A, Given.At.AddHours(1))], await WakesAsync(0));
        await StoreAsync(Part(A, epoch + 3, 3, Given.Events(4, 4), wake: new(null)));
        Assert.Empty(await WakesAsync(0));
    }

    [Fact]
    public async Task Wake_at_once_comes_back_as_at_once()
    {
        var epoch = await ClaimAsync(0);
        await StoreAsync(Part(A, epoch, 0, [], wake: new(DateTimeOffset.MinValue)));
        Same.Items([new WakeRow(A, DateTimeOffset.MinValue)], await WakesAsync(0));
    }

    [Fact]
    public async Task Claim_gives_each_shard_its_own_wake_rows_in_order_of_entity()
    {
        var (zero, one) = (await ClaimAsync(0), await ClaimAsync(1));
        var dashed = Given.Account("k", tenant: "acme-b");
        await Journal.AppendAsync(
            [
                Part(dashed, zero, 0, [], wake: new(Given.At)), Part(B, zero, 0, [], wake: new(Given.At)), Part(A, zero, 0, [], wake: new(Given.At)),
                Part(Given.Account("z"), one, 0, [], wake: new(Given.At), shard: 1),
            ],
            default);
        var claims = await Journal.ClaimAsync([1, 0, 5], "n2", default);
        Same.Items([1, 0, 5], claims.Select(claim => claim.Shard));
        Same.Items([one + 1, zero + 1, 1], claims.Select(claim => claim.Epoch));
        Same.Items(["z"], claims[0].Wakes.Select(wake => wake.Id.Key));
        Same.Items([A, B, dashed], claims[1].Wakes.Select(wake => wake.Id));
        Assert.Empty(claims[2].Wakes);
    }

    [Fact]
    public async Task Claim_of_a_shard_that_does_not_exist_is_a_defect_of_the_caller()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ClaimAsync([ShardCount], "n", default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ClaimAsync([-1], "n", default));
    }

    [Fact]
    public async Task Failure_before_the_commit_stores_nothing_and_the_next_append_works()
    {
        var epoch = await ClaimAsync(0);
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.AppendAsync(
            [Part(A, epoch, 0, Given.Events(1, 1), [Given.Put(Given.Row("o1"))], new(Given.At))], default));
        Assert.Empty(await EventsAsync(A));
        Assert.Null(await Journal.LookupAsync(Given.Row("o1").Key, default));
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1)));
        Assert.Empty(await WakesAsync(0));
    }

    [Fact]
    public async Task Failed_claim_leaves_the_epoch_to_its_owner()
    {
        var epoch = await ClaimAsync(0);
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.ClaimAsync([0], "thief", default));
        await StoreAsync(Part(A, epoch, 0, Given.Events(1, 1)));
    }

    [Fact]
    public async Task Lost_answer_is_settled_by_reading_the_events_back()
    {
        var epoch = await ClaimAsync(0);
        Store.LoseNextAnswer();
        await Assert.ThrowsAsync<JournalUnknownOutcomeException>(() => Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 2))], default));
        Same.Events(Given.Events(1, 2), await EventsAsync(A));
        Same.Items([Conflict], await Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 2))], default));
        await StoreAsync(Part(A, epoch, 2, Given.Events(3, 3)));
    }

    [Fact]
    public async Task Lost_answer_of_a_claim_still_fences_the_old_owner()
    {
        var epoch = await ClaimAsync(0);
        Store.LoseNextAnswer();
        await Assert.ThrowsAsync<JournalUnknownOutcomeException>(() => Journal.ClaimAsync([0], "n2", default));
        Same.Items([StaleEpoch], await Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 1))], default));
    }

    [Fact]
    public async Task Cancelling_a_queued_append_does_not_hide_its_outcome()
    {
        var epoch = await ClaimAsync(0);
        using var cancel = new CancellationTokenSource();
        Task<ImmutableArray<AppendOutcome>> blocker, queued;
        using (Store.HoldNextTransaction())
        {
            blocker = Journal.AppendAsync([Part(B, epoch, 0, Given.Events(1, 1))], default);
            queued = Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 1))], cancel.Token);
            await cancel.CancelAsync();
        }

        await blocker;
        Same.Items([Stored], await queued);
        Same.Events(Given.Events(1, 1), await EventsAsync(A));
    }

    [Fact]
    public async Task Shutdown_carries_out_what_is_queued()
    {
        var epoch = await ClaimAsync(0);
        Task<ImmutableArray<AppendOutcome>>[] calls;
        Task restarted;
        using (Store.HoldNextTransaction())
        {
            calls = [.. Enumerable.Range(0, 20).Select(i => Journal.AppendAsync([Part(A, epoch, i, Given.Events(i + 1, i + 1))], default))];
            restarted = RestartAsync();
        }

        Assert.All(await Task.WhenAll(calls), outcomes => Same.Items([Stored], outcomes));
        await restarted;
        Same.Events(Given.Events(1, 20), await EventsAsync(A));
    }

    [Fact]
    public async Task Closed_store_is_unavailable()
    {
        var epoch = await ClaimAsync(0);
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.AppendAsync([Part(A, epoch, 0, Given.Events(1, 1))], default));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.LoadAsync(A, Given.Schema, default));
    }

    [Fact]
    public async Task Concurrent_appenders_of_many_entities_keep_gapless_sequences()
    {
        const int Appenders = 8, Entities = 25, Rounds = 20;
        var epoch = await ClaimAsync(0);
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var head = round * 2;
                var parts = Enumerable.Range(0, Entities)
                    .Select(i => Part(Given.Account($"{appender}-{i}"), epoch, head, Given.Events(head + 1, head + 2)));
                Assert.All(await Journal.AppendAsync([.. parts], default), outcome => Assert.Equal(Stored, outcome));
            }
        })));

        for (var i = 0; i < Appenders * Entities; i++)
        {
            Same.Events(Given.Events(1, Rounds * 2), await EventsAsync(Given.Account($"{i / Entities}-{i % Entities}")));
        }
    }

    [Fact]
    public async Task Of_racing_appends_of_one_entity_exactly_one_wins_each_number()
    {
        const int Racers = 8, Rounds = 25;
        var epoch = await ClaimAsync(0);
        var won = 0;
        await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Run(async () =>
        {
            for (var head = 0; head < Rounds; head++)
            {
                if ((await Journal.AppendAsync([Part(A, epoch, head, Given.Events(head + 1, head + 1))], default))[0] == Stored)
                {
                    Interlocked.Increment(ref won);
                }
                else
                {
                    // Somebody was faster, or I am: go on from what is stored.
                    head = (await EventsAsync(A)).Length - 1;
                }
            }
        })));
        Assert.Equal(Rounds, won);
        Same.Events(Given.Events(1, Rounds), await EventsAsync(A));
    }

    [Fact]
    public async Task Reads_see_everything_that_was_committed_before_the_call()
    {
        var epoch = await ClaimAsync(0);
        for (var head = 0; head < 200; head++)
        {
            var row = Given.Row("o1", sort: head);
            await StoreAsync(Part(A, epoch, head, Given.Events(head + 1, head + 1), [Given.Put(row)]));
            Assert.Equal(head + 1, (await EventsAsync(A)).Length);
            Same.Rows([row], [await Journal.LookupAsync(row.Key, default)]);
        }
    }

    private static EntityAppend Part(
        EntityId id, long epoch, long expected, ImmutableArray<EventRow> events, ImmutableArray<RowChange> rows = default,
        WakeChange? wake = null, SnapshotRow? snapshot = null, int shard = 0) =>
        new(id, shard, epoch, expected, events, rows.IsDefault ? [] : rows, wake, snapshot);

    private async Task<long> ClaimAsync(int shard) => (await Journal.ClaimAsync([shard], "n1", default))[0].Epoch;

    /// <summary>Reads wake rows as a new owner does: by claiming, which raises the epoch by one.</summary>
    private async Task<ImmutableArray<WakeRow>> WakesAsync(int shard) => (await Journal.ClaimAsync([shard], "n1", default))[0].Wakes;

    private async Task StoreAsync(EntityAppend part) => Same.Items([Stored], await Journal.AppendAsync([part], default));

    private async Task<ImmutableArray<EventRow>> EventsAsync(EntityId id) => (await Journal.LoadAsync(id, int.MaxValue, default)).Events;
}

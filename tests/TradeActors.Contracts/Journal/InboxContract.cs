using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using Xunit;
using static TradeActors.Abstractions.Journal.AppendOutcome;

namespace TradeActors.Contracts.Journal;

/// <summary>What every engine's inbox must do (PROTOCOL 6).</summary>
public abstract class InboxContract(IStoreData data) : StoreContract(data)
{
    private static readonly EntityId A = Given.Account("a");

    private IJournal Journal => Store.Journal;

    [Fact]
    public async Task Messages_are_numbered_without_gaps_in_each_shard_and_come_back_as_they_were_put()
    {
        Assert.Equal(1, await PutAsync(0, "m1"));
        Assert.Equal(1, await PutAsync(1, "m2"));
        Assert.Equal(2, await PutAsync(0, "m3"));

        var page = await Journal.ReadInboxAsync(0, 0, default);
        Assert.Equal(2, page.Last);
        Assert.Equal([(1L, "m1"), (2L, "m3")], page.Rows.Select(row => (row.Number, row.Message.Id)));
        Assert.Equal(A, page.Rows[0].Message.To);
        Assert.Equal("x.v1", page.Rows[0].Message.Type);
        Assert.Equal("body of m1"u8.ToArray(), page.Rows[0].Message.Body);
        Assert.Equal([2L], (await Journal.ReadInboxAsync(0, 1, default)).Rows.Select(row => row.Number));
    }

    [Fact]
    public async Task Message_that_is_put_twice_lies_there_once()
    {
        await PutAsync(0, "m1");
        Assert.Equal(2, await PutAsync(0, "m2"));
        Assert.Equal(1, await PutAsync(0, "m1"));
        Assert.Equal(2, (await Journal.ReadInboxAsync(0, 0, default)).Last);
    }

    [Fact]
    public async Task What_was_taken_out_is_gone_and_its_number_is_not_given_again()
    {
        await PutAsync(0, "m1");
        await Journal.DropInboxAsync(0, 1, default);
        await Journal.DropInboxAsync(0, 1, default);
        Assert.Empty((await Journal.ReadInboxAsync(0, 0, default)).Rows);
        Assert.Equal(2, await PutAsync(0, "m2"));
    }

    [Fact]
    public async Task Append_of_an_owner_that_has_not_read_the_inbox_is_refused_and_the_others_are_stored()
    {
        var epoch = await ClaimAsync();
        await PutAsync(0, "m1");
        var b = Given.Account("b");
        ImmutableArray<EntityAppend> parts = [Part(A, epoch, 0, 1, seen: 0), Part(b, epoch, 0, 1, seen: null)];
        Same.Items([InboxAhead, Stored], await Journal.AppendAsync(parts, default));
        Same.Items([Stored], await Journal.AppendAsync([Part(A, epoch, 0, 1, seen: 1)], default));
    }

    [Fact]
    public async Task Owner_of_before_hears_that_it_is_not_the_owner_whatever_the_inbox_says()
    {
        var old = await ClaimAsync();
        await ClaimAsync();
        await PutAsync(0, "m1");
        Same.Items([StaleEpoch], await Journal.AppendAsync([Part(A, old, 0, 1, seen: 0)], default));
    }

    [Fact]
    public async Task Claim_brings_what_lies_in_the_inbox_and_all_of_it_survives_a_restart()
    {
        await PutAsync(0, "m1");
        await PutAsync(0, "m2");
        await Journal.DropInboxAsync(0, 1, default);
        await RestartAsync();
        var claim = Assert.Single(await Journal.ClaimAsync([0], "n", default));
        Assert.Equal(2, claim.InboxLast);
        Assert.Equal([(2L, "m2")], claim.Inbox.Select(row => (row.Number, row.Message.Id)));
        Assert.Equal(InboxAhead, (await Journal.AppendAsync([Part(A, claim.Epoch, 0, 1, seen: 1)], default))[0]);
    }

    [Fact]
    public async Task Racing_doors_get_one_number_each()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => PutAsync(3, $"m{i}"))));
        Assert.Equal(Enumerable.Range(1, 40).Select(number => (long)number), numbers.Order());
    }

    [Fact]
    public async Task Shard_that_does_not_exist_is_a_defect_of_the_caller()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => PutAsync(ShardCount, "m"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ReadInboxAsync(-1, 0, default));
    }

    private static EntityAppend Part(EntityId id, long epoch, long expected, long seq, long? seen) =>
        new(id, 0, epoch, expected, [Given.Event(seq)], [], null, null, seen);

    private Task<long> PutAsync(int shard, string id) =>
        Journal.PutInboxAsync(shard, new InboxMessage(id, A, "x.v1", System.Text.Encoding.UTF8.GetBytes($"body of {id}")), default);

    private async Task<long> ClaimAsync() => (await Journal.ClaimAsync([0], "n1", default))[0].Epoch;
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using Xunit;

namespace TradeActors.Contracts.ReadModel;

/// <summary>What every engine of <see cref="IReadStore"/> must do.</summary>
public abstract class ReadStoreContract(IStoreData data) : StoreContract(data)
{
    private static readonly RowQuery Orders = new(ReadTable.Orders, "acme", "a1", Limit: 100);

    private long _head;
    private long _epoch;

    private IReadStore Reads => Store.Reads;

    [Fact]
    public async Task Row_is_found_by_its_whole_key()
    {
        var row = Given.Row("o1", sort: 4, state: "working");
        await PutAsync(row);
        Same.Rows([row], [await Reads.GetAsync(row.Key, default)]);
        Assert.Null(await Reads.GetAsync(row.Key with { Id = "o2" }, default));
        Assert.Null(await Reads.GetAsync(row.Key with { Parent = "a2" }, default));
        Assert.Null(await Reads.GetAsync(row.Key with { Tenant = "other" }, default));
        Assert.Null(await Reads.GetAsync(row.Key with { Table = ReadTable.Fills }, default));
    }

    [Fact]
    public async Task Row_with_empty_tenant_parent_state_and_doc_is_kept_as_it_is()
    {
        var row = new Row(new(ReadTable.WebhookTokens, "", "", "5f0c"), 0, "", []);
        await PutAsync(row);
        Same.Rows([row], [await Reads.GetAsync(row.Key, default)]);
        Same.Rows([row], await Reads.ListAsync(new(ReadTable.WebhookTokens, "", "", 10), default));
    }

    [Fact]
    public async Task List_is_ordered_by_sort_in_both_directions()
    {
        var (a, b, c) = (Given.Row("a", sort: 30), Given.Row("b", sort: -10), Given.Row("c", sort: 200));
        await PutAsync(a, b, c);
        Same.Rows([b, a, c], await Reads.ListAsync(Orders, default));
        Same.Rows([c, a, b], await Reads.ListAsync(Orders with { NewestFirst = true }, default));
    }

    [Fact]
    public async Task Rows_of_equal_sort_are_ordered_by_id()
    {
        var rows = new[] { "b", "a", "c" }.Select(id => Given.Row(id, sort: 1)).ToArray();
        await PutAsync(rows);
        Same.Items(["a", "b", "c"], Ids(await Reads.ListAsync(Orders, default)));
        Same.Items(["c", "b", "a"], Ids(await Reads.ListAsync(Orders with { NewestFirst = true }, default)));
    }

    [Fact]
    public async Task Limit_and_after_page_through_a_list_without_loss_or_repeat()
    {
        await PutAsync([.. Enumerable.Range(1, 25).Select(i => Given.Row($"o{i:d2}", sort: i))]);
        foreach (var newestFirst in new[] { false, true })
        {
            var (seen, after) = (new List<long>(), (long?)null);
            while (await Reads.ListAsync(Orders with { Limit = 10, After = after, NewestFirst = newestFirst }, default) is { Count: > 0 } page)
            {
                Assert.InRange(page.Count, 1, 10);
                seen.AddRange(page.Select(row => row.Sort));
                after = page[^1].Sort;
            }

            var all = Enumerable.Range(1, 25).Select(i => (long)i);
            Assert.Equal(newestFirst ? all.Reverse() : all, seen);
        }
    }

    [Fact]
    public async Task Pages_lose_and_repeat_nothing_where_rows_of_equal_sort_stand_on_their_boundary()
    {
        string[] ids = [.. Enumerable.Range(1, 9).Select(i => $"o{i}")];
        await PutAsync([.. ids.Select((id, i) => Given.Row(id, sort: i / 4, state: i % 2 == 0 ? "working" : "filled"))]);
        foreach (var query in new[] { Orders, Orders with { NewestFirst = true }, Orders with { States = ["working", "filled"] } })
        {
            var (seen, page) = (new List<string>(), query with { Limit = 2 });
            while (await Reads.ListAsync(page, default) is { Count: > 0 } rows)
            {
                seen.AddRange(rows.Select(row => row.Key.Id));
                page = page with { After = rows[^1].Sort, AfterId = rows[^1].Key.Id };
            }

            Assert.Equal(query.NewestFirst ? ids.Reverse() : ids, seen);
        }
    }

    [Fact]
    public async Task After_without_an_id_is_behind_all_rows_of_that_sort()
    {
        await PutAsync(Given.Row("a", sort: 1), Given.Row("b", sort: 1), Given.Row("c", sort: 2), Given.Row("d", sort: 0));
        Same.Items(["c"], Ids(await Reads.ListAsync(Orders with { After = 1 }, default)));
        Same.Items(["d"], Ids(await Reads.ListAsync(Orders with { After = 1, NewestFirst = true }, default)));
    }

    [Fact]
    public async Task Bounds_of_sort_hold_their_lower_end_and_not_their_upper_one()
    {
        await PutAsync([.. Enumerable.Range(-2, 8).Select(i => Given.Row($"o{i}", sort: i, state: i % 2 == 0 ? "working" : "filled"))]);
        var stretch = Orders with { From = -1, Below = 4 };
        Same.Items([-1, 0, 1, 2, 3], Sorts(await Reads.ListAsync(stretch, default)));
        Same.Items([3, 2], Sorts(await Reads.ListAsync(stretch with { NewestFirst = true, Limit = 2 }, default)));
        Same.Items([0, 2], Sorts(await Reads.ListAsync(stretch with { States = ["working"] }, default)));
        Same.Items([4, 5], Sorts(await Reads.ListAsync(Orders with { From = 4 }, default)));
        Same.Items([-2], Sorts(await Reads.ListAsync(Orders with { Below = -1 }, default)));
        Assert.Empty(await Reads.ListAsync(Orders with { From = 4, Below = 4 }, default));
    }

    [Theory]
    [InlineData(false, -5, new long[] { 2, 3 })]
    [InlineData(false, 2, new long[] { 3 })]
    [InlineData(false, 4, new long[0])]
    [InlineData(true, 9, new long[] { 3, 2 })]
    [InlineData(true, 3, new long[] { 2 })]
    [InlineData(true, 1, new long[0])]
    public async Task A_cursor_opens_nothing_beyond_the_bounds(bool newestFirst, long after, long[] seen)
    {
        await PutAsync([.. Enumerable.Range(0, 6).Select(i => Given.Row($"o{i}", sort: i))]);
        foreach (var id in new[] { null, $"o{after}" })
        {
            var query = Orders with { From = 2, Below = 4, NewestFirst = newestFirst, After = after, AfterId = id };
            Assert.Equal(seen, Sorts(await Reads.ListAsync(query, default)));
        }
    }

    [Fact]
    public async Task Keys_are_those_of_one_tenant_or_of_all_in_order()
    {
        var (a, b, other) = (Given.Row("a", sort: 9), Given.Row("b", sort: 1), Given.Row("a"));
        other = other with { Key = other.Key with { Tenant = "other" } };
        await PutAsync(other, b, a, Given.Row("f") with { Key = new(ReadTable.Fills, "acme", "a1", "f") });
        Same.Items([a.Key, b.Key], await Reads.ListKeysAsync(ReadTable.Orders, "acme", default));
        Same.Items([a.Key, b.Key, other.Key], await Reads.ListKeysAsync(ReadTable.Orders, null, default));
        Assert.Empty(await Reads.ListKeysAsync(ReadTable.Orders, "nobody", default));
    }

    [Fact]
    public async Task Limit_of_zero_gives_nothing_and_a_negative_one_is_refused()
    {
        await PutAsync(Given.Row("o1"));
        Assert.Empty(await Reads.ListAsync(Orders with { Limit = 0 }, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Reads.ListAsync(Orders with { Limit = -1 }, default));
    }

    [Fact]
    public async Task List_shows_nothing_of_another_tenant_or_parent()
    {
        var mine = Given.Row("o1");
        await PutAsync(mine, Given.Row("o2", parent: "a2"), Given.Row("o3", tenant: "other"), Given.Row("o4", table: ReadTable.Fills));
        Same.Rows([mine], await Reads.ListAsync(Orders, default));
    }

    [Fact]
    public async Task List_by_states_gives_these_states_in_order_of_sort()
    {
        string[] states = ["working", "filled", "canceled"];
        await PutAsync([.. Enumerable.Range(1, 12).Select(i => Given.Row($"o{i:d2}", sort: i, state: states[i % 3]))]);
        var open = Orders with { States = ["working", "filled"] };
        Same.Items([1, 3, 4, 6, 7, 9, 10, 12], Sorts(await Reads.ListAsync(open, default)));
        Same.Items([12, 10, 9], Sorts(await Reads.ListAsync(open with { NewestFirst = true, Limit = 3 }, default)));
        Same.Items([7, 6, 4, 3, 1], Sorts(await Reads.ListAsync(open with { NewestFirst = true, After = 9 }, default)));
        Same.Items([6, 9], Sorts(await Reads.ListAsync(open with { States = ["working", "working"], After = 3, Limit = 2 }, default)));
        Assert.Empty(await Reads.ListAsync(open with { States = ["expired"] }, default));
    }

    [Fact]
    public async Task Empty_list_of_states_means_all()
    {
        await PutAsync(Given.Row("o1", state: "working"), Given.Row("o2", state: "filled"));
        Same.Items(["o1", "o2"], Ids(await Reads.ListAsync(Orders with { States = [] }, default)));
    }

    [Fact]
    public async Task Changed_row_stands_at_its_new_place_only()
    {
        await PutAsync(Given.Row("o1", sort: 1, state: "working"), Given.Row("o2", sort: 2, state: "working"));
        await PutAsync(Given.Row("o1", sort: 3, state: "filled"));
        Same.Items(["o2", "o1"], Ids(await Reads.ListAsync(Orders, default)));
        Same.Items(["o2"], Ids(await Reads.ListAsync(Orders with { States = ["working"] }, default)));
        Same.Items(["o1"], Ids(await Reads.ListAsync(Orders with { States = ["filled"] }, default)));
    }

    [Fact]
    public async Task Dropped_row_is_gone_from_every_view()
    {
        var row = Given.Row("o1", state: "working");
        await PutAsync(row);
        await ChangeAsync(Given.Drop(row));
        Assert.Null(await Reads.GetAsync(row.Key, default));
        Assert.Empty(await Reads.ListAsync(Orders with { States = ["working"] }, default));
        Assert.Empty(await Reads.CountAsync(ReadTable.Orders, "acme", ["a1"], default));
    }

    [Fact]
    public async Task Count_is_by_parent_and_state_within_the_tenant()
    {
        await PutAsync(
            Given.Row("1", state: "filled"), Given.Row("2", state: "filled"), Given.Row("3", state: "canceled"),
            Given.Row("1", state: "filled", parent: "a2"), Given.Row("1", state: "filled", parent: "a3"),
            Given.Row("9", state: "filled", tenant: "other"));
        var counts = await Reads.CountAsync(ReadTable.Orders, "acme", ["a1", "a2", "empty"], default);
        Assert.Equal(
            [new("a1", "canceled", 1), new("a1", "filled", 2), new("a2", "filled", 1)],
            counts.OrderBy(count => count.Parent, StringComparer.Ordinal).ThenBy(count => count.State, StringComparer.Ordinal));
        Assert.Empty(await Reads.CountAsync(ReadTable.Orders, "acme", [], default));
    }

    [Fact]
    public async Task Readers_beside_a_writer_see_whole_transactions()
    {
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await PutAsync(Given.Row("left", sort: i), Given.Row("right", sort: i));
            }
        });
        while (!writer.IsCompleted)
        {
            var rows = await Reads.ListAsync(Orders, default);
            Assert.True(rows.Count == 0 || rows[0].Sort == rows[1].Sort, $"Half a transaction was seen: {string.Join(", ", rows)}");
        }

        await writer;
    }

    private static IEnumerable<string> Ids(IEnumerable<Row> rows) => rows.Select(row => row.Key.Id);

    private static IEnumerable<long> Sorts(IEnumerable<Row> rows) => rows.Select(row => row.Sort);

    private Task PutAsync(params Row[] rows) => ChangeAsync([.. rows.Select(Given.Put)]);

    private async Task ChangeAsync(params RowChange[] changes)
    {
        if (_epoch == 0)
        {
            _epoch = (await Store.Journal.ClaimAsync([0], "n1", default))[0].Epoch;
        }

        var part = new EntityAppend(Given.Account("w"), 0, _epoch, _head++, [Given.Event(_head)], [.. changes], null, null);
        Same.Items([AppendOutcome.Stored], await Store.Journal.AppendAsync([part], default));
    }
}

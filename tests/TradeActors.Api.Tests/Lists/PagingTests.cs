using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Lists;

/// <summary>How a filtered list is walked, on a store that counts what is read.</summary>
public sealed class PagingTests
{
    private static readonly ListFilter<TextRow> Rare = new(NewestFirst: false, row => row.Text.EndsWith("000", StringComparison.Ordinal));

    [Fact]
    public async Task A_page_without_a_filter_reads_one_row_more_than_it_answers()
    {
        var store = new CountingStore(rows: 300);
        var page = await PageAsync(store, new ListFilter<TextRow>(NewestFirst: false), limit: 100, after: null);
        Assert.Equal((100, 101), (page.Items.Count, store.Read));
        Assert.NotNull(page.Next);
        var last = await PageAsync(store, new ListFilter<TextRow>(NewestFirst: false), limit: 200, page.Next);
        Assert.Equal(("0100", "0299", null), (last.Items[0], last.Items[^1], last.Next));
    }

    [Fact]
    public async Task A_filter_that_few_rows_pass_answers_short_pages_each_within_its_bound_and_loses_nothing()
    {
        var store = new CountingStore(rows: 12_345);
        var (seen, pages, after) = (new List<string>(), 0, (string?)null);
        do
        {
            store.Read = 0;
            var page = await PageAsync(store, Rare, limit: 100, after);
            Assert.InRange(store.Read, 0, PagingExtensions.MostLookedAt + 500);
            seen.AddRange(page.Items);
            (pages, after) = (pages + 1, page.Next);
        }
        while (after is not null);

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(0, 13).Select(i => $"{i * 1000:d4}"), seen);
    }

    [Fact]
    public async Task A_filter_that_no_row_passes_answers_an_empty_page_with_a_next()
    {
        var store = new CountingStore(rows: 6_000);
        var none = new ListFilter<TextRow>(NewestFirst: false, _ => false);
        var first = await PageAsync(store, none, limit: 10, after: null);
        Assert.Empty(first.Items);
        Assert.NotNull(first.Next);
        Assert.Null((await PageAsync(store, none, limit: 10, first.Next)).Next);
    }

    [Fact]
    public async Task A_full_filtered_page_goes_on_behind_its_last_item()
    {
        var store = new CountingStore(rows: 4_000);
        var first = await PageAsync(store, Rare, limit: 2, after: null);
        var second = await PageAsync(store, Rare, limit: 2, first.Next);
        Assert.Equal(["0000", "1000", "2000", "3000"], first.Items.Concat(second.Items));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("123")]
    [InlineData("!!!!")]
    [InlineData("MTIz")] // 123: no id.
    [InlineData("YWJjL28x")] // abc/o1
    [InlineData("L28x")] // /o1
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5OTkvbzE")] // Greater than any sort value.
    public void What_is_no_cursor_is_recognised(string text) => Assert.Null(RowCursor.Read(text));

    [Fact]
    public void A_cursor_of_endless_length_is_refused() => Assert.Null(RowCursor.Read(new string('A', 100_000)));

    [Theory]
    [InlineData(0, "")]
    [InlineData(-5, "o1")]
    [InlineData(long.MaxValue, "a/b/c é")]
    public void A_cursor_reads_back_as_it_was_written(long sort, string id) =>
        Assert.Equal(new RowCursor(sort, id), RowCursor.Read(RowCursor.Behind(new Row(new RowKey(ReadTable.Orders, "t", "p", id), sort, "", [])).ToText()));

    private static Task<Page<string>> PageAsync(CountingStore store, ListFilter<TextRow> filter, int limit, string? after) => store.PageAsync(
        new Paging(limit, after).Query(ReadTable.Texts, "t", "p", filter), filter, row => row.Text, CancellationToken.None);

    /// <summary>Rows 0, 1, 2, … in memory, their texts being their numbers; ascending only.</summary>
    private sealed class CountingStore(int rows) : IReadStore
    {
        public int Read { get; set; }

        public Task<IReadOnlyList<Row>> ListAsync(RowQuery query, CancellationToken ct)
        {
            Assert.False(query.NewestFirst);
            IReadOnlyList<Row> found = [.. Enumerable.Range(0, rows).Where(i => !(i <= query.After)).Take(query.Limit).Select(Of)];
            Read += found.Count;
            return Task.FromResult(found);
        }

        public Task<Row?> GetAsync(RowKey key, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<RowKey>> ListKeysAsync(ReadTable table, string? tenant, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<StateCount>> CountAsync(ReadTable table, string tenant, ImmutableArray<string> parents, CancellationToken ct) =>
            throw new NotSupportedException();

        private static Row Of(int i)
        {
            var text = i.ToString("d4", CultureInfo.InvariantCulture);
            return new Row(new RowKey(ReadTable.Texts, "t", "p", text), i, "", Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));
        }
    }
}

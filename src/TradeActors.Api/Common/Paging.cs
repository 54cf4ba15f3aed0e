using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Api.Common;

/// <param name="Next">Give it as <c>after</c> to get the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <summary>The paging parameters of every list.</summary>
public sealed record Paging(
    [FromQuery(Name = "limit")][property: Description("Items on a page at most: 1 to 500; 100 when absent.")] int? Limit,
    [FromQuery(Name = "after")][property: Description("A page's next.")] string? After)
{
    private const int Most = 500;

    /// <param name="filter">What the caller wants to see; null for everything, oldest first.</param>
    /// <exception cref="ApiProblemException">A parameter is out of range or is no cursor of ours.</exception>
    public RowQuery Query<T>(ReadTable table, string tenant, string parent, ListFilter<T> filter)
    {
        var (limit, cursor) = Read();
        return filter.Query(table, tenant, parent, limit) with { After = cursor?.Sort, AfterId = cursor?.Id };
    }

    public RowQuery Query(ReadTable table, string tenant, string parent, bool newestFirst = false) =>
        Query(table, tenant, parent, new ListFilter<object>(newestFirst));

    /// <summary>For lists that are no table's.</summary>
    /// <exception cref="ApiProblemException">A parameter is out of range or is no cursor of ours.</exception>
    internal (int Limit, RowCursor? After) Read()
    {
        var cursor = After is null ? null : RowCursor.Read(After);
        CheckLimit().Require(After is null || cursor is not null, "after", "Is no cursor of a list. Give the 'next' of a page as it is, or leave it out.").ThrowIfAny();
        return (Limit ?? 100, cursor);
    }

    /// <summary>For topics of live events, whose cursor is the number of the last event seen.</summary>
    /// <exception cref="ApiProblemException">A parameter is out of range or no number.</exception>
    public RowQuery Numbered(ReadTable table, string tenant, string parent)
    {
        long after = 0;
        CheckLimit()
            .Require(
                After is null || long.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out after), "after",
                "Must be the seq of the last event that was seen, a whole number from 0.")
            .ThrowIfAny();
        return new RowQuery(table, tenant, parent, Limit ?? 100, After is null ? null : after, States: []);
    }

    private FieldErrors CheckLimit() => new FieldErrors().Require(Limit is null or (>= 1 and <= Most), "limit", $"Must be 1 to {Most}.");
}

/// <summary>Which rows of a list are wanted, and in which order.</summary>
/// <param name="NewestFirst">Else oldest first.</param>
/// <param name="Where">Judged row by row while the list is walked; null lets all pass.</param>
public sealed record ListFilter<T>(bool NewestFirst, Func<T, bool>? Where = null)
{
    /// <summary>Only these states; empty for all. For tables whose lists have states.</summary>
    public ImmutableArray<string> States { get; init; } = [];

    /// <summary>At or after this, to the millisecond. For tables that are sorted by time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this, to the millisecond.</summary>
    public DateTimeOffset? To { get; init; }

    public bool Passes(T doc) => Where is null || Where(doc);

    internal RowQuery Query(ReadTable table, string tenant, string parent, int limit) =>
        new(table, tenant, parent, limit, NewestFirst: NewestFirst, States: States)
        {
            From = From is { } from ? TimedSort.From(from) : null,
            Below = To is { } to ? TimedSort.From(to) : null,
        };
}

internal static class PagingExtensions
{
    /// <summary>
    /// The most rows that one page looks at: a filter that few rows pass answers a shorter page with a <c>next</c>, so that no request reads a whole
    /// table.
    /// </summary>
    public const int MostLookedAt = 5_000;

    /// <summary>Rows read at once where a filter passes over some.</summary>
    private const int Stretch = 500;

    public static Task<Page<T>> PageAsync<T>(this IReadStore store, RowQuery query, Func<Row, T> view, CancellationToken ct)
        where T : class =>
        store.PageAsync<T>(query, query.Limit + 1, view, ct); // One row more than asked for tells whether there is a next page.

    /// <summary>The next page of those rows that pass the filter.</summary>
    public static Task<Page<T>> PageAsync<TDoc, T>(
        this IReadStore store, RowQuery query, ListFilter<TDoc> filter, Func<TDoc, T> view, CancellationToken ct)
        where T : class =>
        store.PageAsync(
            query, filter.Where is null ? query.Limit + 1 : Stretch,
            row => RowJson.Deserialize<TDoc>(row.Doc) is var doc && filter.Passes(doc) ? view(doc) : null, ct);

    /// <param name="view">Null for a row that is passed over.</param>
    private static async Task<Page<T>> PageAsync<T>(this IReadStore store, RowQuery query, int stretch, Func<Row, T?> view, CancellationToken ct)
        where T : class
    {
        var items = new List<T>();
        var (looked, last) = (0, (Row?)null);
        await foreach (var row in store.WalkAsync(query, stretch, ct).ConfigureAwait(false))
        {
            if (items.Count == query.Limit || looked == MostLookedAt)
            {
                return new Page<T>(items, RowCursor.Behind(last!).ToText());
            }

            (looked, last) = (looked + 1, row);
            if (view(row) is { } item)
            {
                items.Add(item);
            }
        }

        return new Page<T>(items, null);
    }

    /// <summary>Every row that passes, for a reader who wants them all.</summary>
    public static IAsyncEnumerable<TDoc> EachAsync<TDoc>(
        this IReadStore store, ReadTable table, string tenant, string parent, ListFilter<TDoc> filter, CancellationToken ct) =>
        store.WalkAsync(filter.Query(table, tenant, parent, Stretch), Stretch, ct).Select(row => RowJson.Deserialize<TDoc>(row.Doc)).Where(filter.Passes);

    /// <summary>Every row of the query from its <c>after</c> to the end, read in stretches: none is held longer than its turn.</summary>
    public static async IAsyncEnumerable<Row> WalkAsync(
        this IReadStore store, RowQuery query, int stretch, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var rows = await store.ListAsync(query with { Limit = stretch }, ct).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < stretch)
            {
                yield break;
            }

            query = query with { After = rows[^1].Sort, AfterId = rows[^1].Key.Id };
        }
    }

    /// <exception cref="ApiProblemException">404 when there is no such row in the caller's tenant.</exception>
    public static async Task<T> FindAsync<T>(this IReadStore store, ReadTable table, string tenant, string parent, string id, string what, CancellationToken ct)
    {
        var row = await store.GetAsync(new RowKey(table, tenant, parent, id), ct).ConfigureAwait(false);
        return row is null ? throw ApiProblemException.NotFound(what) : RowJson.Deserialize<T>(row.Doc);
    }
}

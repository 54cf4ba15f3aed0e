using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Api.Common;

/// <param name="Next">Give it as <c>after</c> to get the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <summary>The paging parameters of every list.</summary>
/// <param name="Limit">1 to 500; 100 when absent.</param>
/// <param name="After">A page's <c>next</c>.</param>
public sealed record Paging([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "after")] string? After)
{
    private const int Most = 500;

    /// <exception cref="ApiProblemException">A parameter is out of range or is no cursor of ours.</exception>
    public RowQuery Query(ReadTable table, string tenant, string parent, bool newestFirst = false, ImmutableArray<string> states = default)
    {
        var errors = new FieldErrors();
        long after = 0;
        errors.Require(Limit is null or (>= 1 and <= Most), "limit", $"Must be 1 to {Most}.");
        errors.Require(
            After is null || long.TryParse(After, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out after), "after", "Is not a cursor of this list.");
        errors.ThrowIfAny();
        return new RowQuery(table, tenant, parent, (Limit ?? 100) + 1, After is null ? null : after, newestFirst, states.IsDefault ? [] : states);
    }
}

internal static class PagingExtensions
{
    /// <summary>Reads one row more than asked for, to know whether a next page exists.</summary>
    public static async Task<Page<T>> PageAsync<T>(this IReadStore store, RowQuery query, Func<Row, T> view, CancellationToken ct)
    {
        var rows = await store.ListAsync(query, ct).ConfigureAwait(false);
        var page = rows.Take(query.Limit - 1).ToArray();
        return new Page<T>(
            [.. page.Select(view)],
            rows.Count < query.Limit ? null : page[^1].Sort.ToString(CultureInfo.InvariantCulture));
    }

    /// <exception cref="ApiProblemException">404 when there is no such row in the caller's tenant.</exception>
    public static async Task<T> FindAsync<T>(this IReadStore store, ReadTable table, string tenant, string parent, string id, string what, CancellationToken ct)
    {
        var row = await store.GetAsync(new RowKey(table, tenant, parent, id), ct).ConfigureAwait(false);
        return row is null ? throw ApiProblemException.NotFound(what) : RowJson.Deserialize<T>(row.Doc);
    }
}

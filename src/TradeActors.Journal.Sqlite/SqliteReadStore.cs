using System.Collections.Immutable;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sqlite;

internal sealed class SqliteReadStore(ReaderPool readers) : IReadStore
{
    /// <exception cref="ArgumentOutOfRangeException">A negative limit.</exception>
    public Task<IReadOnlyList<Row>> ListAsync(RowQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit, nameof(query));
        return readers.ReadLongAsync<IReadOnlyList<Row>>(session => List(session, query), ct);
    }

    public Task<Row?> GetAsync(RowKey key, CancellationToken ct) => readers.ReadShortAsync(session => Get(session, key), ct);

    public Task<IReadOnlyList<RowKey>> ListKeysAsync(ReadTable table, string? tenant, CancellationToken ct) =>
        readers.ReadLongAsync<IReadOnlyList<RowKey>>(session => ListKeys(session, table, tenant), ct);

    public Task<IReadOnlyList<StateCount>> CountAsync(ReadTable table, string tenant, ImmutableArray<string> parents, CancellationToken ct) =>
        readers.ReadLongAsync<IReadOnlyList<StateCount>>(session => Count(session, table, tenant, parents), ct);

    public static Row? Get(SqliteSession session, RowKey key)
    {
        var rows = session.Prepare(ReadTables.Of(key.Table).Get).Bind(1, key.Tenant).Bind(2, key.Parent).Bind(3, key.Id);
        if (!rows.Step())
        {
            return null;
        }

        var row = RowAt(rows, key);
        rows.Reset();
        return row;
    }

    private static List<Row> List(SqliteSession session, RowQuery query) =>
        query.States.IsDefaultOrEmpty ? ListState(session, query, state: null) : ListStates(session, query, [.. query.States.Distinct()]);

    // One walk along the index per state, then merged: a single IN query would read and sort every row of these states to find the first page.
    private static List<Row> ListStates(SqliteSession session, RowQuery query, ImmutableArray<string> states)
    {
        var found = AtOneMoment(session, () => states.SelectMany(state => ListState(session, query, state)).ToList());
        var ordered = found.OrderBy(row => row.Sort).ThenBy(row => row.Key.Id, StringComparer.Ordinal);
        return [.. (query.NewestFirst ? ordered.Reverse() : ordered).Take(query.Limit)];
    }

    private static List<Row> ListState(SqliteSession session, RowQuery query, string? state)
    {
        var (lower, upper) = (LowerOf(query), UpperOf(query));
        var sql = ReadTables.Of(query.Table).List(query.NewestFirst, lower.Kind, upper.Kind, state is not null);
        var rows = session.Prepare(sql).Bind(1, query.Tenant).Bind(2, query.Parent).Bind(3, query.Limit);
        Bind(rows, 4, lower);
        Bind(rows, 6, upper);
        if (state is not null)
        {
            rows.Bind(8, state);
        }

        var list = new List<Row>();
        while (rows.Step())
        {
            list.Add(RowAt(rows, new(query.Table, query.Tenant, query.Parent, rows.Text(0))));
        }

        return list;
    }

    // Of cursor and bound the tighter one: a cursor that lies outside opens nothing.
    private static (SortBound Kind, long Sort, string Id) LowerOf(RowQuery query) => query switch
    {
        { NewestFirst: false, After: { } after } when !(query.From > after) => (PastOf(query), after, query.AfterId ?? ""),
        { From: { } from } => (SortBound.Value, from, ""),
        _ => default,
    };

    private static (SortBound Kind, long Sort, string Id) UpperOf(RowQuery query) => query switch
    {
        { NewestFirst: true, After: { } after } when !(query.Below <= after) => (PastOf(query), after, query.AfterId ?? ""),
        { Below: { } below } => (SortBound.PastValue, below, ""),
        _ => default,
    };

    private static SortBound PastOf(RowQuery query) => query.AfterId is null ? SortBound.PastValue : SortBound.PastRow;

    private static void Bind(Statement rows, int index, (SortBound Kind, long Sort, string Id) bound)
    {
        if (bound.Kind != SortBound.None)
        {
            rows.Bind(index, bound.Sort);
        }

        if (bound.Kind == SortBound.PastRow)
        {
            rows.Bind(index + 1, bound.Id);
        }
    }

    private static List<RowKey> ListKeys(SqliteSession session, ReadTable table, string? tenant)
    {
        var rows = session.Prepare(ReadTables.Of(table).Keys(tenant is not null));
        if (tenant is not null)
        {
            rows.Bind(1, tenant);
        }

        var keys = new List<RowKey>();
        while (rows.Step())
        {
            keys.Add(new(table, rows.Text(0), rows.Text(1), rows.Text(2)));
        }

        return keys;
    }

    private static List<StateCount> Count(SqliteSession session, ReadTable table, string tenant, ImmutableArray<string> parents) =>
        AtOneMoment(session, () =>
        {
            var counts = new List<StateCount>();
            foreach (var parent in parents)
            {
                var rows = session.Prepare(ReadTables.Of(table).Count).Bind(1, tenant).Bind(2, parent);
                while (rows.Step())
                {
                    counts.Add(new(parent, rows.Text(0), rows.Int64(1)));
                }
            }

            return counts;
        });

    /// <summary>Makes several statements see the same state of the store.</summary>
    public static T AtOneMoment<T>(SqliteSession session, Func<T> read)
    {
        session.Prepare("BEGIN").Run();
        try
        {
            return read();
        }
        finally
        {
            session.Prepare("COMMIT").Run();
        }
    }

    private static Row RowAt(Statement rows, RowKey key) => new(key, rows.Int64(1), rows.Text(2), rows.Blob(3));
}

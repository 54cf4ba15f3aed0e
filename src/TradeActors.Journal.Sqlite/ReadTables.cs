using System.Collections.Immutable;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sqlite;

/// <summary>The read tables by name, with the statements that every one of them needs.</summary>
internal static class ReadTables
{
    /// <summary>In the order of <see cref="ReadTable"/>.</summary>
    public static readonly ImmutableArray<ReadTableSql> All = [.. Enum.GetValues<ReadTable>().Select(Name)];

    // Names are part of the stored format: the enumeration may be reordered, they may not be changed.
    private static ReadTableSql Name(ReadTable table) => table switch
    {
        ReadTable.Accounts => new("rows_accounts"),
        ReadTable.Orders => new("rows_orders", HasStates: true),
        ReadTable.Fills => new("rows_fills"),
        ReadTable.Recorders => new("rows_recorders"),
        ReadTable.Subscriptions => new("rows_subscriptions"),
        ReadTable.Signals => new("rows_signals", HasStates: true),
        ReadTable.FanOuts => new("rows_fan_outs"),
        ReadTable.SignalOutcomes => new("rows_signal_outcomes", HasStates: true),
        ReadTable.SignalKeys => new("rows_signal_keys"),
        ReadTable.LiveEvents => new("rows_live_events"),
        ReadTable.WebhookTokens => new("rows_webhook_tokens"),
        ReadTable.Texts => new("rows_texts"),
        ReadTable.Executions => new("rows_executions"),
        ReadTable.PaperOrders => new("rows_paper_orders"),
        ReadTable.Parked => new("rows_parked"),
        ReadTable.Operations => new("rows_operations", Since: 2),
        ReadTable.OperationResults => new("rows_operation_results", HasStates: true, Since: 2),
        ReadTable.Audit => new("rows_audit", Since: 3),
        _ => throw new System.Diagnostics.UnreachableException($"No table for {table}."),
    };

    public static ReadTableSql Of(ReadTable table) => All[(int)table];
}

/// <param name="Name">As in the file; part of the stored format.</param>
/// <param name="HasStates">Lists filter by state, so that an index leads with it.</param>
/// <param name="Since">The schema version that brought it.</param>
internal sealed record ReadTableSql(string Name, bool HasStates = false, int Since = 1)
{
    public string Put { get; } =
        $"INSERT INTO {Name} (tenant, parent, id, sort, state, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        + "ON CONFLICT (tenant, parent, id) DO UPDATE SET sort = excluded.sort, state = excluded.state, doc = excluded.doc";

    public string Drop { get; } = $"DELETE FROM {Name} WHERE tenant = ?1 AND parent = ?2 AND id = ?3";

    public string Get { get; } = $"SELECT id, sort, state, doc FROM {Name} WHERE tenant = ?1 AND parent = ?2 AND id = ?3";

    /// <summary>Parameter: 1 tenant, when only one is asked for.</summary>
    public string Keys(bool hasTenant) =>
        $"SELECT tenant, parent, id FROM {Name}" + (hasTenant ? " WHERE tenant = ?1" : "") + " ORDER BY tenant, parent, id";

    public string Count { get; } = $"SELECT state, count(*) FROM {Name} WHERE tenant = ?1 AND parent = ?2 GROUP BY state ORDER BY state";

    /// <summary>Parameters: 1 tenant, 2 parent, 3 limit, 4 and 5 lower sort and id, 6 and 7 upper sort and id, 8 state.</summary>
    public string List(bool newestFirst, SortBound lower, SortBound upper, bool hasState) =>
        $"SELECT id, sort, state, doc FROM {Name} WHERE tenant = ?1 AND parent = ?2"
        + (hasState ? " AND state = ?8" : "")
        + lower switch
        {
            SortBound.Value => " AND sort >= ?4",
            SortBound.PastValue => " AND sort > ?4",
            SortBound.PastRow => " AND (sort, id) > (?4, ?5)",
            _ => "",
        }
        + upper switch
        {
            SortBound.PastValue => " AND sort < ?6",
            SortBound.PastRow => " AND (sort, id) < (?6, ?7)",
            _ => "",
        }
        + (newestFirst ? " ORDER BY sort DESC, id DESC LIMIT ?3" : " ORDER BY sort, id LIMIT ?3");
}

/// <summary>Where a list begins or ends.</summary>
internal enum SortBound
{
    None,
    /// <summary>At the sort value. Of a lower end only.</summary>
    Value,
    /// <summary>Beyond all rows of the sort value.</summary>
    PastValue,
    /// <summary>Beyond one row, among others of its sort value.</summary>
    PastRow,
}

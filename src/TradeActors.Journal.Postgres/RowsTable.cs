using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Postgres;

/// <summary>
/// The read tables: one table in partitions, so that a transaction writes all of them in one statement and each is vacuumed and trimmed alone.
/// </summary>
internal static class RowsTable
{
    /// <summary>What stands in column <c>kind</c>. Part of the stored format: the enumeration may be reordered, the numbers may not be changed.</summary>
    public static short Kind(ReadTable table) => table switch
    {
        ReadTable.Accounts => 1,
        ReadTable.Orders => 2,
        ReadTable.Fills => 3,
        ReadTable.Recorders => 4,
        ReadTable.Subscriptions => 5,
        ReadTable.Signals => 6,
        ReadTable.FanOuts => 7,
        ReadTable.SignalOutcomes => 8,
        ReadTable.SignalKeys => 9,
        ReadTable.LiveEvents => 10,
        ReadTable.WebhookTokens => 11,
        ReadTable.Texts => 12,
        ReadTable.Executions => 13,
        ReadTable.PaperOrders => 14,
        ReadTable.Parked => 15,
        ReadTable.Operations => 16,
        ReadTable.OperationResults => 17,
        ReadTable.Audit => 18,
        _ => throw new System.Diagnostics.UnreachableException($"No number for {table}."),
    };

    /// <summary>
    /// Parameters: 1 kind, 2 tenant, 3 parent, 4 limit, 5 and 6 the sort value and id behind which to begin, 7 and 8 those before which to end, 9 states.
    /// </summary>
    /// <remarks>
    /// Every end is always there, so that these are four texts, each prepared once. Of several states each is walked along its index, and the walks are merged: an IN
    /// would read and sort every row of these states to find the first page.
    /// </remarks>
    public static string List(bool newestFirst, bool hasStates)
    {
        var order = newestFirst ? "ORDER BY sort DESC, id DESC LIMIT $4" : "ORDER BY sort, id LIMIT $4";
        var walk = "SELECT id, sort, state, doc FROM rows WHERE kind = $1 AND tenant = $2 AND parent = $3 AND (sort, id) > ($5, $6) AND (sort, id) < ($7, $8)";
        return hasStates ? $"SELECT r.* FROM unnest($9::text[]) AS s (one), LATERAL ({walk} AND state = s.one {order}) r {order}" : $"{walk} {order}";
    }
}

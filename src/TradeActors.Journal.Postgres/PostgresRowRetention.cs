using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Postgres;

internal sealed class PostgresRowRetention(PostgresDb db) : IRowRetention
{
    // By their places, which are those of one partition: joined by their keys, a plan for any limit would walk the whole table.
    internal const string Trim =
        "DELETE FROM rows WHERE kind = $1 AND ctid = ANY(ARRAY(SELECT old.ctid FROM rows old WHERE old.kind = $1 AND old.sort < $2 ORDER BY old.sort LIMIT $3))";

    public Task<int> TrimAsync(ReadTable table, long before, int most, CancellationToken ct) => db.WriteAsync(
        async (connection, token) =>
        {
            var batch = connection.CreateBatch();
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(Trim).Next(RowsTable.Kind(table)).Next(before).Next(most);
                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }, ct);
}

using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Postgres;

internal sealed class PostgresRowRetention(PostgresDb db) : IRowRetention
{
    private const string Trim =
        "DELETE FROM rows WHERE kind = $1 AND (tenant, parent, id) IN (SELECT tenant, parent, id FROM rows WHERE kind = $1 AND sort < $2 ORDER BY sort LIMIT $3)";

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

using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

internal sealed class PostgresAuditLog(PostgresDb db) : IAuditLog
{
    public Task WriteAsync(string tenant, AuditRow row, CancellationToken ct) => db.WriteAsync(
        async (connection, token) =>
        {
            var batch = connection.CreateBatch();
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(
                    "INSERT INTO rows (kind, tenant, parent, id, sort, state, doc) VALUES ($1, $2, '', $3, $4, '', $5) "
                    + "ON CONFLICT (kind, tenant, parent, id) DO UPDATE SET sort = excluded.sort, doc = excluded.doc")
                    .Next(RowsTable.Kind(ReadTable.Audit)).Next(tenant).Next(row.Id).Next(UnixMs.From(row.At)).Next(RowJson.Serialize(row));
                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }, ct);
}

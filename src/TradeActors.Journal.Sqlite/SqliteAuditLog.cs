using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Sqlite;

internal sealed class SqliteAuditLog(WriteQueue writes) : IAuditLog
{
    public Task WriteAsync(string tenant, AuditRow row, CancellationToken ct)
    {
        var key = new RowKey(ReadTable.Audit, tenant, "", row.Id);
        var change = new RowChange(key, new Row(key, UnixMs.From(row.At), "", RowJson.Serialize(row)));
        return writes.RunAsync(
            session =>
            {
                session.Change(change);
                return 0;
            },
            weight: 1, ct);
    }
}

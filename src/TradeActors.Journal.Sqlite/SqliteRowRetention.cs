using Dapper;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Rows lie in the order of writing, so the oldest are found without an index on their time.</remarks>
internal sealed class SqliteRowRetention(WriteQueue writes) : IRowRetention
{
    public Task<int> TrimAsync(ReadTable table, long before, int most, CancellationToken ct)
    {
        var name = ReadTables.Of(table).Name;
        return writes.RunAsync(
            session => session.Connection.Execute(
                $"DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} ORDER BY rowid LIMIT @most) AND sort < @before", new { most, before }),
            most, ct);
    }
}

using System.Data.Common;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Sqlite;

/// <summary>The small stores' SQL on the journal's writer and readers.</summary>
internal sealed class SqliteRunner(WriteQueue writes, ReaderPool readers) : ISqlRunner
{
    public Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct) => readers.ReadLongAsync(session => read(session.Connection), ct);

    public Task<T> ReadShortAsync<T>(Func<DbConnection, T> read, CancellationToken ct) => readers.ReadShortAsync(session => read(session.Connection), ct);

    public Task<T> WriteAsync<T>(Func<DbConnection, T> write, int weight, CancellationToken ct) =>
        writes.RunAsync(session => write(session.Connection), weight, ct);
}

using Microsoft.Data.Sqlite;

namespace TradeActors.Journal.Sqlite;

/// <summary>One connection with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private SqliteSession(string file, SqliteOpenMode mode, string pragmas)
    {
        Connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        try
        {
            Connection.Open();
            Execute(pragmas);
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; }

    /// <summary>The journal's one writing connection: durable at every COMMIT, and in charge of when the write-ahead log is emptied.</summary>
    public static SqliteSession OpenWriter(string file) => new(
        file, SqliteOpenMode.ReadWriteCreate,
        // No automatic checkpoint: SQLite would swallow its I/O error and try again (see WriteQueue).
        "PRAGMA busy_timeout = 5000; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
        + "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");

    public static SqliteSession OpenReader(string file) => new(
        file, SqliteOpenMode.ReadOnly, "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");

    /// <summary>For copying a store, whether a node has it open or not.</summary>
    public static SqliteSession OpenForCopy(string file) => new(file, SqliteOpenMode.ReadWrite, "PRAGMA busy_timeout = 5000");

    /// <summary>The statement for this text, prepared once per connection. Only for texts of a bounded number.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(Connection.Handle!, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Ends every statement that an exception has left halfway: a read under way would hold its old view of the store for ever.</summary>
    public void ResetAll()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Reset();
        }
    }

    public void Execute(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        Connection.Dispose();
    }
}

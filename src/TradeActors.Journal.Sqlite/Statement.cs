using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TradeActors.Journal.Sqlite;

/// <summary>A prepared statement of the hot path, without the boxing and the parameter collections of ADO.NET.</summary>
/// <remarks>Bind all parameters, from 1, then either <see cref="Run"/>, or <see cref="Step"/> until false or <see cref="Reset"/>.</remarks>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 db, string sql)
    {
        _db = db;
        Check(raw.sqlite3_prepare_v2(db, sql, out _statement));
    }

    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, string value)
    {
        Span<byte> utf8 = stackalloc byte[256];
        // An empty span has no address and would be bound as NULL; longer texts are rare.
        Check(value.Length == 0 || !Encoding.UTF8.TryGetBytes(value, utf8, out var length)
            ? raw.sqlite3_bind_text(_statement, index, value)
            : raw.sqlite3_bind_text(_statement, index, utf8[..length]));
        return this;
    }

    public Statement Bind(int index, byte[]? value)
    {
        Check(value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, index, 0),
            _ => raw.sqlite3_bind_blob(_statement, index, value),
        });
        return this;
    }

    /// <summary>Carries it out, for statements without a result.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    /// <summary>True when a row can be read; false at the end, with the statement ready to be bound again.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        if (result != raw.SQLITE_DONE)
        {
            try
            {
                // Before the reset, which clears the message.
                SqliteException.ThrowExceptionForRC(result, _db);
            }
            finally
            {
                Reset();
            }
        }

        Reset();
        return false;
    }

    public void Reset() => raw.sqlite3_reset(_statement); // Repeats the error of the step before, which was thrown already.

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public byte[]? NullableBlob(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : Blob(column);

    public void Dispose() => _statement.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _db);
}

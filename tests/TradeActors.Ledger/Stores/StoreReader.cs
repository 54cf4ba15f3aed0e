using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace TradeActors.Integration.Support;

/// <param name="Seq">Position in the entity's stream, from 1.</param>
public sealed record StoredEvent(string Entity, long Seq, string Type, JsonNode Payload);

/// <summary>Reads the database file itself, past the program under test.</summary>
public sealed class StoreFile : IDisposable
{
    private readonly SqliteConnection _connection;

    static StoreFile() => SQLitePCL.Batteries_V2.Init();

    public StoreFile(string file, bool isWritable = false)
    {
        var mode = isWritable ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        _connection.Open();
    }

    /// <summary>The events of all entities of one kind, or of one entity, in the order of their streams.</summary>
    public IEnumerable<StoredEvent> Events(string entityLike, string typeLike = "%")
    {
        using var command = Command("SELECT entity, seq, type, payload FROM events WHERE entity LIKE $e AND type LIKE $t ORDER BY entity, seq");
        command.Parameters.AddWithValue("$e", entityLike);
        command.Parameters.AddWithValue("$t", typeLike);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new StoredEvent(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), JsonNode.Parse(reader.GetFieldValue<byte[]>(3))!);
        }
    }

    /// <summary>The documents of a read table.</summary>
    public IEnumerable<(string Parent, string Id, string State, JsonNode Doc)> Rows(string table)
    {
        using var command = Command($"SELECT parent, id, state, doc FROM {table} ORDER BY tenant, parent, sort, id");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetString(0), reader.GetString(1), reader.GetString(2), JsonNode.Parse(reader.GetFieldValue<byte[]>(3))!);
        }
    }

    public long Number(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), null);
    }

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

#pragma warning disable CA2100 // Every statement is a constant of these tests.
    private SqliteCommand Command(string sql) => new(sql, _connection);
#pragma warning restore CA2100
}

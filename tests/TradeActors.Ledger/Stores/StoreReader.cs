using System.Data.Common;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace TradeActors.Ledger.Stores;

/// <param name="Seq">Position in the entity's stream, from 1.</param>
public sealed record StoredEvent(string Entity, long Seq, string Type, JsonNode Payload);

/// <summary>Reads the database itself, past the program under test.</summary>
/// <remarks>Both engines have the same tables, and what is asked here is SQL that both understand.</remarks>
public sealed class StoreReader : IDisposable
{
    private readonly DbConnection _connection;

    static StoreReader() => SQLitePCL.Batteries_V2.Init();

    private StoreReader(DbConnection connection)
    {
        _connection = connection;
        _connection.Open();
    }

    public static StoreReader Sqlite(string file, bool isWritable = false)
    {
        var mode = isWritable ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly;
        return new StoreReader(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString()));
    }

    public static StoreReader Postgres(string connectionString) =>
        new(new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString()));

    /// <summary>The events of all entities of one kind, or of one entity, in the order of their streams.</summary>
    public IEnumerable<StoredEvent> Events(string entityLike, string typeLike = "%")
    {
        using var command = Command(
            "SELECT entity, seq, type, payload FROM events WHERE entity LIKE @e AND type LIKE @t ORDER BY entity, seq", ("@e", entityLike), ("@t", typeLike));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new StoredEvent(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), JsonNode.Parse(reader.GetFieldValue<byte[]>(3))!);
        }
    }

    /// <summary>A tenant's documents in a read table.</summary>
    public IEnumerable<(string Parent, string Id, string State, JsonNode Doc)> Rows(string table, string tenant)
    {
        using var command = Command($"SELECT parent, id, state, doc FROM {table} WHERE tenant = @t ORDER BY parent, sort, id", ("@t", tenant));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetString(0), reader.GetString(1), reader.GetString(2), JsonNode.Parse(reader.GetFieldValue<byte[]>(3))!);
        }
    }

    public long Number(string sql, params (string Name, string Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        return Convert.ToInt64(command.ExecuteScalar(), null);
    }

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    private DbCommand Command(string sql, params (string Name, string Value)[] parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

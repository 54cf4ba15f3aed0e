using Npgsql;

namespace TradeActors.Benchmarks.Parts;

/// <summary>One prepared row and its commit on a connection of its own: what a stored command cannot do without.</summary>
internal sealed class BareCommit : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;

    private BareCommit(NpgsqlConnection connection, NpgsqlCommand insert) => (_connection, _insert) = (connection, insert);

    /// <param name="body">Of the row.</param>
    public static async Task<BareCommit> StartAsync(string database, byte[] body, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(ct);
        await using (var table = new NpgsqlCommand("CREATE TABLE bench_commits (n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA NOT NULL)", connection))
        {
            await table.ExecuteNonQueryAsync(ct);
        }

        var insert = new NpgsqlCommand("INSERT INTO bench_commits (body) VALUES ($1)", connection) { Parameters = { new NpgsqlParameter<byte[]> { TypedValue = body } } };
        await insert.PrepareAsync(ct);
        return new BareCommit(connection, insert);
    }

    public Task StoreAsync(CancellationToken ct) => _insert.ExecuteNonQueryAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

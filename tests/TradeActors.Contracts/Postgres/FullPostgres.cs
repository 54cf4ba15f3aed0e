using Npgsql;
using TradeActors.Journal.Postgres;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

/// <summary>A database with as much in it that the server's planner takes an index for what is small, and a scan for what is not.</summary>
public sealed class FullPostgres(PostgresFixture server) : IAsyncLifetime
{
    /// <summary>A million events of 20,000 entities, 20,000 rows in each read table, 1,000 under each parent, and inboxes and wakes of 128 shards.</summary>
    private static readonly string[] Contents =
    [
        "SET synchronous_commit = off",
        "SET maintenance_work_mem = '256MB'",
        "INSERT INTO events (entity, seq, type, payload, meta, stored_at) SELECT 't01/account/a' || lpad(e::text, 6, '0'), s, 'x.v1', '\\x00', NULL, 0 "
        + "FROM generate_series(1, 20000) e, generate_series(1, 50) s",
        "INSERT INTO snapshots (entity, seq, schema, state) SELECT 't01/account/a' || lpad(e::text, 6, '0'), 40, 3, '\\x00' FROM generate_series(1, 20000) e",
        "INSERT INTO wakes (shard, entity, due) SELECT e % 128, 't01/account/a' || lpad(e::text, 6, '0'), e FROM generate_series(1, 20000) e",
        "INSERT INTO inbox (shard, number, id, entity, type, body) SELECT n % 128, n / 128, 'm' || n, 't01/account/a1', 'x', '\\x00' FROM generate_series(1, 20000) n",
        "INSERT INTO rows (kind, tenant, parent, id, sort, state, doc) SELECT k, 't' || lpad((n % 10)::text, 2, '0'), 'p' || n / 10 % 2, lpad(n::text, 6, '0'), n, "
        + "'s' || n / 20 % 4, CASE WHEN k = 10 THEN convert_to('{\"at\":\"2026-05-04T09:' || lpad((n % 60)::text, 2, '0') || ':00Z\"}', 'UTF8') ELSE '\\x00' END "
        + "FROM generate_series(1, 18) k, generate_series(1, 20000) n",
        "ANALYZE",
    ];

    private string _database = "";

    public async Task InitializeAsync()
    {
        _database = await server.CreateDatabaseAsync();
        await using (await PostgresStoreUnderTest.OpenAsync(_database, shardCount: 128))
        {
        }

        await using var connection = await ConnectAsync();
        foreach (var statement in Contents)
        {
            await RunAsync(connection, statement);
        }
    }

    /// <summary>The plan of a statement.</summary>
    /// <param name="arguments">As SQL has them between the parentheses of EXECUTE.</param>
    /// <param name="tenant">Under whose role it runs; null for the owner's.</param>
    /// <param name="mode">Planned for these arguments, or for any: a server that has seen a statement five times may do the latter.</param>
    internal async Task<string> ExplainAsync(string sql, string arguments, string? tenant, string mode)
    {
        await using var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        if (tenant is not null)
        {
            await using var batch = connection.CreateBatch();
            batch.Add(PostgresReadStore.AsTenant).Next(tenant);
            await batch.ExecuteNonQueryAsync();
        }

        await RunAsync(connection, $"SET LOCAL plan_cache_mode = {mode}");
        await RunAsync(connection, $"PREPARE asked AS {sql}");
        return (string)(await RunAsync(connection, $"EXPLAIN (FORMAT JSON) EXECUTE asked ({arguments})"))!;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database) { Pooling = false, CommandTimeout = 120 }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var batch = connection.CreateBatch();
        batch.Add(sql);
        return await batch.ExecuteScalarAsync();
    }
}

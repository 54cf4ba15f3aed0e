using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresClaimTests(PostgresFixture server)
{
    /// <summary>As a node does that was stopped in the middle of an append: its connection lives, and no time-out of the server's counts (PROTOCOL 9).</summary>
    [Fact]
    public async Task Claim_ends_the_connection_of_whoever_hangs_on_the_shard()
    {
        var database = await server.CreateDatabaseAsync();
        await using var store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 8);
        await using var hanging = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
        await hanging.OpenAsync();
        await using var begun = await hanging.BeginTransactionAsync();
        await using var append = new NpgsqlCommand("SELECT epoch FROM shards WHERE shard = 3 FOR SHARE", hanging);
        await append.ExecuteScalarAsync();

        var claims = await store.Journal.ClaimAsync([2, 3], "n2", CancellationToken.None);

        Assert.Equal([(2, 1L), (3, 1L)], claims.Select(claim => (claim.Shard, claim.Epoch)).ToArray());
        var error = await Assert.ThrowsAsync<PostgresException>(() => append.ExecuteScalarAsync());
        Assert.Equal(PostgresErrorCodes.AdminShutdown, error.SqlState);
    }

    /// <summary>Each with a connection of its own, thousands of loads left none for anything else, and failed one after another. Found by the benchmark.</summary>
    [Fact]
    public async Task Thousands_of_loads_at_once_all_succeed_and_leave_room_for_a_sign_of_life()
    {
        var database = await server.CreateDatabaseAsync();
        await using var store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 8);
        var loads = Enumerable.Range(0, 5_000).Select(i => store.Journal.LoadAsync(new EntityId("t", "account", $"a{i}"), 1, CancellationToken.None)).ToArray();
        var beat = store.Store.Board.BeatAsync(new NodeBeat("n1", TakesShards: true, []), CancellationToken.None);
        Assert.All(await Task.WhenAll(loads), loaded => Assert.Empty(loaded.Events));
        Assert.Single((await beat).Nodes);

        // Pools keep what they have opened: two that load, the beat, the append's and the API's.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", connection);
        Assert.InRange((long)(await count.ExecuteScalarAsync())!, 1, 5);
    }

    /// <summary>Two that took each other's place saw themselves as the one, each in its own beat, and others were left with nobody. Found by the benchmark.</summary>
    [Fact]
    public async Task Who_stands_by_first_stays_until_it_goes_or_is_gone()
    {
        var database = await server.CreateDatabaseAsync();
        await using var store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 3);
        Assert.Equal(["n1", "n1", ""], await StandbysAsync("n1", 0, 1));
        Assert.Equal(["n1", "n1", "n2"], await StandbysAsync("n2", 0, 1, 2));
        Assert.Equal(["n1", "", "n2"], await StandbysAsync("n1", 0));
        Assert.Equal(["n1", "n2", "n2"], await StandbysAsync("n2", 0, 1, 2));
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var age = new NpgsqlCommand("UPDATE nodes SET seen_at = seen_at - 6001 WHERE node = 'n1'", connection);
        await age.ExecuteNonQueryAsync();
        Assert.Equal(["n2", "n2", "n2"], await StandbysAsync("n2", 0, 1, 2));

        async Task<string[]> StandbysAsync(string node, params int[] standsBy)
        {
            var view = await store.Store.Board.BeatAsync(new NodeBeat(node, TakesShards: true, [.. standsBy]), CancellationToken.None);
            return [.. view.Shards.Select(row => row.Standby)];
        }
    }

    [Fact]
    public async Task Node_that_was_not_seen_for_a_day_is_taken_off_the_board()
    {
        var database = await server.CreateDatabaseAsync();
        await using var store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 8);
        await store.Store.Board.BeatAsync(new NodeBeat("gone", TakesShards: true, []), CancellationToken.None);
        await store.Store.Board.BeatAsync(new NodeBeat("away", TakesShards: true, []), CancellationToken.None);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var age = new NpgsqlCommand("UPDATE nodes SET seen_at = seen_at - CASE node WHEN 'gone' THEN 86400001 ELSE 80000000 END", connection);
        await age.ExecuteNonQueryAsync();

        var view = await store.Store.Board.BeatAsync(new NodeBeat("here", TakesShards: true, []), CancellationToken.None);
        Assert.Equal(["away", "here"], view.Nodes.Select(node => node.Node).ToArray());
    }
}

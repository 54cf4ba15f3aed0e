using Npgsql;
using TradeActors.Abstractions.Journal;
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

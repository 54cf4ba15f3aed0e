using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresRetentionTests(PostgresFixture server)
{
    [Fact]
    public async Task Oldest_rows_of_one_table_are_removed_a_part_at_a_time()
    {
        await using var store = await PostgresStoreUnderTest.OpenAsync(await server.CreateDatabaseAsync(), shardCount: 8);
        for (var i = 1; i <= 9; i++)
        {
            await store.Audit.WriteAsync(i % 2 == 0 ? "acme" : "beta", Row(i), default);
        }

        var before = Given.At.AddDays(8).ToUnixTimeMilliseconds();
        Assert.Equal(0, await store.Store.Retention.TrimAsync(ReadTable.Texts, before, most: 100, default));
        Assert.Equal(3, await store.Store.Retention.TrimAsync(ReadTable.Audit, before, most: 3, default));
        Assert.Equal(["r4", "r5", "r6", "r7", "r8", "r9"], await IdsAsync(store));
        Assert.Equal(4, await store.Store.Retention.TrimAsync(ReadTable.Audit, before, most: 100, default));
        Assert.Equal(["r8", "r9"], await IdsAsync(store));
    }

    private static AuditRow Row(int i) => new($"r{i}", Given.At.AddDays(i), null, null, null, "did", "it", 200, null, null);

    private static async Task<IEnumerable<string>> IdsAsync(PostgresStoreUnderTest store) =>
        (await store.Reads.ListKeysAsync(ReadTable.Audit, tenant: null, default)).Select(key => key.Id).Order();
}

using TradeActors.Contracts.Journal;
using TradeActors.Contracts.Market;
using TradeActors.Contracts.ReadModel;
using TradeActors.Contracts.Users;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresJournalTests(PostgresFixture server) : JournalContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresInboxTests(PostgresFixture server) : InboxContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresReadStoreTests(PostgresFixture server) : ReadStoreContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresLiveStoreTests(PostgresFixture server) : LiveStoreContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresUserStoreTests(PostgresFixture server) : UserStoreContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresQuoteStoreTests(PostgresFixture server) : QuoteStoreContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresCandleStoreTests(PostgresFixture server) : CandleStoreContract(new PostgresData(server));

[Collection(PostgresCollection.Name)]
public sealed class PostgresEquityStoreTests(PostgresFixture server) : EquityStoreContract(new PostgresData(server));

/// <summary>One server for all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A database of the test's own on the server that all share.</summary>
internal sealed class PostgresData(PostgresFixture server) : IStoreData
{
    private string? _database;

    public async Task<IStoreUnderTest> OpenAsync(int shardCount) =>
        await PostgresStoreUnderTest.OpenAsync(_database ??= await server.CreateDatabaseAsync(), shardCount);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

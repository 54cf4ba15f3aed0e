using Xunit;

namespace TradeActors.Servers.Postgres;

/// <summary>One PostgreSQL for a test class (IClassFixture) or a collection (ICollectionFixture, whose definition stands in the assembly that uses it).</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private int _databases;

    public PrivatePostgres Server { get => field ?? throw new InvalidOperationException("Not started yet."); private set; }

    public async Task InitializeAsync() => Server = await PrivatePostgres.StartAsync(CancellationToken.None);

    /// <summary>An empty database with a name of its own: tests of one fixture do not see each other.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync() => Server.CreateDatabaseAsync($"test_{Interlocked.Increment(ref _databases)}");

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

using System.Diagnostics;
using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

/// <summary>deploy/postgres/init.sql, which the database of docker-compose.yml is made by, on a server that is new.</summary>
public sealed class PostgresInitTests : IAsyncLifetime
{
    private PrivatePostgres _server = null!;

    public async Task InitializeAsync() => _server = await PrivatePostgres.StartAsync(default);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task User_that_it_makes_can_open_the_store_and_is_no_administrator()
    {
        await RunAsync(new Dictionary<string, string?> { ["TRADEACTORS_POSTGRES_PASSWORD"] = "abc123" }, expected: 0);
        await _server.RequirePasswordAsync("tradeactors");
        var database = DatabaseWith("abc123");
        var refusal = await Assert.ThrowsAsync<StoreOpenException>(() => PostgresStoreUnderTest.OpenAsync(DatabaseWith("abc124"), shardCount: 8));
        Assert.Contains("user and password", refusal.Message, StringComparison.Ordinal);

        for (var start = 0; start < 2; start++) // The second finds the schema made.
        {
            await using var store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 8);
            Assert.False(await store.Users.AnyAsync(default));
            Assert.Empty(await store.Users.ListAsync("acme", default)); // Under the tenants' role.
            Assert.Null((await store.Journal.LoadAsync(new EntityId("acme", "ledger", "a"), 1, default)).Snapshot); // By the connections of the entities.
        }

        Assert.Equal("f f f", await AskAsync("SELECT concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = current_user", database));
        Assert.Equal("on", await AskAsync("SHOW synchronous_commit", database));
    }

    [Fact]
    public async Task Nothing_is_made_without_a_password()
    {
        await RunAsync(new Dictionary<string, string?> { ["TRADEACTORS_POSTGRES_PASSWORD"] = null }, expected: 3);
        Assert.Equal("0", await AskAsync("SELECT count(*)::text FROM pg_roles WHERE rolname LIKE 'tradeactors%'", _server.ConnectionString));
    }

    private string DatabaseWith(string password) =>
        new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Username = "tradeactors", Password = password, Database = "tradeactors" }.ToString();

    /// <summary>As the image does: by psql, as the superuser.</summary>
    private async Task RunAsync(Dictionary<string, string?> environment, int expected)
    {
        var start = new ProcessStartInfo("psql", ["-X", "-h", "127.0.0.1", "-p", $"{_server.Port}", "-U", "postgres", "-f", InitFile()]) { RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var psql = Process.Start(start)!;
        var printed = await psql.StandardError.ReadToEndAsync();
        await psql.WaitForExitAsync();
        Assert.True(psql.ExitCode == expected, $"psql ended with {psql.ExitCode}: {printed}");
    }

    private static async Task<string?> AskAsync(string question, string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(question);
        return (string?)await command.ExecuteScalarAsync();
    }

    private static string InitFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No TradeActors.sln above {AppContext.BaseDirectory}.");
        }

        return Path.Combine(folder.FullName, "deploy", "postgres", "init.sql");
    }
}

using Npgsql;
using TradeActors.Servers.Processes;
using TradeActors.Servers.Proxy;
using Xunit;

namespace TradeActors.Servers.Postgres;

public sealed class PrivatePostgresTests(PostgresFixture fixture) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task What_was_committed_is_there_after_a_kill()
    {
        await using var server = await PrivatePostgres.StartAsync(CancellationToken.None);
        var database = await server.CreateDatabaseAsync("kept");
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await ExecuteAsync(source, "CREATE TABLE notes (text text NOT NULL); INSERT INTO notes VALUES ('before')");
            await server.KillAsync();
            Assert.Empty(server.ProcessIds);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(source, "INSERT INTO notes VALUES ('while it was down')"));
        }

        await server.StartAgainAsync(CancellationToken.None);
        await using var again = NpgsqlDataSource.Create(database);
        Assert.Equal("before", await AskAsync(again, "SELECT string_agg(text, ',') FROM notes"));
    }

    [Fact]
    public async Task Databases_of_one_server_do_not_see_each_other()
    {
        await using var one = NpgsqlDataSource.Create(await fixture.CreateDatabaseAsync());
        await using var other = NpgsqlDataSource.Create(await fixture.CreateDatabaseAsync());
        await ExecuteAsync(one, "CREATE TABLE notes (text text)");
        Assert.Equal(true, await AskAsync(one, "SELECT to_regclass('notes') IS NOT NULL"));
        Assert.Equal(false, await AskAsync(other, "SELECT to_regclass('notes') IS NOT NULL"));
    }

    [Theory]
    [InlineData("fsync", "on")]
    [InlineData("synchronous_commit", "on")]
    [InlineData("full_page_writes", "on")]
    [InlineData("server_encoding", "UTF8")]
    [InlineData("listen_addresses", "127.0.0.1")]
    public async Task Server_is_set_as_promised(string setting, string expected)
    {
        await using var source = NpgsqlDataSource.Create(fixture.Server.ConnectionString);
        Assert.Equal(expected, await AskAsync(source, $"SHOW {setting}"));
    }

    [Fact]
    public async Task Texts_are_compared_by_their_bytes()
    {
        await using var source = NpgsqlDataSource.Create(await fixture.CreateDatabaseAsync());
        Assert.Equal("C", await AskAsync(source, "SELECT datcollate::text FROM pg_database WHERE datname = current_database()"));
        Assert.Equal(true, await AskAsync(source, "SELECT 'B' < 'a'"));
    }

    [Fact]
    public async Task Query_behind_a_cut_wire_is_answered_when_it_is_healed()
    {
        await using var proxy = TcpProxy.Start("127.0.0.1", fixture.Server.Port);
        var address = new NpgsqlConnectionStringBuilder(fixture.Server.ConnectionString) { Port = proxy.Port };
        await using var source = NpgsqlDataSource.Create(address);
        await using var connection = await source.OpenConnectionAsync();
        proxy.Cut();
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        var answer = command.ExecuteScalarAsync();
        Assert.False(answer.IsCompleted);
        proxy.Heal();
        Assert.Equal(1, await answer);
    }

    [Fact]
    public async Task Running_server_is_not_started_twice() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Server.StartAgainAsync(CancellationToken.None));

    [Fact]
    public void Missing_programs_are_told_with_the_package_that_has_them()
    {
        using var folder = new ServerFolder("tradeactors-none-");
        var error = Assert.Throws<ServerNotInstalledException>(() => PrivatePostgres.FindBinaries(folder.Path));
        Assert.Contains("apt-get install postgresql", error.Message);
    }

    [Fact]
    public void Newest_version_is_taken_by_number()
    {
        using var folder = new ServerFolder("tradeactors-versions-");
        foreach (var version in (string[])["9", "15", "8"])
        {
            var binaries = Directory.CreateDirectory(Path.Combine(folder.Path, version, "bin")).FullName;
            File.WriteAllText(Path.Combine(binaries, "postgres"), "");
            File.WriteAllText(Path.Combine(binaries, "initdb"), "");
        }

        Assert.Equal(Path.Combine(folder.Path, "15", "bin"), PrivatePostgres.FindBinaries(folder.Path));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

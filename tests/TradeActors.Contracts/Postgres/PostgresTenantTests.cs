using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Postgres;
using TradeActors.Servers.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

/// <summary>What the server itself keeps from a tenant's reads, whatever their statement asks for. A new table is judged by its columns.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresTenantTests(PostgresFixture server) : IAsyncLifetime
{
    private const string OfThisSchema = "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')";

    /// <summary>Tables that hold tenants' data, and the column that says whose.</summary>
    private const string TenantTables =
        "SELECT c.oid, c.relname, c.relrowsecurity, c.relispartition, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped "
        + $"WHERE {OfThisSchema} AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant' END";

    private PostgresStoreUnderTest _store = null!;
    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync()
    {
        var database = await server.CreateDatabaseAsync();
        _store = await PostgresStoreUnderTest.OpenAsync(database, shardCount: 8);
        _source = NpgsqlDataSource.Create(database);
        await StoreAsync("acme");
        await StoreAsync("beta");
    }

    public async Task DisposeAsync()
    {
        await _source.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Every_table_with_a_tenant_is_under_row_level_security()
    {
        var tables = await ListAsync($"SELECT relname FROM ({TenantTables}) t");
        Assert.Empty(new[] { "rows", "equity", "tenants", "users", "invitations", "api_keys" }.Except(tables));
        Assert.Empty(await ListAsync(
            $"SELECT relname FROM ({TenantTables}) t WHERE NOT relrowsecurity OR NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = current_schema() "
            + $"AND p.tablename = t.relname AND p.cmd IN ('SELECT', 'ALL') AND '{Migrations.TenantRole}' = ANY(p.roles))"));
    }

    [Fact]
    public async Task Tenants_role_reads_nothing_that_is_not_held_to_a_tenant_and_writes_nothing()
    {
        Assert.Empty(await ListAsync(
            $"SELECT c.relname FROM pg_class c WHERE {OfThisSchema} AND has_table_privilege('{Migrations.TenantRole}', c.oid, 'SELECT') AND NOT c.relrowsecurity"));
        Assert.Empty(await ListAsync(
            $"SELECT c.relname FROM pg_class c WHERE {OfThisSchema} "
            + $"AND has_table_privilege('{Migrations.TenantRole}', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"));
    }

    [Fact]
    public async Task Tenants_role_sees_of_each_table_one_tenant_alone()
    {
        // Of partitions the role may read none: only the table above them.
        Assert.Empty(await ListAsync($"SELECT relname FROM ({TenantTables}) t WHERE relispartition AND has_table_privilege('{Migrations.TenantRole}', oid, 'SELECT')"));
        foreach (var table in await ListAsync($"SELECT relname || '.' || attname FROM ({TenantTables}) t WHERE NOT relispartition ORDER BY 1"))
        {
            var (name, column) = (table.Split('.')[0], table.Split('.')[1]);
            var tenants = $"SELECT DISTINCT {column} FROM {name} ORDER BY 1";
            Assert.True(await ListAsync(tenants) is ["acme", "beta"], $"Store something of each tenant in {name}, in this class.");
            Assert.Equal((name, "acme"), (name, string.Join(", ", await ListAsync(tenants, tenant: "acme"))));
            Assert.Equal((name, "beta"), (name, string.Join(", ", await ListAsync(tenants, tenant: "beta"))));
            Assert.Equal((name, ""), (name, string.Join(", ", await ListAsync(tenants, tenant: "other"))));
            Assert.Equal((name, ""), (name, string.Join(", ", await ListAsync(tenants, tenant: ""))));
        }
    }

    /// <remarks>A role that may read nothing stops the reads that are under it, and no other.</remarks>
    [Fact]
    public async Task What_is_asked_for_one_tenant_is_read_under_the_tenants_role()
    {
        await ListAsync($"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {Migrations.TenantRole}");
        var topic = new LiveTopic("acme", "orders");
        Func<Task>[] ofTenant =
        [
            () => _store.Users.ListAsync("acme", default),
            () => _store.Users.ListInvitationsAsync("acme", default),
            () => _store.ApiKeys.ListAsync("acme", default),
            () => _store.Equity.ListAsync(new("acme", "a1"), default),
            () => _store.Reads.ListAsync(new(ReadTable.Orders, "acme", "a1", Limit: 10), default),
            () => _store.Reads.GetAsync(new(ReadTable.Orders, "acme", "a1", "r1"), default),
            () => _store.Reads.ListKeysAsync(ReadTable.Orders, "acme", default),
            () => _store.Reads.CountAsync(ReadTable.Orders, "acme", ["a1"], default),
            () => _store.Live.ReadAsync(topic, 0, 10, default),
            () => _store.Live.StateAsync(topic, new(ReadTable.Orders, "acme", "a1", "r1"), default),
        ];
        foreach (var read in ofTenant)
        {
            var error = await Assert.ThrowsAsync<JournalUnavailableException>(read);
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(error.InnerException).SqlState);
        }

        Assert.NotNull(await _store.Users.FindByEmailAsync("ann@acme.example", default));
        Assert.NotNull(await _store.Users.FindAsync("user-acme", default));
        Assert.NotNull(await _store.Users.FindInvitationAsync("token-acme", default));
        Assert.NotNull(await _store.ApiKeys.FindAsync("hash-acme", default));
        Assert.Equal(2, (await _store.Users.ListTenantsAsync(default)).Count);
        Assert.NotEmpty(await _store.Reads.ListKeysAsync(ReadTable.Orders, tenant: null, default));
        Assert.NotNull(await _store.Journal.LookupAsync(new(ReadTable.Orders, "acme", "a1", "r1"), default));
    }

    /// <summary>Something in every table with a tenant.</summary>
    private async Task StoreAsync(string tenant)
    {
        var owner = new UserRecord($"user-{tenant}", tenant, $"ann@{tenant}.example", "hash", "owner", Given.At);
        Assert.NotNull(await _store.Users.RegisterAsync(new(tenant, tenant, Given.At, IsApproved: true), owner, default));
        await _store.Users.InviteAsync(
            new($"invitation-{tenant}", tenant, "bob@example.com", "trader", $"token-{tenant}", owner.Id, Given.At, Given.At.AddDays(1)), default);
        await _store.ApiKeys.AddAsync(new($"key-{tenant}", tenant, owner.Id, "key", $"hash-{tenant}", ["read"], Given.At, ExpiresAt: null, LastUsedAt: null), default);
        await _store.Equity.SaveAsync([new(tenant, "a1", Given.At, 1m, 2m)], default);
        await using var command = _source.CreateCommand(
            "INSERT INTO rows (kind, tenant, parent, id, sort, state, doc) SELECT unnest($1::smallint[]), $2, 'a1', 'r1', 1, '', ''");
        command.Parameters.AddWithValue(Enum.GetValues<ReadTable>().Select(RowsTable.Kind).ToArray());
        command.Parameters.AddWithValue(tenant);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The one column of the answer, as the owner or, where a tenant is named, under its role.</summary>
    private async Task<List<string>> ListAsync(string sql, string? tenant = null)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var batch = connection.CreateBatch();
        if (tenant is not null)
        {
            batch.Add(PostgresReadStore.AsTenant).Next(tenant);
        }

        batch.Add(sql);
        await using var reader = await batch.ExecuteReaderAsync();
        if (tenant is not null)
        {
            await reader.NextResultAsync();
        }

        var list = new List<string>();
        while (await reader.ReadAsync())
        {
            list.Add(reader.GetString(0));
        }

        return list;
    }
}

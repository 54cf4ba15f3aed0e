using Dapper;
using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sql;

public sealed class SqlApiKeyStore(ISqlRunner runner) : IApiKeyStore
{
    private const string Select =
        "SELECT id, tenant, user_id AS UserId, name, hash, scopes, created_at AS CreatedAt, expires_at AS ExpiresAt, last_used_at AS LastUsedAt FROM api_keys ";

    public Task AddAsync(ApiKeyRecord key, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute(
            "INSERT INTO api_keys (id, tenant, user_id, name, hash, scopes, created_at, expires_at) "
            + "VALUES (@Id, @Tenant, @UserId, @Name, @Hash, @Scopes, @CreatedAt, @ExpiresAt)", KeyRow.From(key)),
        weight: 1, ct);

    public Task<ApiKeyRecord?> FindAsync(string hash, CancellationToken ct) => runner.ReadShortAsync(
        db => db.QuerySingleOrDefault<KeyRow>(Select + "WHERE hash = @hash", new { hash })?.ToKey(), ct);

    public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(string tenant, CancellationToken ct) => runner.ReadTenantAsync<IReadOnlyList<ApiKeyRecord>>(
        tenant,
        db => [.. db.Query<KeyRow>(Select + "WHERE tenant = @tenant ORDER BY created_at DESC, id", new { tenant }).Select(row => row.ToKey())],
        ct);

    public Task<bool> RemoveAsync(string tenant, string keyId, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute("DELETE FROM api_keys WHERE tenant = @tenant AND id = @keyId", new { tenant, keyId }) == 1, weight: 1, ct);

    public Task UsedAsync(string keyId, DateTimeOffset at, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute("UPDATE api_keys SET last_used_at = @at WHERE id = @keyId", new { keyId, at = UnixMs.From(at) }), weight: 1, ct);

    private sealed class KeyRow
    {
        public required string Id { get; init; }
        public required string Tenant { get; init; }
        public required string UserId { get; init; }
        public required string Name { get; init; }
        public required string Hash { get; init; }
        public required string Scopes { get; init; }
        public long CreatedAt { get; init; }
        public long? ExpiresAt { get; init; }
        public long? LastUsedAt { get; init; }

        public static KeyRow From(ApiKeyRecord key) => new()
        {
            Id = key.Id,
            Tenant = key.Tenant,
            UserId = key.UserId,
            Name = key.Name,
            Hash = key.Hash,
            Scopes = string.Join(' ', key.Scopes),
            CreatedAt = UnixMs.From(key.CreatedAt),
            ExpiresAt = key.ExpiresAt is { } at ? UnixMs.From(at) : null,
        };

        public ApiKeyRecord ToKey() => new(
            Id, Tenant, UserId, Name, Hash, [.. Scopes.Split(' ')], UnixMs.ToDate(CreatedAt), ExpiresAt is { } expires ? UnixMs.ToDate(expires) : null,
            LastUsedAt is { } used ? UnixMs.ToDate(used) : null);
    }
}

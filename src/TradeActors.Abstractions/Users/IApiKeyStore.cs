using System.Collections.Immutable;

namespace TradeActors.Abstractions.Users;

/// <summary>A key with which a program acts for the user that made it.</summary>
/// <param name="Hash">SHA-256 of the key, lower-case hex; the key itself is stored nowhere.</param>
/// <param name="Scopes">What it may do at most; its user's role bounds it as well.</param>
/// <param name="LastUsedAt">To the minute.</param>
public sealed record ApiKeyRecord(
    string Id, string Tenant, string UserId, string Name, string Hash, ImmutableArray<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

public interface IApiKeyStore
{
    Task AddAsync(ApiKeyRecord key, CancellationToken ct);

    /// <returns>The key of this hash, expired or not; null when there is none or it has been revoked.</returns>
    Task<ApiKeyRecord?> FindAsync(string hash, CancellationToken ct);

    /// <returns>The tenant's keys, newest first.</returns>
    Task<IReadOnlyList<ApiKeyRecord>> ListAsync(string tenant, CancellationToken ct);

    /// <summary>Revokes the key. From then on no request is let in with it.</summary>
    /// <returns>False when the tenant has no such key.</returns>
    Task<bool> RemoveAsync(string tenant, string keyId, CancellationToken ct);

    Task UsedAsync(string keyId, DateTimeOffset at, CancellationToken ct);
}

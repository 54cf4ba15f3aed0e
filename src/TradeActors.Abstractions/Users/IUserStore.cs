namespace TradeActors.Abstractions.Users;

/// <param name="Email">As given; compared by its upper-case invariant form.</param>
/// <param name="Roles">Comma separated: operator, owner, trader, viewer.</param>
public sealed record UserRecord(string Id, string Tenant, string Email, string PasswordHash, string Roles, DateTimeOffset CreatedAt)
{
    public bool Is(string role) => Roles.Split(',').Contains(role, StringComparer.Ordinal);
}

/// <summary>Users and tenants: plain tables, not entities.</summary>
public interface IUserStore
{
    /// <summary>Makes a tenant and its owner in one transaction. The first user of the installation also becomes operator.</summary>
    /// <returns>The stored user, or null when the e-mail address is taken.</returns>
    Task<UserRecord?> RegisterAsync(string tenantId, string tenantName, UserRecord owner, CancellationToken ct);

    Task<UserRecord?> FindByEmailAsync(string email, CancellationToken ct);

    Task<UserRecord?> FindAsync(string userId, CancellationToken ct);

    Task<bool> AnyAsync(CancellationToken ct);
}

/// <summary>The Data Protection key ring: XML elements by name, stored so that every node can read every token.</summary>
public interface IKeyRingStore
{
    IReadOnlyList<string> LoadAll();

    void Save(string name, string xml);
}

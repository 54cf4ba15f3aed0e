namespace TradeActors.Abstractions.Users;

/// <param name="Email">As given; compared by its upper-case invariant form.</param>
/// <param name="Roles">Comma separated: operator, owner, trader, viewer.</param>
public sealed record UserRecord(string Id, string Tenant, string Email, string PasswordHash, string Roles, DateTimeOffset CreatedAt)
{
    /// <summary>Stands in every session; a changed one ends them all.</summary>
    public string SecurityStamp { get; init; } = "";

    /// <summary>Rises by one with every change: a change made from an older one is refused.</summary>
    public int Version { get; init; }

    /// <summary>In a row, since the last good log-in.</summary>
    public int FailedLogIns { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    public DateTimeOffset? LastLogInAt { get; init; }

    public bool HasTwoFactor { get; init; }

    /// <summary>Shared with the authenticator app, sealed; set before <see cref="HasTwoFactor"/>.</summary>
    public string? AuthenticatorKey { get; init; }

    /// <summary>Hashes of the recovery codes that are left, joined by ';'.</summary>
    public string RecoveryCodes { get; init; } = "";

    /// <summary>Hashes of the authenticator codes that were taken last, joined by ';': they are not taken again.</summary>
    public string UsedCodes { get; init; } = "";

    /// <summary>Of the tenant: false until the operator has let it in. Written with the tenant, not with the user.</summary>
    public bool IsTenantApproved { get; init; } = true;

    public bool Is(string role) => Roles.Split(',').Contains(role, StringComparer.Ordinal);
}

/// <param name="IsApproved">False while it waits for the operator: its users cannot log in.</param>
public sealed record TenantRecord(string Id, string Name, DateTimeOffset CreatedAt, bool IsApproved);

/// <param name="Users">How many it has.</param>
public sealed record TenantSummary(TenantRecord Tenant, int Users);

/// <summary>A place in a tenant for whoever has the token. An address has one invitation to a tenant; a new one replaces it.</summary>
/// <param name="TokenHash">SHA-256, lower-case hex.</param>
public sealed record InvitationRecord(
    string Id, string Tenant, string Email, string Role, string TokenHash, string InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>What became of a change to a user.</summary>
public enum UserChange
{
    Done,
    NotFound,
    /// <summary>Refused: a tenant keeps an owner.</summary>
    LastOwner,
    /// <summary>Refused: the installation keeps an operator.</summary>
    LastOperator,
    EmailTaken,
    /// <summary>Refused: it was changed meanwhile.</summary>
    Outdated,
}

/// <summary>Users, tenants and invitations: plain tables, not entities. Every change is durable when its task completes.</summary>
public interface IUserStore
{
    /// <summary>Makes a tenant and its owner in one transaction. The first user of the installation also becomes operator, and is let in.</summary>
    /// <returns>The stored user, or null when the e-mail address is taken.</returns>
    Task<UserRecord?> RegisterAsync(TenantRecord tenant, UserRecord owner, CancellationToken ct);

    Task<UserRecord?> FindByEmailAsync(string email, CancellationToken ct);

    Task<UserRecord?> FindAsync(string userId, CancellationToken ct);

    Task<bool> AnyAsync(CancellationToken ct);

    /// <returns>All users of the tenant, oldest first.</returns>
    Task<IReadOnlyList<UserRecord>> ListAsync(string tenant, CancellationToken ct);

    /// <summary>Replaces everything but id, tenant, e-mail address and roles. <see cref="UserRecord.Version"/> is that which was read.</summary>
    /// <returns>Done, Outdated or NotFound.</returns>
    Task<UserChange> UpdateAsync(UserRecord user, CancellationToken ct);

    /// <summary>Gives the user this role in its tenant, in place of the one it has. An operator stays operator.</summary>
    Task<UserChange> ChangeRoleAsync(string tenant, string userId, string role, CancellationToken ct);

    /// <summary>Makes a user of any tenant operator of the installation, or ends that. Safe to repeat.</summary>
    Task<UserChange> ChangeOperatorAsync(string userId, bool isOperator, CancellationToken ct);

    /// <summary>Removes the user and its API keys.</summary>
    Task<UserChange> RemoveAsync(string tenant, string userId, CancellationToken ct);

    /// <returns>EmailTaken when the tenant has a user of this address.</returns>
    Task<UserChange> InviteAsync(InvitationRecord invitation, CancellationToken ct);

    Task<IReadOnlyList<InvitationRecord>> ListInvitationsAsync(string tenant, CancellationToken ct);

    /// <returns>The invitation of this token; null when there is none, or it has been used, replaced or withdrawn. It may have expired.</returns>
    Task<InvitationRecord?> FindInvitationAsync(string tokenHash, CancellationToken ct);

    /// <returns>Done or NotFound.</returns>
    Task<UserChange> WithdrawInvitationAsync(string tenant, string invitationId, CancellationToken ct);

    /// <summary>Makes the user and uses the invitation up.</summary>
    /// <returns>Done; NotFound when the invitation has gone; EmailTaken when the address has a user, of whatever tenant.</returns>
    Task<UserChange> AcceptInvitationAsync(string invitationId, UserRecord user, CancellationToken ct);

    /// <returns>All tenants of the installation, newest first.</returns>
    Task<IReadOnlyList<TenantSummary>> ListTenantsAsync(CancellationToken ct);

    /// <summary>Lets a waiting tenant in. Safe to repeat.</summary>
    /// <returns>False when there is no such tenant.</returns>
    Task<bool> ApproveTenantAsync(string tenant, CancellationToken ct);

    /// <summary>Removes a tenant that was never let in, and its users.</summary>
    /// <returns>False when no such tenant waits.</returns>
    Task<bool> RefuseTenantAsync(string tenant, CancellationToken ct);
}

/// <summary>The Data Protection key ring: XML elements by name, stored so that every node can read every token.</summary>
public interface IKeyRingStore
{
    IReadOnlyList<string> LoadAll();

    void Save(string name, string xml);
}

using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sql;

/// <summary>A user as its row holds it.</summary>
internal sealed class UserRow
{
    public required string Id { get; init; }
    public required string Tenant { get; init; }
    public required string Email { get; init; }
    public required string PasswordHash { get; init; }
    public required string Roles { get; init; }
    public long CreatedAt { get; init; }
    public required string SecurityStamp { get; init; }
    public int Version { get; init; }
    public int FailedLogIns { get; init; }
    public long? LockedUntil { get; init; }
    public long? LastLogInAt { get; init; }
    public bool HasTwoFactor { get; init; }
    public string? AuthenticatorKey { get; init; }
    public required string RecoveryCodes { get; init; }
    public required string UsedCodes { get; init; }
    public bool IsTenantApproved { get; init; }
    public string EmailKey => Key(Email);

    public static string Key(string email) => email.ToUpperInvariant();

    public static UserRow From(UserRecord user) => new()
    {
        Id = user.Id,
        Tenant = user.Tenant,
        Email = user.Email,
        PasswordHash = user.PasswordHash,
        Roles = user.Roles,
        CreatedAt = UnixMs.From(user.CreatedAt),
        SecurityStamp = user.SecurityStamp,
        Version = user.Version,
        FailedLogIns = user.FailedLogIns,
        LockedUntil = user.LockedUntil is { } until ? UnixMs.From(until) : null,
        LastLogInAt = user.LastLogInAt is { } at ? UnixMs.From(at) : null,
        HasTwoFactor = user.HasTwoFactor,
        AuthenticatorKey = user.AuthenticatorKey,
        RecoveryCodes = user.RecoveryCodes,
        UsedCodes = user.UsedCodes,
        IsTenantApproved = user.IsTenantApproved,
    };

    public UserRecord ToUser() => new(Id, Tenant, Email, PasswordHash, Roles, UnixMs.ToDate(CreatedAt))
    {
        SecurityStamp = SecurityStamp,
        Version = Version,
        FailedLogIns = FailedLogIns,
        LockedUntil = LockedUntil is { } until ? UnixMs.ToDate(until) : null,
        LastLogInAt = LastLogInAt is { } at ? UnixMs.ToDate(at) : null,
        HasTwoFactor = HasTwoFactor,
        AuthenticatorKey = AuthenticatorKey,
        RecoveryCodes = RecoveryCodes,
        UsedCodes = UsedCodes,
        IsTenantApproved = IsTenantApproved,
    };
}

internal sealed class InvitationRow
{
    public required string Id { get; init; }
    public required string Tenant { get; init; }
    public required string Email { get; init; }
    public required string Role { get; init; }
    public required string TokenHash { get; init; }
    public required string InvitedBy { get; init; }
    public long CreatedAt { get; init; }
    public long ExpiresAt { get; init; }
    public string EmailKey => UserRow.Key(Email);

    public static InvitationRow From(InvitationRecord invitation) => new()
    {
        Id = invitation.Id,
        Tenant = invitation.Tenant,
        Email = invitation.Email,
        Role = invitation.Role,
        TokenHash = invitation.TokenHash,
        InvitedBy = invitation.InvitedBy,
        CreatedAt = UnixMs.From(invitation.CreatedAt),
        ExpiresAt = UnixMs.From(invitation.ExpiresAt),
    };

    public InvitationRecord ToInvitation() =>
        new(Id, Tenant, Email, Role, TokenHash, InvitedBy, UnixMs.ToDate(CreatedAt), UnixMs.ToDate(ExpiresAt));
}

internal sealed class TenantRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public long CreatedAt { get; init; }
    public bool IsApproved { get; init; }
    public int UserCount { get; init; }

    public TenantSummary ToSummary() => new(new TenantRecord(Id, Name, UnixMs.ToDate(CreatedAt), IsApproved), UserCount);
}

using System.Data.Common;
using Dapper;
using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sql;

public sealed class SqlUserStore(ISqlRunner runner) : IUserStore
{
    private const string Select =
        "SELECT u.id, u.tenant, u.email, u.password_hash AS PasswordHash, u.roles, u.created_at AS CreatedAt, u.security_stamp AS SecurityStamp, u.version, "
        + "u.failed_log_ins AS FailedLogIns, u.locked_until AS LockedUntil, u.last_log_in_at AS LastLogInAt, u.has_two_factor AS HasTwoFactor, "
        + "u.authenticator_key AS AuthenticatorKey, u.recovery_codes AS RecoveryCodes, u.used_codes AS UsedCodes, t.is_approved AS IsTenantApproved "
        + "FROM users u JOIN tenants t ON t.id = u.tenant ";

    private const string SelectInvitation =
        "SELECT id, tenant, email, role, token_hash AS TokenHash, invited_by AS InvitedBy, created_at AS CreatedAt, expires_at AS ExpiresAt FROM invitations ";

    /// <exception cref="ArgumentException">The owner names another tenant, or one of the ids is in use.</exception>
    public Task<UserRecord?> RegisterAsync(TenantRecord tenant, UserRecord owner, CancellationToken ct)
    {
        if (owner.Tenant != tenant.Id)
        {
            throw new ArgumentException($"The owner belongs to '{owner.Tenant}', not to '{tenant.Id}'.", nameof(owner));
        }

        return runner.WriteAsync(db => Register(db, tenant, owner), weight: 2, ct);
    }

    public Task<UserRecord?> FindByEmailAsync(string email, CancellationToken ct) =>
        runner.ReadShortAsync(db => Find(db, "WHERE u.email_key = @value", UserRow.Key(email)), ct);

    public Task<UserRecord?> FindAsync(string userId, CancellationToken ct) =>
        runner.ReadShortAsync(db => Find(db, "WHERE u.id = @value", userId), ct);

    public Task<bool> AnyAsync(CancellationToken ct) => runner.ReadShortAsync(db => AnyUser(db), ct);

    public Task<IReadOnlyList<UserRecord>> ListAsync(string tenant, CancellationToken ct) => runner.ReadTenantAsync<IReadOnlyList<UserRecord>>(
        tenant,
        db => [.. db.Query<UserRow>(Select + "WHERE u.tenant = @tenant ORDER BY u.created_at, u.id", new { tenant }).Select(row => row.ToUser())],
        ct);

    public Task<UserChange> UpdateAsync(UserRecord user, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute(
            "UPDATE users SET version = version + 1, password_hash = @PasswordHash, security_stamp = @SecurityStamp, failed_log_ins = @FailedLogIns, "
            + "locked_until = @LockedUntil, last_log_in_at = @LastLogInAt, has_two_factor = @HasTwoFactor, authenticator_key = @AuthenticatorKey, "
            + "recovery_codes = @RecoveryCodes, used_codes = @UsedCodes WHERE id = @Id AND version = @Version", UserRow.From(user)) == 1 ? UserChange.Done
            : Find(db, "WHERE u.id = @value", user.Id) is null ? UserChange.NotFound : UserChange.Outdated,
        weight: 1, ct);

    public Task<UserChange> ChangeRoleAsync(string tenant, string userId, string role, CancellationToken ct) => runner.WriteAsync(
        db => Find(db, "WHERE u.id = @value", userId) is not { } user || user.Tenant != tenant ? UserChange.NotFound
            : user.Is("owner") && role != "owner" && CountOf(db, "owner", tenant) == 1 ? UserChange.LastOwner
            : SetRoles(db, userId, user.Is("operator") ? $"operator,{role}" : role),
        weight: 1, ct);

    public Task<UserChange> ChangeOperatorAsync(string userId, bool isOperator, CancellationToken ct) => runner.WriteAsync(
        db => Find(db, "WHERE u.id = @value", userId) is not { } user ? UserChange.NotFound
            : user.Is("operator") == isOperator ? UserChange.Done
            : !isOperator && CountOf(db, "operator") == 1 ? UserChange.LastOperator
            : SetRoles(db, userId, isOperator ? $"operator,{user.Roles}" : string.Join(',', user.Roles.Split(',').Where(role => role != "operator"))),
        weight: 1, ct);

    public Task<UserChange> RemoveAsync(string tenant, string userId, CancellationToken ct) =>
        runner.WriteAsync(db => Remove(db, tenant, userId), weight: 2, ct);

    public Task<UserChange> InviteAsync(InvitationRecord invitation, CancellationToken ct) => runner.WriteAsync(
        db =>
        {
            var row = InvitationRow.From(invitation);
            if (db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users WHERE tenant = @Tenant AND email_key = @EmailKey)", row))
            {
                return UserChange.EmailTaken;
            }

            db.Execute("DELETE FROM invitations WHERE tenant = @Tenant AND email_key = @EmailKey", row);
            db.Execute(
                "INSERT INTO invitations (id, tenant, email, email_key, role, token_hash, invited_by, created_at, expires_at) "
                + "VALUES (@Id, @Tenant, @Email, @EmailKey, @Role, @TokenHash, @InvitedBy, @CreatedAt, @ExpiresAt)", row);
            return UserChange.Done;
        },
        weight: 2, ct);

    public Task<IReadOnlyList<InvitationRecord>> ListInvitationsAsync(string tenant, CancellationToken ct) => runner.ReadTenantAsync<IReadOnlyList<InvitationRecord>>(
        tenant,
        db => [.. db.Query<InvitationRow>(SelectInvitation + "WHERE tenant = @tenant ORDER BY created_at, id", new { tenant }).Select(row => row.ToInvitation())],
        ct);

    public Task<InvitationRecord?> FindInvitationAsync(string tokenHash, CancellationToken ct) => runner.ReadShortAsync(
        db => db.QuerySingleOrDefault<InvitationRow>(SelectInvitation + "WHERE token_hash = @tokenHash", new { tokenHash })?.ToInvitation(), ct);

    public Task<UserChange> WithdrawInvitationAsync(string tenant, string invitationId, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute("DELETE FROM invitations WHERE tenant = @tenant AND id = @invitationId", new { tenant, invitationId }) == 1
            ? UserChange.Done
            : UserChange.NotFound,
        weight: 1, ct);

    public Task<UserChange> AcceptInvitationAsync(string invitationId, UserRecord user, CancellationToken ct) => runner.WriteAsync(
        db =>
        {
            if (IsTaken(db, user.Email))
            {
                return UserChange.EmailTaken;
            }

            if (db.Execute("DELETE FROM invitations WHERE id = @invitationId AND tenant = @Tenant", new { invitationId, user.Tenant }) == 0)
            {
                return UserChange.NotFound;
            }

            Insert(db, user);
            return UserChange.Done;
        },
        weight: 2, ct);

    public Task<IReadOnlyList<TenantSummary>> ListTenantsAsync(CancellationToken ct) => runner.ReadAsync<IReadOnlyList<TenantSummary>>(
        db =>
        [
            .. db.Query<TenantRow>(
                "SELECT t.id, t.name, t.created_at AS CreatedAt, t.is_approved AS IsApproved, (SELECT count(*) FROM users u WHERE u.tenant = t.id) AS UserCount "
                + "FROM tenants t ORDER BY t.created_at DESC, t.id").Select(row => row.ToSummary()),
        ],
        ct);

    public Task<bool> ApproveTenantAsync(string tenant, CancellationToken ct) => runner.WriteAsync(
        db => db.Execute("UPDATE tenants SET is_approved = @isApproved WHERE id = @tenant", new { tenant, isApproved = true }) == 1, weight: 1, ct);

    public Task<bool> RefuseTenantAsync(string tenant, CancellationToken ct) => runner.WriteAsync(
        db =>
        {
            if (!db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM tenants WHERE id = @tenant AND is_approved = @isApproved)", new { tenant, isApproved = false }))
            {
                return false;
            }

            db.Execute("DELETE FROM users WHERE tenant = @tenant", new { tenant });
            db.Execute("DELETE FROM tenants WHERE id = @tenant", new { tenant });
            return true;
        },
        weight: 3, ct);

    private static UserRecord? Register(DbConnection db, TenantRecord tenant, UserRecord owner)
    {
        if (IsTaken(db, owner.Email))
        {
            return null;
        }

        if (db.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM tenants WHERE id = @tenant) OR EXISTS (SELECT 1 FROM users WHERE id = @owner)", new { tenant = tenant.Id, owner = owner.Id }))
        {
            throw new ArgumentException($"Tenant '{tenant.Id}' or user '{owner.Id}' exists already: ids are never used twice.", nameof(tenant));
        }

        var isFirst = !AnyUser(db);
        var isApproved = tenant.IsApproved || isFirst;
        db.Execute(
            "INSERT INTO tenants (id, name, created_at, is_approved) VALUES (@Id, @Name, @createdAt, @isApproved)",
            new { tenant.Id, tenant.Name, createdAt = UnixMs.From(tenant.CreatedAt), isApproved });
        var user = (isFirst && !owner.Is("operator") ? owner with { Roles = $"operator,{owner.Roles}" } : owner) with { IsTenantApproved = isApproved };
        return Insert(db, user);
    }

    private static UserRecord Insert(DbConnection db, UserRecord user)
    {
        var row = UserRow.From(user);
        db.Execute(
            "INSERT INTO users (id, tenant, email, email_key, password_hash, roles, created_at, security_stamp) "
            + "VALUES (@Id, @Tenant, @Email, @EmailKey, @PasswordHash, @Roles, @CreatedAt, @SecurityStamp)", row);
        return row.ToUser();
    }

    private static UserChange Remove(DbConnection db, string tenant, string userId)
    {
        if (Find(db, "WHERE u.id = @value", userId) is not { } user || user.Tenant != tenant)
        {
            return UserChange.NotFound;
        }

        if (user.Is("operator") && CountOf(db, "operator") == 1)
        {
            return UserChange.LastOperator;
        }

        if (user.Is("owner") && CountOf(db, "owner", tenant) == 1)
        {
            return UserChange.LastOwner;
        }

        db.Execute("DELETE FROM api_keys WHERE user_id = @userId", new { userId });
        db.Execute("DELETE FROM users WHERE id = @userId", new { userId });
        return UserChange.Done;
    }

    private static UserChange SetRoles(DbConnection db, string userId, string roles)
    {
        db.Execute("UPDATE users SET roles = @roles, version = version + 1 WHERE id = @userId", new { userId, roles });
        return UserChange.Done;
    }

    private static long CountOf(DbConnection db, string role, string? tenant = null) => db.ExecuteScalar<long>(
        "SELECT count(*) FROM users WHERE ',' || roles || ',' LIKE @role" + (tenant is null ? "" : " AND tenant = @tenant"), new { role = $"%,{role},%", tenant });

    private static bool IsTaken(DbConnection db, string email) =>
        db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users WHERE email_key = @key)", new { key = UserRow.Key(email) });

    private static bool AnyUser(DbConnection db) => db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users)");

    private static UserRecord? Find(DbConnection db, string where, string value) => db.QuerySingleOrDefault<UserRow>(Select + where, new { value })?.ToUser();
}

using Dapper;
using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sqlite;

internal sealed class SqliteUserStore(WriteQueue writes, ReaderPool readers, TimeProvider time) : IUserStore
{
    private const string Select = "SELECT id, tenant, email, password_hash AS PasswordHash, roles, created_at AS CreatedAt FROM users ";

    /// <exception cref="ArgumentException">The owner names another tenant, or one of the ids is in use.</exception>
    public Task<UserRecord?> RegisterAsync(string tenantId, string tenantName, UserRecord owner, CancellationToken ct)
    {
        if (owner.Tenant != tenantId)
        {
            throw new ArgumentException($"The owner belongs to '{owner.Tenant}', not to '{tenantId}'.", nameof(owner));
        }

        return writes.RunAsync(session => Register(session, tenantId, tenantName, owner, UnixMs.From(time.GetUtcNow())), weight: 2, ct);
    }

    public Task<UserRecord?> FindByEmailAsync(string email, CancellationToken ct) =>
        readers.ReadShortAsync(session => Find(session, Select + "WHERE email_key = @value", Key(email)), ct);

    public Task<UserRecord?> FindAsync(string userId, CancellationToken ct) =>
        readers.ReadShortAsync(session => Find(session, Select + "WHERE id = @value", userId), ct);

    public Task<bool> AnyAsync(CancellationToken ct) =>
        readers.ReadShortAsync(session => session.Connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users)"), ct);

    private static UserRecord? Register(WriteSession session, string tenantId, string tenantName, UserRecord owner, long now)
    {
        var db = session.Connection;
        if (db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users WHERE email_key = @key)", new { key = Key(owner.Email) }))
        {
            return null;
        }

        if (db.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM tenants WHERE id = @tenantId) OR EXISTS (SELECT 1 FROM users WHERE id = @Id)", new { tenantId, owner.Id }))
        {
            throw new ArgumentException($"Tenant '{tenantId}' or user '{owner.Id}' exists already: ids are never used twice.", nameof(tenantId));
        }

        var isFirst = !db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM users)");
        var row = UserRow.From(isFirst && !owner.Is("operator") ? owner with { Roles = $"operator,{owner.Roles}" } : owner);
        db.Execute("INSERT INTO tenants (id, name, created_at) VALUES (@tenantId, @tenantName, @now)", new { tenantId, tenantName, now });
        db.Execute(
            "INSERT INTO users (id, tenant, email, email_key, password_hash, roles, created_at) "
            + "VALUES (@Id, @Tenant, @Email, @EmailKey, @PasswordHash, @Roles, @CreatedAt)", row);
        return row.ToUser();
    }

    private static UserRecord? Find(SqliteSession session, string sql, string value) =>
        session.Connection.QuerySingleOrDefault<UserRow>(sql, new { value })?.ToUser();

    private static string Key(string email) => email.ToUpperInvariant();

    private sealed class UserRow
    {
        public required string Id { get; init; }
        public required string Tenant { get; init; }
        public required string Email { get; init; }
        public required string PasswordHash { get; init; }
        public required string Roles { get; init; }
        public long CreatedAt { get; init; }
        public string EmailKey => Key(Email);

        public static UserRow From(UserRecord user) => new()
        {
            Id = user.Id,
            Tenant = user.Tenant,
            Email = user.Email,
            PasswordHash = user.PasswordHash,
            Roles = user.Roles,
            CreatedAt = UnixMs.From(user.CreatedAt),
        };

        public UserRecord ToUser() => new(Id, Tenant, Email, PasswordHash, Roles, UnixMs.ToDate(CreatedAt));
    }
}

using Microsoft.AspNetCore.Identity;
using TradeActors.Abstractions.Secrets;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <summary>A user as the framework's <see cref="UserManager{TUser}"/> changes it: the record is replaced, and stored by an update.</summary>
public sealed class Member(UserRecord record)
{
    public UserRecord Record { get; set; } = record;
}

/// <summary>The framework's view of our users. Users are made with their tenant or from an invitation, so not through it.</summary>
internal sealed class MemberStore(IUserStore users, ISecretBox secrets) :
    IUserPasswordStore<Member>, IUserSecurityStampStore<Member>, IUserLockoutStore<Member>, IUserTwoFactorStore<Member>, IUserAuthenticatorKeyStore<Member>,
    IUserTwoFactorRecoveryCodeStore<Member>
{
    public Task<string> GetUserIdAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(user.Record.Id);

    public Task<string?> GetUserNameAsync(Member user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Record.Email);

    public Task SetUserNameAsync(Member user, string? userName, CancellationToken cancellationToken) => throw Fixed();

    public Task<string?> GetNormalizedUserNameAsync(Member user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Record.Email.ToUpperInvariant());

    /// <remarks>Called at every update; the store keeps the form to compare by itself.</remarks>
    public Task SetNormalizedUserNameAsync(Member user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IdentityResult> CreateAsync(Member user, CancellationToken cancellationToken) => throw Fixed();

    public Task<IdentityResult> DeleteAsync(Member user, CancellationToken cancellationToken) => throw Fixed();

    public async Task<IdentityResult> UpdateAsync(Member user, CancellationToken cancellationToken)
    {
        if (await users.UpdateAsync(user.Record, cancellationToken).ConfigureAwait(false) != UserChange.Done)
        {
            return IdentityResult.Failed(new IdentityErrorDescriber().ConcurrencyFailure());
        }

        user.Record = user.Record with { Version = user.Record.Version + 1 };
        return IdentityResult.Success;
    }

    public async Task<Member?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        await users.FindAsync(userId, cancellationToken).ConfigureAwait(false) is { } user ? new Member(user) : null;

    public async Task<Member?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        await users.FindByEmailAsync(normalizedUserName, cancellationToken).ConfigureAwait(false) is { } user ? new Member(user) : null;

    public Task SetPasswordHashAsync(Member user, string? passwordHash, CancellationToken cancellationToken) =>
        Set(user, user.Record with { PasswordHash = passwordHash ?? "" });

    public Task<string?> GetPasswordHashAsync(Member user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Record.PasswordHash);

    public Task<bool> HasPasswordAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(user.Record.PasswordHash.Length > 0);

    public Task SetSecurityStampAsync(Member user, string stamp, CancellationToken cancellationToken) => Set(user, user.Record with { SecurityStamp = stamp });

    public Task<string?> GetSecurityStampAsync(Member user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Record.SecurityStamp);

    public Task<DateTimeOffset?> GetLockoutEndDateAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(user.Record.LockedUntil);

    public Task SetLockoutEndDateAsync(Member user, DateTimeOffset? lockoutEnd, CancellationToken cancellationToken) =>
        Set(user, user.Record with { LockedUntil = lockoutEnd });

    public Task<int> IncrementAccessFailedCountAsync(Member user, CancellationToken cancellationToken)
    {
        user.Record = user.Record with { FailedLogIns = user.Record.FailedLogIns + 1 };
        return Task.FromResult(user.Record.FailedLogIns);
    }

    public Task ResetAccessFailedCountAsync(Member user, CancellationToken cancellationToken) => Set(user, user.Record with { FailedLogIns = 0 });

    public Task<int> GetAccessFailedCountAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(user.Record.FailedLogIns);

    public Task<bool> GetLockoutEnabledAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task SetLockoutEnabledAsync(Member user, bool enabled, CancellationToken cancellationToken) => throw Fixed();

    public Task SetTwoFactorEnabledAsync(Member user, bool enabled, CancellationToken cancellationToken) => Set(user, user.Record with { HasTwoFactor = enabled });

    public Task<bool> GetTwoFactorEnabledAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(user.Record.HasTwoFactor);

    public Task SetAuthenticatorKeyAsync(Member user, string key, CancellationToken cancellationToken) =>
        Set(user, user.Record with { AuthenticatorKey = secrets.Seal(key, ContextOf(user)) });

    public Task<string?> GetAuthenticatorKeyAsync(Member user, CancellationToken cancellationToken) =>
        Task.FromResult(user.Record.AuthenticatorKey is { } key ? secrets.Open(key, ContextOf(user)) : null);

    public Task ReplaceCodesAsync(Member user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken) =>
        Set(user, user.Record with { RecoveryCodes = string.Join(';', recoveryCodes.Select(Tokens.Hash)) });

    public Task<bool> RedeemCodeAsync(Member user, string code, CancellationToken cancellationToken)
    {
        var (hash, left) = (Tokens.Hash(code), Codes(user));
        if (!left.Contains(hash, StringComparer.Ordinal))
        {
            return Task.FromResult(false);
        }

        user.Record = user.Record with { RecoveryCodes = string.Join(';', left.Where(known => known != hash)) };
        return Task.FromResult(true);
    }

    public Task<int> CountCodesAsync(Member user, CancellationToken cancellationToken) => Task.FromResult(Codes(user).Length);

    public void Dispose()
    {
        // The users' store is not ours.
    }

    private static string ContextOf(Member user) => $"{user.Record.Tenant}/{user.Record.Id}/authenticator-key";

    private static string[] Codes(Member user) => user.Record.RecoveryCodes.Split(';', StringSplitOptions.RemoveEmptyEntries);

    private static Task Set(Member user, UserRecord record)
    {
        user.Record = record;
        return Task.CompletedTask;
    }

    private static NotSupportedException Fixed() => new("Users are made, renamed and removed through IUserStore.");
}

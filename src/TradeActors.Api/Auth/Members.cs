using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <summary>Passwords, second factors and lock-out, by the framework's <see cref="UserManager{TUser}"/>.</summary>
internal sealed class Members(UserManager<Member> manager, IUserStore<Member> store, IUserStore users, TimeProvider time)
{
    public const int ShortestPassword = 10;
    public const int LongestPassword = 200;

    /// <summary>Codes that an authenticator app's key has good at one time: of this half minute, two before it and two after.</summary>
    private const int CodesGood = 5;

    // What an unknown address is checked against, so that the time does not tell which addresses exist.
    private static readonly Member Nobody = new(new UserRecord("", "", "", new PasswordHasher<Member>().HashPassword(null!, "nobody's password"), "", default));

    public static void CheckPassword(string? password, string field, FieldErrors errors) => errors.Require(
        password is { Length: >= ShortestPassword and <= LongestPassword }, field, $"Must have {ShortestPassword} to {LongestPassword} characters.");

    public string HashPassword(string password) => manager.PasswordHasher.HashPassword(Nobody, password);

    /// <summary>A user with a stamp of its own. Not stored.</summary>
    public static UserRecord New(string id, string tenant, string email, string passwordHash, string role, DateTimeOffset at) =>
        new(id, tenant, email, passwordHash, role, at) { SecurityStamp = RandomNumberGenerator.GetHexString(32) };

    /// <summary>Judges a log-in. A wrong try counts, and too many lock the user for a while, whatever password is given then.</summary>
    /// <param name="seen">The user whose address it is, told before anything is refused.</param>
    /// <exception cref="ApiProblemException">401 or 403 with the reason.</exception>
    public async Task<UserRecord> LogInAsync(LoginRequest request, Action<UserRecord> seen, CancellationToken ct)
    {
        var found = string.IsNullOrWhiteSpace(request.Email) ? null : await users.FindByEmailAsync(request.Email.Trim(), ct).ConfigureAwait(false);
        if (found is not null)
        {
            seen(found);
        }

        var member = found is null ? Nobody : new Member(found);
        var verified = manager.PasswordHasher.VerifyHashedPassword(member, member.Record.PasswordHash, request.Password ?? "");
        if (found is null || IsLocked(found))
        {
            throw Refused();
        }

        if (verified == PasswordVerificationResult.Failed)
        {
            await FailedAsync(found.Id).ConfigureAwait(false);
            throw Refused();
        }

        if (!found.IsTenantApproved)
        {
            throw new ApiProblemException(
                StatusCodes.Status403Forbidden, "PendingApproval", "Not let in yet", "The operator of this installation has not let this tenant in yet.");
        }

        await CheckSecondFactorAsync(found, request).ConfigureAwait(false);
        return await ChangeAsync(found.Id, async current =>
        {
            current.Record = current.Record with { LastLogInAt = time.GetUtcNow(), LockedUntil = null, FailedLogIns = 0 };
            if (verified == PasswordVerificationResult.SuccessRehashNeeded)
            {
                current.Record = current.Record with { PasswordHash = HashPassword(request.Password!) };
            }

            return await manager.UpdateAsync(current).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Checks the password of somebody who is logged in; a wrong one counts as at a log-in.</summary>
    /// <exception cref="ApiProblemException">422.</exception>
    public async Task RequirePasswordAsync(string userId, string? password, string field)
    {
        var member = await FindAsync(userId).ConfigureAwait(false);
        var isLocked = IsLocked(member.Record);
        if (isLocked || !await manager.CheckPasswordAsync(member, password ?? "").ConfigureAwait(false))
        {
            await (isLocked ? Task.CompletedTask : FailedAsync(userId)).ConfigureAwait(false);
            throw ApiProblemException.Invalid(new FieldErrors().Require(false, field, "Is not your password, or too many wrong ones were given: wait some minutes."));
        }
    }

    /// <returns>A one-time token, and until when it can be used.</returns>
    public async Task<(string Token, DateTimeOffset ExpiresAt)> NewResetTokenAsync(UserRecord user, TimeSpan lifespan) =>
        ($"{user.Id}.{await manager.GeneratePasswordResetTokenAsync(new Member(user)).ConfigureAwait(false)}", time.GetUtcNow() + lifespan);

    /// <summary>Sets a new password, ends all sessions and a lock.</summary>
    /// <returns>The user.</returns>
    /// <exception cref="ApiProblemException">422: the token is not valid any more.</exception>
    public async Task<UserRecord> ResetPasswordAsync(string token, string password, CancellationToken ct)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        var user = dot > 0 ? await users.FindAsync(token[..dot], ct).ConfigureAwait(false) : null;
        if (user is null || !await manager.VerifyUserTokenAsync(
            new Member(user), manager.Options.Tokens.PasswordResetTokenProvider, UserManager<Member>.ResetPasswordTokenPurpose, token[(dot + 1)..]).ConfigureAwait(false))
        {
            throw ApiProblemException.Invalid(new FieldErrors().Require(false, "token", "Is not valid, was used already, or has expired. Ask for a new link."));
        }

        return await ChangeAsync(user.Id, async member =>
        {
            member.Record = member.Record with { LockedUntil = null, FailedLogIns = 0 };
            return await manager.ResetPasswordAsync(member, token[(dot + 1)..], password).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    public Task<UserRecord> ChangePasswordAsync(string userId, string password) => ChangeAsync(userId, async member =>
    {
        member.Record = member.Record with { PasswordHash = HashPassword(password) };
        return await manager.UpdateSecurityStampAsync(member).ConfigureAwait(false);
    });

    /// <summary>Ends every session of the user; API keys go on.</summary>
    public Task<UserRecord> EndSessionsAsync(string userId) => ChangeAsync(userId, manager.UpdateSecurityStampAsync);

    /// <returns>A new key for an authenticator app, in Base32.</returns>
    public async Task<string> NewAuthenticatorKeyAsync(string userId)
    {
        // Not the manager's own reset, which would end the session in which the key is being set up.
        var key = manager.GenerateNewAuthenticatorKey();
        await ChangeAsync(userId, async member =>
        {
            await ((IUserAuthenticatorKeyStore<Member>)store).SetAuthenticatorKeyAsync(member, key, CancellationToken.None).ConfigureAwait(false);
            return await manager.UpdateAsync(member).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return key;
    }

    /// <returns>New recovery codes, shown once; the old ones no longer work.</returns>
    public async Task<string[]> NewRecoveryCodesAsync(string userId)
    {
        string[] codes = [];
        await ChangeAsync(userId, async member =>
        {
            codes = [.. await manager.GenerateNewTwoFactorRecoveryCodesAsync(member, 10).ConfigureAwait(false) ?? []];
            return codes.Length > 0 ? IdentityResult.Success : IdentityResult.Failed(manager.ErrorDescriber.ConcurrencyFailure());
        }).ConfigureAwait(false);
        return codes;
    }

    /// <summary>Turns the second factor on or off and ends all sessions.</summary>
    public Task<UserRecord> SetTwoFactorAsync(string userId, bool isOn) => ChangeAsync(userId, async member =>
    {
        if (!isOn)
        {
            member.Record = member.Record with { AuthenticatorKey = null, RecoveryCodes = "", UsedCodes = "" };
        }

        return await manager.SetTwoFactorEnabledAsync(member, isOn).ConfigureAwait(false);
    });

    /// <summary>Takes an authenticator code; the same code is not taken twice.</summary>
    public async Task<bool> TakeCodeAsync(string userId, string code)
    {
        var isGood = false;
        var (digits, provider) = (code.Replace(" ", "", StringComparison.Ordinal), manager.Options.Tokens.AuthenticatorTokenProvider);
        var hash = Tokens.Hash(digits);
        await ChangeAsync(userId, async member =>
        {
            isGood = member.Record.AuthenticatorKey is not null && !IsLocked(member.Record) && !member.Record.UsedCodes.Split(';').Contains(hash, StringComparer.Ordinal)
                && await manager.VerifyTwoFactorTokenAsync(member, provider, digits).ConfigureAwait(false);
            if (!isGood)
            {
                return IdentityResult.Success;
            }

            member.Record = member.Record with { UsedCodes = string.Join(';', member.Record.UsedCodes.Split(';').Append(hash).TakeLast(CodesGood)) };
            return await manager.UpdateAsync(member).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return isGood;
    }

    public bool IsLocked(UserRecord user) => user.LockedUntil > time.GetUtcNow();

    public async Task FailedAsync(string userId) => await ChangeAsync(userId, manager.AccessFailedAsync).ConfigureAwait(false);

    private async Task CheckSecondFactorAsync(UserRecord user, LoginRequest request)
    {
        if (!user.HasTwoFactor)
        {
            return;
        }

        if (request is { TwoFactorCode: null, RecoveryCode: null })
        {
            throw TwoFactor("Log in again with the code of your authenticator app as twoFactorCode, or with one of your recovery codes as recoveryCode.");
        }

        var isGood = request.TwoFactorCode is { } code
            ? await TakeCodeAsync(user.Id, code).ConfigureAwait(false)
            : await RedeemAsync(user.Id, request.RecoveryCode!.Trim()).ConfigureAwait(false);
        if (!isGood)
        {
            await FailedAsync(user.Id).ConfigureAwait(false);
            throw TwoFactor("The code is wrong or was used already. Wait for the app's next one, or use another recovery code.");
        }
    }

    private async Task<bool> RedeemAsync(string userId, string code)
    {
        var isGood = false;
        await ChangeAsync(userId, async member =>
        {
            var result = await manager.RedeemTwoFactorRecoveryCodeAsync(member, code).ConfigureAwait(false);
            isGood = result.Succeeded;
            // A wrong code is an answer; only a change by somebody else is a reason to try again.
            return result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.ConcurrencyFailure)) ? result : IdentityResult.Success;
        }).ConfigureAwait(false);
        return isGood;
    }

    private async Task<Member> FindAsync(string userId) =>
        await manager.FindByIdAsync(userId).ConfigureAwait(false) ?? throw BareStatus.ProblemOf(StatusCodes.Status401Unauthorized);

    /// <summary>Changes the user as it is stored; again where somebody else changed it meanwhile, so that of racing wrong tries every one counts.</summary>
    private async Task<UserRecord> ChangeAsync(string userId, Func<Member, Task<IdentityResult>> change)
    {
        while (true)
        {
            var member = await FindAsync(userId).ConfigureAwait(false);
            var result = await change(member).ConfigureAwait(false);
            if (result.Succeeded)
            {
                return member.Record;
            }

            if (result.Errors.First() is { Code: not nameof(IdentityErrorDescriber.ConcurrencyFailure) } error)
            {
                throw ApiProblemException.Denied(error.Code, error.Description);
            }
        }
    }

    private static ApiProblemException Refused() => new(
        StatusCodes.Status401Unauthorized, "LoginRefused", "Not logged in",
        "E-mail address or password is wrong. After several wrong tries a user is locked for some minutes, also with the right password.");

    private static ApiProblemException TwoFactor(string detail) => new(StatusCodes.Status401Unauthorized, "TwoFactor", "A second factor is needed", detail);
}

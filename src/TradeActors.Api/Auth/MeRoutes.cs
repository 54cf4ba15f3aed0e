using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <param name="Scopes">What the caller may do now: by its roles, and with an API key by the key's scopes as well.</param>
/// <param name="TwoFactor">Whether the user logs in with a second factor.</param>
/// <param name="RecoveryCodesLeft">With a second factor: how many recovery codes are left.</param>
public sealed record MeReply(
    string UserId, string Email, string TenantId, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes, bool TwoFactor, int? RecoveryCodesLeft);

public sealed record PasswordRequest(string? CurrentPassword, string? NewPassword);

/// <param name="Code">Of the authenticator app.</param>
public sealed record CodeRequest(string? Code);

public sealed record CurrentPasswordRequest(string? Password);

/// <param name="SharedKey">For typing into an authenticator app, Base32 in groups of four.</param>
/// <param name="Uri">The same for a QR code.</param>
public sealed record TwoFactorSetupReply(string SharedKey, string Uri);

/// <param name="RecoveryCodes">Shown here and never again; each lets in once when the app is lost.</param>
public sealed record RecoveryCodesReply(IReadOnlyList<string> RecoveryCodes);

/// <summary>What users do to themselves.</summary>
internal static class MeRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/me", MeAsync).RequireAuthorization(policy => policy.RequireAuthenticatedUser()).WithTags("Who").WithSummary("Who I am");
        var group = api.MapGroup("/me").WithTags("Who").RequireAuthorization(Policies.Session).RequireRateLimiting(Limits.LogIn);
        group.MapPost("/password", ChangePasswordAsync).WithSummary("Changes the password and ends all sessions: log in again").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/end-sessions", EndSessionsAsync).WithSummary("Ends all sessions, this one too; API keys go on").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/two-factor/setup", SetUpAsync).WithSummary("Makes a key for an authenticator app; nothing changes until a first code of it turns it on").Produces<TwoFactorSetupReply>();
        group.MapPost("/two-factor/enable", EnableAsync).WithSummary("Turns the second factor on with a first code; ends all sessions").Produces<RecoveryCodesReply>();
        group.MapPost("/two-factor/recovery-codes", NewCodesAsync).WithSummary("Makes new recovery codes; the old ones no longer work").Produces<RecoveryCodesReply>();
        group.MapPost("/two-factor/disable", DisableAsync).WithSummary("Turns the second factor off; ends all sessions").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<MeReply> MeAsync(Caller caller, HttpContext http, IUserStore users, CancellationToken ct)
    {
        var user = await users.FindAsync(caller.UserId, ct).ConfigureAwait(false) ?? throw BareStatus.ProblemOf(StatusCodes.Status401Unauthorized);
        return new MeReply(
            caller.UserId, caller.Email, caller.Tenant, caller.Roles, [.. http.User.FindAll(Scopes.Claim).Select(claim => claim.Value)], user.HasTwoFactor,
            user.HasTwoFactor ? user.RecoveryCodes.Split(';', StringSplitOptions.RemoveEmptyEntries).Length : null);
    }

    private static async Task<IResult> ChangePasswordAsync(PasswordRequest request, Caller caller, Members members)
    {
        var errors = new FieldErrors();
        Members.CheckPassword(request.NewPassword, "newPassword", errors);
        errors.ThrowIfAny();
        await members.RequirePasswordAsync(caller.UserId, request.CurrentPassword, "currentPassword").ConfigureAwait(false);
        await members.ChangePasswordAsync(caller.UserId, request.NewPassword!).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> EndSessionsAsync(Caller caller, Members members)
    {
        await members.EndSessionsAsync(caller.UserId).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<TwoFactorSetupReply> SetUpAsync(CurrentPasswordRequest request, Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        await members.RequirePasswordAsync(caller.UserId, request.Password, "password").ConfigureAwait(false);
        if (await users.FindAsync(caller.UserId, ct).ConfigureAwait(false) is { HasTwoFactor: true })
        {
            throw ApiProblemException.Denied("TwoFactorOn", "The second factor is on already. Turn it off first to use another app.");
        }

        var key = await members.NewAuthenticatorKeyAsync(caller.UserId).ConfigureAwait(false);
        var uri = string.Create(
            CultureInfo.InvariantCulture,
            $"otpauth://totp/TradeActors:{Uri.EscapeDataString(caller.Email)}?secret={key}&issuer=TradeActors&digits=6");
        return new TwoFactorSetupReply(string.Join(' ', key.Chunk(4).Select(part => new string(part))), uri);
    }

    private static async Task<RecoveryCodesReply> EnableAsync(CodeRequest request, Caller caller, Members members)
    {
        await RequireCodeAsync(request, caller, members).ConfigureAwait(false);
        var codes = await members.NewRecoveryCodesAsync(caller.UserId).ConfigureAwait(false);
        await members.SetTwoFactorAsync(caller.UserId, isOn: true).ConfigureAwait(false);
        return new RecoveryCodesReply(codes);
    }

    private static async Task<RecoveryCodesReply> NewCodesAsync(CodeRequest request, Caller caller, Members members)
    {
        await RequireCodeAsync(request, caller, members).ConfigureAwait(false);
        return new RecoveryCodesReply(await members.NewRecoveryCodesAsync(caller.UserId).ConfigureAwait(false));
    }

    private static async Task<IResult> DisableAsync(CurrentPasswordRequest request, Caller caller, Members members)
    {
        await members.RequirePasswordAsync(caller.UserId, request.Password, "password").ConfigureAwait(false);
        await members.SetTwoFactorAsync(caller.UserId, isOn: false).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task RequireCodeAsync(CodeRequest request, Caller caller, Members members)
    {
        if (!await members.TakeCodeAsync(caller.UserId, request.Code ?? "").ConfigureAwait(false))
        {
            await members.FailedAsync(caller.UserId).ConfigureAwait(false);
            throw ApiProblemException.Invalid(new FieldErrors().Require(
                false, "code", "Is not the authenticator app's code of this moment, or was used already. Without a key yet: POST /me/two-factor/setup."));
        }
    }
}

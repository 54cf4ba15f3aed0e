using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <param name="Tenant">The name of the new tenant, as people read it: 2 to 60 characters.</param>
public sealed record RegisterRequest(string? Email, string? Password, string? Tenant);

/// <param name="State">active; or pending: nobody can log in until the operator has let the tenant in.</param>
public sealed record RegisterReply(string UserId, string TenantId, string State);

/// <param name="TwoFactorCode">Of the authenticator app, when the user has one.</param>
/// <param name="RecoveryCode">In its place when the app is lost; each works once.</param>
public sealed record LoginRequest(string? Email, string? Password, string? TwoFactorCode, string? RecoveryCode);

public sealed record RefreshRequest(string? RefreshToken);

/// <param name="Token">Of an invitation or a password reset: the last part of its link.</param>
public sealed record TokenPasswordRequest(string? Token, string? Password);

/// <summary>Registration, log-in, token refresh, log-out, and what a one-time link leads to.</summary>
internal static class AuthRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/auth").WithTags("Who").AllowAnonymous().RequireRateLimiting(Limits.LogIn);
        group.MapPost("/register", RegisterAsync).WithSummary("Makes a tenant and its owner; the first user of an installation is also its operator")
            .Produces<RegisterReply>(StatusCodes.Status201Created);
        group.MapPost("/login", LogInAsync).WithSummary("Answers an access token and a refresh token; with ?cookie=true sets a session cookie and answers 204")
            .Produces<AccessTokenResponse>();
        group.MapPost("/refresh", RefreshAsync).WithSummary("Answers new tokens for a refresh token").Produces<AccessTokenResponse>();
        group.MapPost("/accept-invitation", AcceptAsync).WithSummary("Makes the user that was invited").Produces<RegisterReply>(StatusCodes.Status201Created);
        group.MapPost("/reset-password", ResetPasswordAsync).WithSummary("Sets a new password with the token of a reset link; ends all sessions")
            .Produces(StatusCodes.Status204NoContent);
        group.MapPost("/logout", (Delegate)LogOutAsync)
            .WithSummary("Takes the session cookie away; tokens end with POST /me/end-sessions").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> RegisterAsync(
        RegisterRequest request, HttpContext http, IUserStore users, Members members, IIdSource ids, TimeProvider time, IOptions<ApiOptions> options,
        ILogger<ApiOptions> log, CancellationToken ct)
    {
        if (options.Value.Registration == Registration.Closed)
        {
            throw new ApiProblemException(StatusCodes.Status403Forbidden, "RegistrationClosed", "Registration is closed", "Ask the operator of this installation for an account.");
        }

        Check(request);
        var tenant = new TenantRecord(ids.NewId(), request.Tenant!.Trim(), time.GetUtcNow(), options.Value.Registration == Registration.Open);
        var user = Members.New(ids.NewId(), tenant.Id, request.Email!.Trim(), members.HashPassword(request.Password!), Caller.Owner, time.GetUtcNow());
        var stored = await users.RegisterAsync(tenant, user, ct).ConfigureAwait(false) ?? throw EmailTaken();
        Audit.By(http, stored);
        ApiLog.Registered(log, stored.Id, stored.Tenant);
        return TypedResults.Created("/api/v1/me", new RegisterReply(stored.Id, stored.Tenant, stored.IsTenantApproved ? "active" : "pending"));
    }

    private static void Check(RegisterRequest request)
    {
        var errors = new FieldErrors()
            .Require(Email.IsOne(request.Email), "email", "Must be an e-mail address.")
            .Require(request.Tenant?.Trim() is { Length: >= 2 and <= 60 }, "tenant", "Must be a name of 2 to 60 characters.");
        Members.CheckPassword(request.Password, "password", errors);
        errors.ThrowIfAny();
    }

    private static async Task<IResult> LogInAsync(
        LoginRequest request, [FromQuery(Name = "cookie")] bool? cookie, HttpContext http, Members members, IOptions<ApiOptions> options,
        ILogger<ApiOptions> log, CancellationToken ct)
    {
        if (cookie == true && http.Request.Headers.Origin.Count > 0)
        {
            Origins.Require(http, options.Value); // Else another site could log its visitor in as somebody else.
        }

        try
        {
            var user = await members.LogInAsync(request, found => Audit.By(http, found), ct).ConfigureAwait(false);
            return await SignInAsync(http, user, cookie == true).ConfigureAwait(false);
        }
        catch (ApiProblemException)
        {
            ApiLog.LoginRefused(log);
            throw;
        }
    }

    private static async Task<IResult> SignInAsync(HttpContext http, UserRecord user, bool cookie)
    {
        if (!cookie)
        {
            return SignIn(user);
        }

        const string scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        await http.SignInAsync(scheme, Caller.Ticket(user, scheme), new AuthenticationProperties { IsPersistent = true }).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static IResult SignIn(UserRecord user) => TypedResults.SignIn(
        Caller.Ticket(user, BearerTokenDefaults.AuthenticationScheme), new AuthenticationProperties(), BearerTokenDefaults.AuthenticationScheme);

    private static async Task<IResult> RefreshAsync(
        RefreshRequest request, HttpContext http, IUserStore users, Sessions sessions, IOptionsMonitor<BearerTokenOptions> bearer, TimeProvider time,
        CancellationToken ct)
    {
        var ticket = bearer.Get(BearerTokenDefaults.AuthenticationScheme).RefreshTokenProtector.Unprotect(request.RefreshToken);
        var principal = ticket?.Properties.ExpiresUtc is { } expires && time.GetUtcNow() < expires
            ? await sessions.CurrentAsync(ticket.Principal, ct).ConfigureAwait(false)
            : null;
        var user = principal is null ? null : await users.FindAsync(Caller.Of(principal)!.UserId, ct).ConfigureAwait(false);
        if (user is null)
        {
            throw new ApiProblemException(
                StatusCodes.Status401Unauthorized, "RefreshRefused", "Not logged in", "The refresh token is not valid, has expired, or its session was ended. Log in again.");
        }

        Audit.By(http, user);
        return SignIn(user);
    }

    private static async Task<IResult> LogOutAsync(HttpContext http)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AcceptAsync(
        TokenPasswordRequest request, HttpContext http, IUserStore users, Members members, IIdSource ids, TimeProvider time, CancellationToken ct)
    {
        Check(request);
        var invitation = await users.FindInvitationAsync(Tokens.Hash(request.Token!), ct).ConfigureAwait(false);
        if (invitation is null || invitation.ExpiresAt <= time.GetUtcNow())
        {
            throw NotInvited();
        }

        var user = Members.New(ids.NewId(), invitation.Tenant, invitation.Email, members.HashPassword(request.Password!), invitation.Role, time.GetUtcNow());
        Audit.By(http, user);
        return await users.AcceptInvitationAsync(invitation.Id, user, ct).ConfigureAwait(false) switch
        {
            UserChange.Done => TypedResults.Created("/api/v1/me", new RegisterReply(user.Id, user.Tenant, "active")),
            UserChange.EmailTaken => throw EmailTaken(),
            _ => throw NotInvited(),
        };
    }

    private static async Task<IResult> ResetPasswordAsync(TokenPasswordRequest request, HttpContext http, Members members, CancellationToken ct)
    {
        Check(request);
        Audit.By(http, await members.ResetPasswordAsync(request.Token!, request.Password!, ct).ConfigureAwait(false));
        return TypedResults.NoContent();
    }

    private static void Check(TokenPasswordRequest request)
    {
        var errors = new FieldErrors().Require(request.Token is { Length: > 0 and <= 2_000 }, "token", "Must be the token of the link.");
        Members.CheckPassword(request.Password, "password", errors);
        errors.ThrowIfAny();
    }

    private static ApiProblemException NotInvited() => ApiProblemException.Invalid(
        new FieldErrors().Require(false, "token", "Is not valid, was used already, or has expired. Ask for a new invitation."));

    private static ApiProblemException EmailTaken() => new(
        StatusCodes.Status409Conflict, "EmailTaken", "Already registered", "This e-mail address has a user already. Log in, or use another address.");
}

internal static class Email
{
    public static bool IsOne(string? text) =>
        text is { Length: >= 3 and <= 254 } && System.Net.Mail.MailAddress.TryCreate(text.Trim(), out var address) && address.Address == text.Trim()
        && !text.Trim().Any(char.IsWhiteSpace);
}

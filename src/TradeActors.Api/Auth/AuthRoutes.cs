using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <param name="Tenant">The name of the new tenant, as people read it: 2 to 60 characters.</param>
public sealed record RegisterRequest(string? Email, string? Password, string? Tenant);

public sealed record RegisterReply(string UserId, string TenantId);

public sealed record LoginRequest(string? Email, string? Password);

public sealed record RefreshRequest(string? RefreshToken);

public sealed record MeReply(string UserId, string Email, string TenantId, IReadOnlyList<string> Roles);

/// <summary>Who: registration, log-in, token refresh, and who I am.</summary>
internal static class AuthRoutes
{
    private const int ShortestPassword = 10;
    private const int LongestPassword = 200;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/auth").WithTags("Who").AllowAnonymous();
        group.MapPost("/register", RegisterAsync).WithSummary("Makes a tenant and its owner; the first user of an installation is also its operator")
            .Produces<RegisterReply>(StatusCodes.Status201Created);
        group.MapPost("/login", LoginAsync).WithSummary("Answers an access token and a refresh token").Produces<AccessTokenResponse>();
        group.MapPost("/refresh", RefreshAsync).WithSummary("Answers new tokens for a refresh token").Produces<AccessTokenResponse>();
        api.MapGet("/me", (Caller caller) => new MeReply(caller.UserId, caller.Email, caller.Tenant, caller.Roles)).WithTags("Who");
    }

    private static async Task<IResult> RegisterAsync(
        RegisterRequest request, IUserStore users, IPasswordHasher<UserRecord> hasher, IIdSource ids, TimeProvider time, IOptions<ApiOptions> options,
        ILogger<ApiOptions> log, CancellationToken ct)
    {
        if (!options.Value.IsRegistrationOpen)
        {
            throw new ApiProblemException(StatusCodes.Status403Forbidden, "RegistrationClosed", "Registration is closed", "Ask the operator of this installation for an account.");
        }

        Check(request);
        var user = new UserRecord(ids.NewId(), ids.NewId(), request.Email!.Trim(), "", Caller.Owner, time.GetUtcNow());
        var stored = await users.RegisterAsync(
            user.Tenant, request.Tenant!.Trim(), user with { PasswordHash = hasher.HashPassword(user, request.Password!) }, ct).ConfigureAwait(false);
        if (stored is null)
        {
            throw new ApiProblemException(StatusCodes.Status409Conflict, "EmailTaken", "Already registered", "This e-mail address has a user already. Log in, or use another address.");
        }

        ApiLog.Registered(log, stored.Id, stored.Tenant);
        return TypedResults.Created("/api/v1/me", new RegisterReply(stored.Id, stored.Tenant));
    }

    private static void Check(RegisterRequest request) => new FieldErrors()
        .Require(request.Email is { Length: >= 3 and <= 254 } email && IsEmail(email.Trim()), "email", "Must be an e-mail address.")
        .Require(
            request.Password is { Length: >= ShortestPassword and <= LongestPassword }, "password", $"Must have {ShortestPassword} to {LongestPassword} characters.")
        .Require(request.Tenant?.Trim() is { Length: >= 2 and <= 60 }, "tenant", "Must be a name of 2 to 60 characters.")
        .ThrowIfAny();

    private static bool IsEmail(string text) =>
        System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text && !text.Any(char.IsWhiteSpace);

    private static async Task<IResult> LoginAsync(
        LoginRequest request, IUserStore users, IPasswordHasher<UserRecord> hasher, ILogger<ApiOptions> log, CancellationToken ct)
    {
        var user = string.IsNullOrWhiteSpace(request.Email) ? null : await users.FindByEmailAsync(request.Email.Trim(), ct).ConfigureAwait(false);
        // An unknown address costs a hash as well, so that the time does not tell which addresses exist.
        var verified = hasher.VerifyHashedPassword(user ?? Nobody.User, user?.PasswordHash ?? Nobody.Hash(hasher), request.Password ?? "");
        if (user is null || verified == PasswordVerificationResult.Failed)
        {
            ApiLog.LoginRefused(log);
            throw new ApiProblemException(StatusCodes.Status401Unauthorized, "LoginRefused", "Not logged in", "E-mail address or password is wrong.");
        }

        return SignIn(user);
    }

    private static async Task<IResult> RefreshAsync(
        RefreshRequest request, IUserStore users, IOptionsMonitor<BearerTokenOptions> bearer, TimeProvider time, CancellationToken ct)
    {
        var ticket = bearer.Get(BearerTokenDefaults.AuthenticationScheme).RefreshTokenProtector.Unprotect(request.RefreshToken);
        var user = ticket?.Properties.ExpiresUtc is { } expires && time.GetUtcNow() < expires
            ? await users.FindAsync(Caller.From(ticket.Principal).UserId, ct).ConfigureAwait(false)
            : null;
        return user is null
            ? throw new ApiProblemException(StatusCodes.Status401Unauthorized, "RefreshRefused", "Not logged in", "The refresh token is not valid or has expired. Log in again.")
            : SignIn(user);
    }

    private static IResult SignIn(UserRecord user) => TypedResults.SignIn(
        Caller.PrincipalOf(user, BearerTokenDefaults.AuthenticationScheme), new AuthenticationProperties(), BearerTokenDefaults.AuthenticationScheme);

    private static class Nobody
    {
        public static readonly UserRecord User = new("", "", "", "", "", default);
        private static string? _hash;

        public static string Hash(IPasswordHasher<UserRecord> hasher) => _hash ??= hasher.HashPassword(User, "nobody's password");
    }
}

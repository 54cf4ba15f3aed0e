using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;
using TradeActors.Api.Live;

namespace TradeActors.Api.Auth;

/// <summary>Turns credentials into the caller as it is stored now: a ticket alone says who, and not since when that ended.</summary>
internal sealed partial class Sessions(IUserStore users, IApiKeyStore keys, TimeProvider time, ILogger<Sessions> log) : ISessionCheck
{
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromMinutes(1);

    /// <returns>Null when the session has ended: user or key gone or expired, the security stamp changed, or the tenant not let in.</returns>
    public async Task<ClaimsPrincipal?> CurrentAsync(ClaimsPrincipal ticket, CancellationToken ct)
    {
        var hash = ticket.FindFirstValue(Caller.KeyHashClaim);
        var key = hash is null ? null : await keys.FindAsync(hash, ct).ConfigureAwait(false);
        if (hash is not null && (key is null || key.ExpiresAt <= time.GetUtcNow()))
        {
            return null;
        }

        var user = await users.FindAsync(key?.UserId ?? ticket.FindFirstValue(ClaimTypes.NameIdentifier) ?? "", ct).ConfigureAwait(false);
        if (user is not { IsTenantApproved: true } || (key is null && user.SecurityStamp != (ticket.FindFirstValue(Caller.StampClaim) ?? "")))
        {
            return null;
        }

        await NoteUseAsync(key, ct).ConfigureAwait(false);
        return Caller.PrincipalOf(ticket, user, key);
    }

    public async ValueTask<bool> IsValidAsync(ClaimsPrincipal user, CancellationToken ct) => await CurrentAsync(user, ct).ConfigureAwait(false) is not null;

    private async Task NoteUseAsync(ApiKeyRecord? key, CancellationToken ct)
    {
        if (key is null || time.GetUtcNow() - key.LastUsedAt < NoteUseEvery)
        {
            return;
        }

        try
        {
            await keys.UsedAsync(key.Id, time.GetUtcNow(), ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JournalUnavailableException or JournalUnknownOutcomeException)
        {
            UseNotNoted(log, error, key.Id); // What the caller came for may still be answered.
        }
    }

    [LoggerMessage(5010, LogLevel.Warning, "The use of API key {KeyId} could not be noted")]
    private static partial void UseNotNoted(ILogger log, Exception error, string keyId);
}

/// <summary>How callers prove who they are: a bearer token, an API key, or a browser's cookie.</summary>
internal static class Authentication
{
    /// <summary>Looks at the request and takes the one scheme that it uses.</summary>
    private const string Any = "any";

    public static void AddTo(IServiceCollection services)
    {
        services.AddIdentityCore<Member>(options =>
        {
            options.User.AllowedUserNameCharacters = ""; // An e-mail address, checked as such.
            options.Password = new PasswordOptions
            {
                RequiredLength = Members.ShortestPassword,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
                RequiredUniqueChars = 4,
            };
            options.Lockout = new LockoutOptions { MaxFailedAccessAttempts = 8, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5) };
        }).AddUserStore<MemberStore>().AddDefaultTokenProviders();
        services.Configure<DataProtectionTokenProviderOptions>(options => options.TokenLifespan = UserRoutes.ResetLifespan);
        services.AddScoped<Members>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<ISessionCheck>(provider => provider.GetRequiredService<Sessions>());
        services.AddAuthentication(Any)
            .AddPolicyScheme(Any, null, options =>
            {
                options.ForwardDefaultSelector = context => SchemeOf(context.Request);
                options.ForwardChallenge = BearerTokenDefaults.AuthenticationScheme;
                options.ForwardForbid = BearerTokenDefaults.AuthenticationScheme;
            })
            .AddBearerToken()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null)
            .AddCookie(options =>
            {
                options.Cookie.Name = "tradeactors";
                options.Cookie.SameSite = SameSiteMode.Strict;
                options.Cookie.HttpOnly = true;
                options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // Browsers take no Secure cookie on plain http, where a single machine serves.
                options.ExpireTimeSpan = TimeSpan.FromDays(7);
                options.SlidingExpiration = true;
            });
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<TimeProvider>((options, time) => options.TimeProvider = time);
    }

    /// <summary>Behind authentication and before authorization.</summary>
    public static void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.User.Identity is { IsAuthenticated: true, AuthenticationType: var scheme })
        {
            var current = await context.RequestServices.GetRequiredService<Sessions>().CurrentAsync(context.User, context.RequestAborted).ConfigureAwait(false);
            Replace(context, current);
            if (current is not null && scheme == CookieAuthenticationDefaults.AuthenticationScheme && Origins.MatterTo(context))
            {
                Origins.Require(context, context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value);
            }
        }

        await next(context).ConfigureAwait(false);
    });

    /// <summary>The ticket's expiry stays, since live connections end at it.</summary>
    private static void Replace(HttpContext context, ClaimsPrincipal? current)
    {
        var feature = context.Features.GetRequiredFeature<IAuthenticateResultFeature>();
        if (current is null)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity());
        }
        else
        {
            feature.AuthenticateResult = AuthenticateResult.Success(
                new AuthenticationTicket(current, feature.AuthenticateResult?.Properties, current.Identity!.AuthenticationType!));
        }
    }

    private static string SchemeOf(HttpRequest request) =>
        request.Headers.ContainsKey(ApiKeyHandler.Header) ? ApiKeyHandler.Scheme
        : request.Headers.Authorization.Count > 0 || (LiveServices.IsLive(request) && request.Query.ContainsKey(LiveServices.TokenParameter)) ? BearerTokenDefaults.AuthenticationScheme
        : CookieAuthenticationDefaults.AuthenticationScheme;
}

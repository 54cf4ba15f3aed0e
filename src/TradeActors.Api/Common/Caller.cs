using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using TradeActors.Abstractions.Users;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Common;

/// <summary>Who is asking, from verified credentials alone. The tenant of every entity and row comes from here, never from the request.</summary>
/// <param name="KeyId">The API key with which a program acts for the user; null in a session.</param>
public sealed record Caller(string UserId, string Tenant, string Email, IReadOnlyList<string> Roles, string? KeyId = null)
{
    public const string Operator = "operator";
    public const string Owner = "owner";
    public const string Trader = "trader";
    public const string Viewer = "viewer";

    internal const string StampClaim = "stamp";
    internal const string KeyHashClaim = "key-hash";

    private const string TenantClaim = "tenant";
    private const string KeyIdClaim = "key-id";

    public EntityId Entity(string kind, string key) => new(Tenant, kind, key);

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    /// <returns>Null when nobody is logged in.</returns>
    internal static Caller? Of(ClaimsPrincipal user) => user.FindFirstValue(TenantClaim) is { } tenant
        ? new Caller(
            user.FindFirstValue(ClaimTypes.NameIdentifier)!, tenant, user.FindFirstValue(ClaimTypes.Email)!,
            [.. user.FindAll(ClaimTypes.Role).Select(claim => claim.Value)], user.FindFirstValue(KeyIdClaim))
        : null;

    /// <summary>What a token or cookie holds: who it was given to, and the stamp that ends it.</summary>
    internal static ClaimsPrincipal Ticket(UserRecord user, string scheme) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, user.Id), new Claim(StampClaim, user.SecurityStamp)], scheme));

    /// <summary>The ticket's user as it is stored now, so that a changed role counts at once.</summary>
    internal static ClaimsPrincipal PrincipalOf(ClaimsPrincipal ticket, UserRecord user, ApiKeyRecord? key) => new(new ClaimsIdentity(
        [
            .. ticket.Claims.Where(claim => claim.Type is StampClaim or KeyHashClaim),
            new Claim(ClaimTypes.NameIdentifier, user.Id),
            new Claim(TenantClaim, user.Tenant),
            new Claim(ClaimTypes.Email, user.Email),
            .. user.Roles.Split(',').Select(role => new Claim(ClaimTypes.Role, role)),
            .. Scopes.Of(user, key).Select(scope => new Claim(Scopes.Claim, scope)),
            .. key is null ? [] : (Claim[])[new Claim(KeyIdClaim, key.Id)],
        ],
        ticket.Identity!.AuthenticationType));
}

/// <summary>What a caller may do: by its roles, and with an API key by the key's scopes as well.</summary>
internal static class Scopes
{
    public const string Claim = "scope";
    public const string Read = "read";
    public const string Trade = "trade";
    public const string Manage = "manage";
    public const string MarketWrite = "market:write";

    /// <summary>Not a key's own scope: a key with <see cref="Manage"/> has it when its user is operator.</summary>
    public const string Operate = "operate";

    public static readonly ImmutableArray<string> OfKeys = [Read, Trade, Manage, MarketWrite];

    public static IEnumerable<string> Of(UserRecord user, ApiKeyRecord? key)
    {
        var all = user.Roles.Split(',').SelectMany(OfRole).Distinct(StringComparer.Ordinal);
        return key is null ? all : all.Where(scope => key.Scopes.Contains(scope == Operate ? Manage : scope));
    }

    private static string[] OfRole(string role) => role switch
    {
        Caller.Operator => [MarketWrite, Operate],
        Caller.Owner => [Read, Trade, Manage],
        Caller.Trader => [Read, Trade],
        Caller.Viewer => [Read],
        _ => [],
    };
}

/// <summary>Names of the authorization policies. An endpoint without one asks for <see cref="Scopes.Read"/>.</summary>
internal static class Policies
{
    /// <summary>Places orders and changes accounts, recorders and subscriptions.</summary>
    public const string Trade = "trade";

    /// <summary>Acts on many accounts at once: an owner on its tenant's, the operator on everybody's. The endpoint tells the two apart.</summary>
    public const string ManyAccounts = "many-accounts";

    /// <summary>Manages the users of a tenant.</summary>
    public const string Manage = "manage";

    /// <summary>Feeds quotes.</summary>
    public const string MarketWrite = "market-write";

    /// <summary>Runs the installation.</summary>
    public const string Operate = "operate";

    /// <summary>A person in a session, not a program with a key.</summary>
    public const string Session = "session";

    public static void Add(AuthorizationBuilder builder) => builder
        .SetDefaultPolicy(Has(Scopes.Read))
        .SetFallbackPolicy(Has(Scopes.Read))
        .AddPolicy(Trade, Has(Scopes.Trade))
        .AddPolicy(ManyAccounts, policy => policy.RequireAssertion(context =>
            (context.User.IsInRole(Caller.Owner) && context.User.HasClaim(Scopes.Claim, Scopes.Trade)) || context.User.HasClaim(Scopes.Claim, Scopes.Operate)))
        .AddPolicy(Manage, Has(Scopes.Manage))
        .AddPolicy(MarketWrite, Has(Scopes.MarketWrite))
        .AddPolicy(Operate, Has(Scopes.Operate))
        .AddPolicy(Session, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Caller.Of(context.User) is { KeyId: null }));

    private static AuthorizationPolicy Has(string scope) => new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim(Scopes.Claim, scope).Build();
}

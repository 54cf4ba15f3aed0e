using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using TradeActors.Abstractions.Users;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Common;

/// <summary>Who is asking, from the verified token alone. The tenant of every entity and row comes from here, never from the request.</summary>
public sealed record Caller(string UserId, string Tenant, string Email, IReadOnlyList<string> Roles)
{
    public const string Operator = "operator";
    public const string Owner = "owner";
    public const string Trader = "trader";
    public const string Viewer = "viewer";

    private const string TenantClaim = "tenant";

    public EntityId Entity(string kind, string key) => new(Tenant, kind, key);

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(From(context.User));

    internal static Caller From(ClaimsPrincipal user) => new(
        user.FindFirstValue(ClaimTypes.NameIdentifier)!,
        user.FindFirstValue(TenantClaim)!,
        user.FindFirstValue(ClaimTypes.Email)!,
        [.. user.FindAll(ClaimTypes.Role).Select(claim => claim.Value)]);

    internal static ClaimsPrincipal PrincipalOf(UserRecord user, string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id),
            new Claim(TenantClaim, user.Tenant),
            new Claim(ClaimTypes.Email, user.Email),
            .. user.Roles.Split(',').Select(role => new Claim(ClaimTypes.Role, role)),
        ],
        scheme));
}

/// <summary>Names of the authorization policies.</summary>
internal static class Policies
{
    /// <summary>Places orders and changes accounts, recorders and subscriptions.</summary>
    public const string Trade = "trade";

    /// <summary>Acts on many accounts at once: an owner on its tenant's, the operator on everybody's. The endpoint tells the two apart.</summary>
    public const string ManyAccounts = "many-accounts";

    /// <summary>Runs the installation.</summary>
    public const string Operate = "operate";
}

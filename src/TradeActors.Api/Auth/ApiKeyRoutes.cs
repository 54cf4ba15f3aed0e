using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <param name="Scopes">read, trade, manage, market:write: what the key may do at most. Its user's role bounds it as well, as it is at each request.</param>
/// <param name="ExpiresAt">Absent for a key that works until it is revoked.</param>
public sealed record ApiKeyRequest(string? Name, string[]? Scopes, DateTimeOffset? ExpiresAt);

/// <param name="Key">To be sent as X-Api-Key. Shown here and never again: only its hash is stored.</param>
public sealed record ApiKeyCreatedReply(string Id, string Key, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt);

/// <param name="UserId">For whom the key acts.</param>
/// <param name="LastUsedAt">To the minute; null when it was never used.</param>
public sealed record ApiKeyView(
    string Id, string Name, string UserId, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>Keys with which programs act for a user.</summary>
internal static class ApiKeyRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/api-keys").WithTags("API keys").RequireAuthorization(Policies.Session);
        group.MapGet("/", ListAsync).WithSummary("My keys, newest first; an owner sees the tenant's");
        group.MapPost("/", CreateAsync).WithSummary("Makes a key; it is shown only here").Produces<ApiKeyCreatedReply>(StatusCodes.Status201Created);
        group.MapDelete("/{keyId}", RemoveAsync).WithSummary("Revokes a key at once; an owner any of the tenant's").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Page<ApiKeyView>> ListAsync(Caller caller, IApiKeyStore keys, CancellationToken ct) => new(
        [
            .. (await OwnAsync(caller, keys, ct).ConfigureAwait(false))
                .Select(key => new ApiKeyView(key.Id, key.Name, key.UserId, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt)),
        ],
        null);

    private static async Task<IResult> CreateAsync(
        ApiKeyRequest request, Caller caller, HttpContext http, IApiKeyStore keys, IIdSource ids, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var errors = new FieldErrors()
            .Require(request.Name?.Trim() is { Length: >= 1 and <= 100 }, "name", "Must be a name of 1 to 100 characters.")
            .Require(request.Scopes is { Length: > 0 }, "scopes", $"Must name at least one of {string.Join(", ", Scopes.OfKeys)}.")
            .Require(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "Must lie ahead.");
        foreach (var scope in request.Scopes ?? [])
        {
            errors.Require(Scopes.OfKeys.Contains(scope), "scopes", $"'{scope}' is none of {string.Join(", ", Scopes.OfKeys)}.");
            errors.Require(
                !Scopes.OfKeys.Contains(scope) || http.User.HasClaim(Scopes.Claim, scope), "scopes", $"Your own role does not allow '{scope}'.");
        }

        errors.ThrowIfAny();
        var (secret, scopes) = ($"ta_{ids.NewToken()}", request.Scopes!.Distinct(StringComparer.Ordinal).ToImmutableArray());
        var key = new ApiKeyRecord(
            ids.NewId(), caller.Tenant, caller.UserId, request.Name!.Trim(), Tokens.Hash(secret), scopes, now, request.ExpiresAt?.ToUniversalTime(), null);
        await keys.AddAsync(key, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/api-keys/{key.Id}", new ApiKeyCreatedReply(key.Id, secret, key.Name, key.Scopes, key.ExpiresAt));
    }

    private static async Task<IResult> RemoveAsync(string keyId, Caller caller, IApiKeyStore keys, CancellationToken ct)
    {
        var own = await OwnAsync(caller, keys, ct).ConfigureAwait(false);
        return own.Any(key => key.Id == keyId) && await keys.RemoveAsync(caller.Tenant, keyId, ct).ConfigureAwait(false)
            ? TypedResults.NoContent()
            : throw ApiProblemException.NotFound("API key");
    }

    /// <summary>The keys that the caller may see and revoke.</summary>
    private static async Task<IEnumerable<ApiKeyRecord>> OwnAsync(Caller caller, IApiKeyStore keys, CancellationToken ct) =>
        (await keys.ListAsync(caller.Tenant, ct).ConfigureAwait(false)).Where(key => key.UserId == caller.UserId || caller.Roles.Contains(Caller.Owner));
}

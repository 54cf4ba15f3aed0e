using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api.Common;
using TradeActors.Api.Webhooks;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <param name="Secret">The sender's own: whsec_ and the base64 of 24 to 64 random bytes. Default: one is made.</param>
/// <param name="GraceSeconds">How long what is replaced still counts, 0 to 2,592,000 (30 days). Default 0: it ends at once.</param>
public sealed record SigningSecretRequest(string? Secret, int? GraceSeconds);

/// <param name="SigningSecret">Shown here and never again.</param>
/// <param name="PreviousSecretUntil">How long the replaced secret still counts; null when it has ended, or there was none.</param>
public sealed record SigningSecretReply(string SigningSecretId, string SigningSecret, DateTimeOffset? PreviousSecretUntil);

/// <summary>What webhooks of a recorder are signed with. Unlike a token it is used again at every delivery, so it is sealed, not hashed.</summary>
internal static class SigningSecretRoutes
{
    public static void Map(RouteGroupBuilder recorders)
    {
        var group = recorders.MapGroup("/{id}/signing-secret");
        group.MapPost("/", ReplaceAsync).RequireAuthorization(Policies.Trade)
            .WithSummary("Makes or replaces the signing secret, at once or after a time of grace for the old one");
        group.MapDelete("/", RemoveAsync).RequireAuthorization(Policies.Trade).WithSummary("Removes the signing secret; webhooks are no longer checked");
        group.MapDelete("/previous", EndPreviousAsync).RequireAuthorization(Policies.Trade).WithSummary("Ends the grace of a replaced signing secret now");
    }

    private static async Task<SigningSecretReply> ReplaceAsync(
        string id, SigningSecretRequest? request, Caller caller, IEntityGateway gateway, IIdSource ids, ISecretBox secrets, IReadStore store, CancellationToken ct)
    {
        new FieldErrors().Require(request?.Secret is null || SigningSecret.IsValid(request.Secret), "secret", SigningSecret.Rule).ThrowIfAny();
        var grace = Grace.Of(request?.GraceSeconds);
        await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        var secret = request?.Secret ?? SigningSecret.New();
        var stored = Seal(secret, id, caller, ids, secrets);
        await RecorderRoutes.AskAsync(caller, id, new ReplaceSigningSecret(stored, grace), gateway, store, ct).ConfigureAwait(false);
        var row = await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        return new SigningSecretReply(stored.Id, secret, row.PreviousSecretUntil);
    }

    private static Task<RecorderRow> RemoveAsync(string id, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct) =>
        DoAsync(id, new RemoveSigningSecret(), caller, gateway, store, ct);

    private static Task<RecorderRow> EndPreviousAsync(string id, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct) =>
        DoAsync(id, new EndPreviousSecret(), caller, gateway, store, ct);

    private static async Task<RecorderRow> DoAsync(
        string id, object message, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await RecorderRoutes.AskAsync(caller, id, message, gateway, store, ct).ConfigureAwait(false);
        return await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
    }

    internal static SealedSecret Seal(string secret, string recorderId, Caller caller, IIdSource ids, ISecretBox secrets)
    {
        var secretId = ids.NewId();
        return new SealedSecret(secretId, secrets.Seal(secret, WebhookGuard.ContextOf(caller.Tenant, recorderId, secretId)));
    }
}

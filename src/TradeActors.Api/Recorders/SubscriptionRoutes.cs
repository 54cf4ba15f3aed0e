using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Accounts;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <param name="Multiplier">Scales every quantity; default 1.</param>
/// <param name="Enabled">Default true.</param>
/// <param name="Overrides">Settings that replace the recorder's for this account.</param>
public sealed record SubscriptionRequest(string? AccountId, decimal? Multiplier, bool? Enabled, Settings? Overrides)
{
    internal void Check(bool needsAccount)
    {
        var errors = new FieldErrors()
            .Require(!needsAccount || !string.IsNullOrEmpty(AccountId), "accountId", "Must name an account.")
            .Require(Multiplier is null or (> 0m and <= 1_000m), "multiplier", "Must be above 0 and at most 1,000.");
        SettingsCheck.Add(Overrides, "overrides", errors, areOverrides: true);
        errors.ThrowIfAny();
    }
}

/// <summary>
/// Which accounts trade a recorder's signals. A change is answered only when the account has stored it too: after the answer a paused or removed
/// subscription makes no new entry, whatever is still on its way (PROTOCOL 5).
/// </summary>
internal static class SubscriptionRoutes
{
    internal const string AccountIsFixed = "Cannot be changed: remove this subscription and add another.";

    public static void Map(RouteGroupBuilder recorders)
    {
        var group = recorders.MapGroup("/{id}/subscriptions").WithTags("Subscriptions");
        group.MapGet("/", ListAsync).RefuseUnknownQuery().WithSummary("The recorder's subscriptions, oldest first").WithDescription(FilterTexts.Pages);
        group.MapPost("/", AddAsync).RequireAuthorization(Policies.Trade).WithSummary("Subscribes an account")
            .Produces<SubscriptionRow>(StatusCodes.Status201Created);
        SubscriptionBulk.Map(group);
        group.MapGet("/{subscriptionId}", GetAsync).WithSummary("One subscription");
        group.MapPut("/{subscriptionId}", ChangeAsync).RequireAuthorization(Policies.Trade).WithSummary("Changes multiplier, overrides, enabled");
        group.MapDelete("/{subscriptionId}", RemoveAsync).RequireAuthorization(Policies.Trade).WithSummary("Ends a subscription; what it holds stays open")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Page<SubscriptionRow>> ListAsync(
        string id, [AsParameters] SubscriptionFilter wanted, [AsParameters] Paging paging, Caller caller, IReadStore store, CancellationToken ct)
    {
        var filter = wanted.Read();
        var query = paging.Query(ReadTable.Subscriptions, caller.Tenant, id, filter);
        await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        return await store.PageAsync(query, filter, row => row, ct).ConfigureAwait(false);
    }

    private static async Task<IResult> AddAsync(
        string id, SubscriptionRequest request, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, CancellationToken ct)
    {
        request.Check(needsAccount: true);
        await AccountRoutes.RequireAsync(caller, request.AccountId!, store, ct).ConfigureAwait(false);
        var row = await PutAsync(
            id, caller, new PutSubscription(
                ids.NewId(), caller.Entity(EntityKind.Account, request.AccountId!), request.Multiplier ?? 1m, request.Enabled ?? true, request.Overrides),
            gateway, store, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/recorders/{id}/subscriptions/{row.Id}", row);
    }

    private static Task<SubscriptionRow> GetAsync(string id, string subscriptionId, Caller caller, IReadStore store, CancellationToken ct) =>
        FindAsync(id, subscriptionId, caller, store, ct);

    private static async Task<SubscriptionRow> ChangeAsync(
        string id, string subscriptionId, SubscriptionRequest request, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        request.Check(needsAccount: false);
        var known = await FindAsync(id, subscriptionId, caller, store, ct).ConfigureAwait(false);
        new FieldErrors()
            .Require(request.AccountId is null || request.AccountId == known.AccountId, "accountId", AccountIsFixed)
            .ThrowIfAny();
        return await PutAsync(
            id, caller, new PutSubscription(
                subscriptionId, caller.Entity(EntityKind.Account, known.AccountId), request.Multiplier ?? known.Multiplier, request.Enabled ?? known.Enabled,
                request.Overrides ?? known.Overrides),
            gateway, store, ct).ConfigureAwait(false);
    }

    private static async Task<IResult> RemoveAsync(
        string id, string subscriptionId, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await EndAsync(await FindAsync(id, subscriptionId, caller, store, ct).ConfigureAwait(false), caller, gateway, store, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    internal static async Task EndAsync(SubscriptionRow known, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        var stored = (SubscriptionStored)await RecorderRoutes.AskAsync(
            caller, known.RecorderId, new RemoveSubscription(known.Id), gateway, store, ct).ConfigureAwait(false);
        await TellAccountAsync(known.RecorderId, caller, known.AccountId, stored, gateway, ct).ConfigureAwait(false);
    }

    internal static async Task<SubscriptionRow> PutAsync(
        string id, Caller caller, PutSubscription put, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        var stored = (SubscriptionStored)await RecorderRoutes.AskAsync(caller, id, put, gateway, store, ct).ConfigureAwait(false);
        await TellAccountAsync(id, caller, put.Account.Key, stored, gateway, ct).ConfigureAwait(false);
        return await FindAsync(id, put.SubscriptionId, caller, store, ct).ConfigureAwait(false);
    }

    private static Task<object> TellAccountAsync(
        string id, Caller caller, string accountId, SubscriptionStored stored, IEntityGateway gateway, CancellationToken ct) => gateway.AskAsync(
            caller.Entity(EntityKind.Account, accountId), new SetSubscription(stored.SubscriptionId, id, stored.Version, stored.IsEnabled), ct);

    private static Task<SubscriptionRow> FindAsync(string id, string subscriptionId, Caller caller, IReadStore store, CancellationToken ct) =>
        store.FindAsync<SubscriptionRow>(ReadTable.Subscriptions, caller.Tenant, id, subscriptionId, "subscription", ct);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;

namespace TradeActors.Api.Operators;

/// <param name="Id">1 to 40 of a-z 0-9 -; the same id again answers the same operation. Made when absent.</param>
/// <param name="Reason">What halted accounts show, at most 200 characters.</param>
public sealed record OperationRequest(string? Id, string? Reason);

/// <param name="Kind">flattenAll or haltAll.</param>
/// <param name="Scope">tenant or installation.</param>
/// <param name="State">running, or completed when every account has an outcome.</param>
/// <param name="Accounts">How many take part: all there were when it was started.</param>
/// <param name="Done">Of these, where it has come true.</param>
/// <param name="Failed">Of these, where it never will.</param>
public record OperationView(
    string Id, string Kind, string Scope, string State, string? Reason, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, int Accounts, long Done,
    long Failed);

public sealed record OperationDetail(
    string Id, string Kind, string Scope, string State, string? Reason, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, int Accounts, long Done,
    long Failed, IReadOnlyList<OperationResultView> Results)
    : OperationView(Id, Kind, Scope, State, Reason, StartedAt, CompletedAt, Accounts, Done, Failed);

/// <param name="TenantId">In operations over the installation.</param>
/// <param name="Outcome">pending, done or failed.</param>
/// <param name="Reason">Why it failed: AccountGone, or Parked (see /parked).</param>
public sealed record OperationResultView(string AccountId, string? TenantId, string Outcome, string? Reason, DateTimeOffset? At);

/// <summary>Flatten and halt for many accounts at once, carried out by an entity of its own that survives the request and the process (PROTOCOL 11).</summary>
internal static class OperationRoutes
{
    private const string Scopes = "?scope=installation (operator) means every tenant's accounts; else those of the caller's tenant (owner). ";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Operator");
        group.MapPost("/flatten-all", FlattenAsync).RequireAuthorization(Policies.ManyAccounts)
            .WithSummary("Cancels and closes everything on all accounts")
            .WithDescription(
                Scopes + "Stored before it is answered, and carried on after a crash. An account is done when everything that it held or was working "
                + "has been closed and canceled. Accounts opened later take no part. The same id again answers the same operation.")
            .Produces<OperationView>(StatusCodes.Status202Accepted);
        group.MapPost("/halt-all", HaltAsync).RequireAuthorization(Policies.ManyAccounts)
            .WithSummary("Halts all accounts until each is resumed")
            .WithDescription(
                Scopes + "Stored before it is answered, and carried on after a crash. An account is done when it has stored the halt and its broker "
                + "connection has withdrawn the entries that were not sent. Accounts opened later take no part. The same id again answers the same operation.")
            .Produces<OperationView>(StatusCodes.Status202Accepted);
        group.MapGet("/operations", ListAsync).RefuseUnknownQuery().WithSummary("Operations, newest first; ?scope=installation for the operator's");
        group.MapGet("/operations/{id}", GetAsync).WithSummary("One operation with the outcome on each account");
    }

    private static Task<IResult> FlattenAsync(
        OperationRequest? request, [FromQuery(Name = "scope")] string? scope, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, CancellationToken ct) =>
        StartAsync(OperationKind.FlattenAll, request, scope, caller, gateway, ids, store, ct);

    private static Task<IResult> HaltAsync(
        OperationRequest? request, [FromQuery(Name = "scope")] string? scope, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, CancellationToken ct) =>
        StartAsync(OperationKind.HaltAll, request, scope, caller, gateway, ids, store, ct);

    private static async Task<IResult> StartAsync(
        OperationKind kind, OperationRequest? request, string? scopeText, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, CancellationToken ct)
    {
        var scope = ScopeOf(scopeText, caller, caller.Roles.Contains(Caller.Owner));
        var isEverywhere = scope == OperationScope.Installation;
        var reason = !string.IsNullOrWhiteSpace(request?.Reason) ? request.Reason.Trim()
            : isEverywhere ? "by the operator" : $"by {caller.Email}"; // An operator's address is none of a tenant's business.
        new FieldErrors()
            .Require(reason.Length <= 200, "reason", "Must have at most 200 characters.")
            .Require(request?.Id is null || IsId(request.Id), "id", "Must be 1 to 40 of a-z, 0-9 and '-'.")
            .ThrowIfAny();
        var id = new EntityId(TenantOf(scope, caller), EntityKind.Operation, request?.Id ?? ids.NewId());
        var accounts = await store.ListKeysAsync(ReadTable.Accounts, isEverywhere ? null : caller.Tenant, ct).ConfigureAwait(false);
        var start = new StartOperation(kind, scope, reason, [.. accounts.Select(row => new EntityId(row.Tenant, EntityKind.Account, row.Id))]);
        if (await gateway.AskAsync(id, start, ct).ConfigureAwait(false) is OperationRefused refused)
        {
            throw ApiProblemException.Denied(refused.Code, refused.Message);
        }

        var row = await FindAsync(id.Tenant, id.Key, store, ct).ConfigureAwait(false);
        return TypedResults.Accepted($"/api/v1/operations/{id.Key}", await ViewAsync(id.Tenant, row, store, ct).ConfigureAwait(false));
    }

    private static async Task<Page<OperationView>> ListAsync(
        [FromQuery(Name = "scope")] string? scope, [AsParameters] Paging paging, Caller caller, IReadStore store, CancellationToken ct)
    {
        var tenant = TenantOf(ScopeOf(scope, caller), caller);
        var page = await store.PageAsync(
            paging.Query(ReadTable.Operations, tenant, "", newestFirst: true), row => RowJson.Deserialize<OperationRow>(row.Doc), ct).ConfigureAwait(false);
        var views = new List<OperationView>(page.Items.Count);
        foreach (var row in page.Items)
        {
            views.Add(await ViewAsync(tenant, row, store, ct).ConfigureAwait(false));
        }

        return new Page<OperationView>(views, page.Next);
    }

    /// <summary>Without a scope the tenant's own operation; the operator's of that id where the tenant has none.</summary>
    private static async Task<OperationDetail> GetAsync(
        string id, [FromQuery(Name = "scope")] string? scope, Caller caller, IReadStore store, CancellationToken ct)
    {
        var tenant = TenantOf(ScopeOf(scope, caller), caller);
        if (scope is null && caller.Roles.Contains(Caller.Operator)
            && await store.GetAsync(new RowKey(ReadTable.Operations, tenant, "", id), ct).ConfigureAwait(false) is null)
        {
            tenant = Operation.InstallationTenant;
        }

        var row = await FindAsync(tenant, id, store, ct).ConfigureAwait(false);
        var results = await store.ListAsync(
            new RowQuery(ReadTable.OperationResults, tenant, id, Math.Max(1, row.Accounts), States: []), ct).ConfigureAwait(false);
        var views = results.Select(result => RowJson.Deserialize<OperationResultRow>(result.Doc))
            .Select(result => new OperationResultView(
                result.AccountId, tenant == Operation.InstallationTenant ? result.Tenant : null, result.Outcome, result.Reason, result.At))
            .ToArray();
        return new OperationDetail(
            row.Id, row.Kind, row.Scope, row.State, row.Reason, row.StartedAt, row.CompletedAt, row.Accounts,
            views.LongCount(result => result.Outcome == "done"), views.LongCount(result => result.Outcome == "failed"), views);
    }

    private static Task<OperationRow> FindAsync(string tenant, string id, IReadStore store, CancellationToken ct) =>
        store.FindAsync<OperationRow>(ReadTable.Operations, tenant, "", id, "operation", ct);

    private static async Task<OperationView> ViewAsync(string tenant, OperationRow row, IReadStore store, CancellationToken ct)
    {
        var counts = await store.CountAsync(ReadTable.OperationResults, tenant, [row.Id], ct).ConfigureAwait(false);
        long Count(string outcome) => counts.Where(count => count.State == outcome).Sum(count => count.Count);
        return new OperationView(
            row.Id, row.Kind, row.Scope, row.State, row.Reason, row.StartedAt, row.CompletedAt, row.Accounts, Count("done"), Count("failed"));
    }

    /// <param name="mayOwn">Whether the caller may do this to its own tenant.</param>
    /// <exception cref="ApiProblemException">403: the scope is not the caller's. 422: there is no such scope.</exception>
    private static OperationScope ScopeOf(string? text, Caller caller, bool mayOwn = true)
    {
        new FieldErrors().Require(text is null or "tenant" or "installation", "scope", "Must be tenant or installation.").ThrowIfAny();
        var scope = text == "installation" ? OperationScope.Installation : OperationScope.Tenant;
        return (scope == OperationScope.Installation ? caller.Roles.Contains(Caller.Operator) : mayOwn)
            ? scope
            : throw BareStatus.ProblemOf(StatusCodes.Status403Forbidden);
    }

    private static string TenantOf(OperationScope scope, Caller caller) =>
        scope == OperationScope.Installation ? Operation.InstallationTenant : caller.Tenant;

    private static bool IsId(string text) =>
        text.Length is >= 1 and <= 40 && text.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") < 0;
}

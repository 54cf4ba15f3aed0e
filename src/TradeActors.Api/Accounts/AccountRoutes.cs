using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;

namespace TradeActors.Api.Accounts;

public sealed record HaltRequest(string? Reason);

/// <summary>Accounts, their orders, fills and events.</summary>
internal static class AccountRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/accounts").WithTags("Accounts");
        group.MapGet("/", ListAsync).RefuseUnknownQuery().WithSummary("The tenant's accounts, oldest first").WithDescription(FilterTexts.Pages);
        group.MapPost("/", OpenAsync).RequireAuthorization(Policies.Trade).WithSummary("Opens an account")
            .Produces<AccountView>(StatusCodes.Status201Created);
        group.MapGet("/{id}", GetAsync).WithSummary("One account with positions and equity");
        group.MapPut("/{id}/limits", ChangeLimitsAsync).RequireAuthorization(Policies.Trade).WithSummary("Replaces the limits");
        group.MapGet("/{id}/orders", ListOrdersAsync).RefuseUnknownQuery().WithSummary("Orders, newest first").WithDescription(FilterTexts.Pages);
        group.MapPost("/{id}/orders", PlaceAsync).RequireAuthorization(Policies.Trade).WithSummary("Places an order; 422 when a limit refuses it")
            .Produces<OrderReply>(StatusCodes.Status202Accepted);
        group.MapGet("/{id}/orders/{orderId}", GetOrderAsync).WithSummary("One order");
        group.MapDelete("/{id}/orders/{orderId}", CancelAsync).RequireAuthorization(Policies.Trade)
            .WithSummary("Asks for a cancel; the order may still fill").Produces<OrderReply>(StatusCodes.Status202Accepted);
        group.MapGet("/{id}/fills", ListFillsAsync).RefuseUnknownQuery().WithSummary("Fills, newest first by the market's time")
            .WithDescription(FilterTexts.Pages);
        group.MapGet("/{id}/events", ListEventsAsync).RefuseUnknownQuery().WithSummary("The account's live topic behind ?after=seq, oldest first");
        AccountExports.Map(group);
        group.MapPost("/{id}/flatten", FlattenAsync).RequireAuthorization(Policies.Trade)
            .WithSummary("Cancels everything and closes everything").Produces<AccountView>(StatusCodes.Status202Accepted);
        group.MapPost("/{id}/halt", HaltAsync).RequireAuthorization(Policies.Trade).WithSummary("No new exposure until resumed")
            .WithDescription(
                "Answered when the account has stored the halt and its broker connection has withdrawn the entries that were not sent yet: none of them is "
                + "sent after the answer. An entry whose sending has begun is canceled. Until the connection has confirmed, also when the node dies in "
                + "between, the account's state is halting; then it is halted. What closes goes on.");
        group.MapPost("/{id}/resume", ResumeAsync).RequireAuthorization(Policies.Trade).WithSummary("Ends a halt");
        EquityRoutes.Map(group);
    }

    private static Task<Page<AccountView>> ListAsync(
        Caller caller, [AsParameters] AccountFilter wanted, [AsParameters] Paging paging, IReadStore store, IQuoteBook quotes, TimeProvider time,
        CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        return store.PageAsync(
            paging.Query(ReadTable.Accounts, caller.Tenant, "", filter), filter, row => AccountView.Of(row, quotes, time.GetUtcNow()), ct);
    }

    private static async Task<IResult> OpenAsync(
        OpenAccountRequest request, Caller caller, IEntityGateway gateway, IEnumerable<IBrokerAdapter> brokers, IIdSource ids, IReadStore store,
        IQuoteBook quotes, TimeProvider time, CancellationToken ct)
    {
        var id = caller.Entity(EntityKind.Account, ids.NewId());
        await gateway.AskAsync(id, request.ToMessage(id, brokers), ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/accounts/{id.Key}", await ViewAsync(caller, id.Key, store, quotes, time, ct).ConfigureAwait(false));
    }

    private static Task<AccountView> GetAsync(string id, Caller caller, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct) =>
        ViewAsync(caller, id, store, quotes, time, ct);

    private static async Task<AccountView> ChangeLimitsAsync(
        string id, AccountLimits limits, Caller caller, IEntityGateway gateway, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct)
    {
        var errors = new FieldErrors();
        LimitsRules.Check(limits, "", errors);
        errors.ThrowIfAny();
        await AskAsync(caller, id, new ChangeAccountLimits(limits), gateway, store, ct).ConfigureAwait(false);
        return await ViewAsync(caller, id, store, quotes, time, ct).ConfigureAwait(false);
    }

    private static async Task<Page<OrderReply>> ListOrdersAsync(
        string id, [AsParameters] OrderFilter wanted, [AsParameters] Paging paging, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        var query = paging.Query(ReadTable.Orders, caller.Tenant, id, filter);
        await RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        return await store.PageAsync(query, filter, OrderReply.Of, ct).ConfigureAwait(false);
    }

    private static async Task<OrderReply> GetOrderAsync(string id, string orderId, Caller caller, IReadStore store, CancellationToken ct) =>
        OrderReply.Of(await store.FindAsync<OrderRow>(ReadTable.Orders, caller.Tenant, id, orderId, "order", ct).ConfigureAwait(false));

    /// <summary>Idempotent on clOrdId: the same request twice answers the same order; other terms under that id get 422.</summary>
    private static async Task<IResult> PlaceAsync(
        string id, PlaceOrderRequest request, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, TimeProvider time, ApiMetrics metrics,
        ILogger<ApiOptions> log, CancellationToken ct)
    {
        // Named here at the latest: an ask may be judged twice, and without a name that would be two orders.
        var order = (request with { ClOrdId = request.ClOrdId ?? ids.NewId() }).ToMessage(time.GetUtcNow());
        await RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        var reply = await gateway.AskAsync(caller.Entity(EntityKind.Account, id), order, ct).ConfigureAwait(false);
        if (reply is AccountRefused refused && !await IsStoredAsync(caller, id, order, store, ct).ConfigureAwait(false))
        {
            metrics.OrderDenied(refused.Code);
            ApiLog.OrderDenied(log, caller.Tenant, id, order.ClOrdId!, refused.Code);
            throw ApiProblemException.Denied(refused.Code, refused.Message);
        }

        var clOrdId = (reply as ManualOrderTaken)?.Order.ClOrdId ?? order.ClOrdId!;
        return await AcceptedAsync(caller, id, clOrdId, store, ct).ConfigureAwait(false);
    }

    /// <summary>The account keeps the ids of its older orders but not their terms; those are in the row.</summary>
    private static async Task<bool> IsStoredAsync(Caller caller, string id, PlaceManualOrder order, IReadStore store, CancellationToken ct)
    {
        var stored = order.ClOrdId is null
            ? null
            : await store.GetAsync(new RowKey(ReadTable.Orders, caller.Tenant, id, order.ClOrdId), ct).ConfigureAwait(false);
        return stored is not null && RowJson.Deserialize<OrderRow>(stored.Doc) is { SubscriptionId: null, Purpose: OrderPurpose.Entry } row
            && order.Terms == new OrderTerms(row.Symbol, row.Side, row.Type, row.Quantity, row.LimitPrice, row.StopPrice, row.TimeInForce);
    }

    private static async Task<IResult> CancelAsync(
        string id, string orderId, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await store.FindAsync<OrderRow>(ReadTable.Orders, caller.Tenant, id, orderId, "order", ct).ConfigureAwait(false);
        await AskAsync(caller, id, new CancelManually(orderId), gateway, store, ct).ConfigureAwait(false);
        return await AcceptedAsync(caller, id, orderId, store, ct).ConfigureAwait(false);
    }

    private static async Task<IResult> AcceptedAsync(Caller caller, string id, string orderId, IReadStore store, CancellationToken ct) => TypedResults.Accepted(
        $"/api/v1/accounts/{id}/orders/{orderId}",
        OrderReply.Of(await store.FindAsync<OrderRow>(ReadTable.Orders, caller.Tenant, id, orderId, "order", ct).ConfigureAwait(false)));

    private static async Task<Page<FillRow>> ListFillsAsync(
        string id, [AsParameters] FillFilter wanted, [AsParameters] Paging paging, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        var query = paging.Query(ReadTable.Fills, caller.Tenant, id, filter);
        await RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        return await store.PageAsync(query, filter, row => row, ct).ConfigureAwait(false);
    }

    private static async Task<Page<LiveRow>> ListEventsAsync(
        string id, [AsParameters] Paging paging, Caller caller, IReadStore store, CancellationToken ct)
    {
        var query = paging.Numbered(ReadTable.LiveEvents, caller.Tenant, $"{EntityKind.Account}:{id}");
        await RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        var page = await store.PageAsync(query, row => RowJson.Deserialize<LiveRow>(row.Doc), ct).ConfigureAwait(false);
        return page with { Next = page.Next is null ? null : page.Items[^1].Seq.ToString(CultureInfo.InvariantCulture) };
    }

    private static async Task<IResult> FlattenAsync(
        string id, Caller caller, IEntityGateway gateway, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct)
    {
        await AskAsync(caller, id, new FlattenAccount(), gateway, store, ct).ConfigureAwait(false);
        return TypedResults.Accepted($"/api/v1/accounts/{id}", await ViewAsync(caller, id, store, quotes, time, ct).ConfigureAwait(false));
    }

    private static async Task<AccountView> HaltAsync(
        string id, HaltRequest? request, Caller caller, IEntityGateway gateway, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct)
    {
        var reason = string.IsNullOrWhiteSpace(request?.Reason) ? $"by {caller.Email}" : request.Reason.Trim();
        new FieldErrors().Require(reason.Length <= 200, "reason", "Must have at most 200 characters.").ThrowIfAny();
        var taken = (HaltTaken)await AskAsync(caller, id, new HaltAccount(reason), gateway, store, ct).ConfigureAwait(false);
        // The account has sent the connection the same, numbered; asked as well, it is answered now (and before entries still on their way).
        var withdrawn = await gateway.AskAsync(taken.Connection, new WithdrawEntries(taken.Halts), ct).ConfigureAwait(false);
        await AskAsync(caller, id, withdrawn, gateway, store, ct).ConfigureAwait(false);
        return await ViewAsync(caller, id, store, quotes, time, ct).ConfigureAwait(false);
    }

    private static async Task<AccountView> ResumeAsync(
        string id, Caller caller, IEntityGateway gateway, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct)
    {
        await AskAsync(caller, id, new ResumeAccount(), gateway, store, ct).ConfigureAwait(false);
        return await ViewAsync(caller, id, store, quotes, time, ct).ConfigureAwait(false);
    }

    private static async Task<AccountView> ViewAsync(
        Caller caller, string id, IReadStore store, IQuoteBook quotes, TimeProvider time, CancellationToken ct) =>
        AccountView.Of(await store.FindAsync<AccountRow>(ReadTable.Accounts, caller.Tenant, "", id, "account", ct).ConfigureAwait(false), quotes, time.GetUtcNow());

    /// <summary>404 unless the caller's tenant has this account.</summary>
    internal static async Task RequireAsync(Caller caller, string id, IReadStore store, CancellationToken ct) =>
        await store.FindAsync<AccountRow>(ReadTable.Accounts, caller.Tenant, "", id, "account", ct).ConfigureAwait(false);

    /// <summary>Asks the account, and turns its refusal into a problem.</summary>
    private static async Task<object> AskAsync(
        Caller caller, string id, object message, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        var reply = await gateway.AskAsync(caller.Entity(EntityKind.Account, id), message, ct).ConfigureAwait(false);
        return reply is AccountRefused refused ? throw ApiProblemException.Denied(refused.Code, refused.Message) : reply;
    }
}

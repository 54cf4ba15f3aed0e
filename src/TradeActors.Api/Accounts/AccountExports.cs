using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;

namespace TradeActors.Api.Accounts;

/// <summary>Orders and fills of an account as files.</summary>
internal static class AccountExports
{
    private static readonly CsvColumn<OrderReply>[] OrderColumns =
    [
        new("id", order => order.Id), new("clOrdId", order => order.ClOrdId), new("symbol", order => order.Symbol), new("side", order => order.Side),
        new("type", order => order.Type), new("quantity", order => order.Quantity), new("filled", order => order.Filled),
        new("limitPrice", order => order.LimitPrice), new("stopPrice", order => order.StopPrice), new("averagePrice", order => order.AveragePrice),
        new("timeInForce", order => order.TimeInForce), new("purpose", order => order.Purpose), new("state", order => order.State),
        new("reason", order => order.Reason), new("recorderId", order => order.RecorderId), new("subscriptionId", order => order.SubscriptionId),
        new("signalId", order => order.SignalId), new("createdAt", order => order.CreatedAt),
    ];

    private static readonly CsvColumn<FillRow>[] FillColumns =
    [
        new("id", fill => fill.Id), new("orderId", fill => fill.OrderId), new("symbol", fill => fill.Symbol), new("side", fill => fill.Side),
        new("quantity", fill => fill.Quantity), new("price", fill => fill.Price), new("commission", fill => fill.Commission),
        new("realized", fill => fill.Realized), new("recorderId", fill => fill.RecorderId), new("signalId", fill => fill.SignalId), new("at", fill => fill.At),
    ];

    public static void Map(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/{id}/orders.csv", OrdersAsync).RefuseUnknownQuery().WithSummary("Orders as a CSV file").WithDescription(Csv.Description)
            .Produces<string>(StatusCodes.Status200OK, Csv.MediaType);
        accounts.MapGet("/{id}/fills.csv", FillsAsync).RefuseUnknownQuery().WithSummary("Fills as a CSV file").WithDescription(Csv.Description)
            .Produces<string>(StatusCodes.Status200OK, Csv.MediaType);
    }

    private static async Task<IResult> OrdersAsync(
        string id, [AsParameters] OrderFilter wanted, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        await AccountRoutes.RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        var orders = store.EachAsync(ReadTable.Orders, caller.Tenant, id, filter, ct);
        return Csv.Download($"orders-{id}.csv", OrderColumns, orders.Select(OrderReply.Of), ct);
    }

    private static async Task<IResult> FillsAsync(
        string id, [AsParameters] FillFilter wanted, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        await AccountRoutes.RequireAsync(caller, id, store, ct).ConfigureAwait(false);
        return Csv.Download($"fills-{id}.csv", FillColumns, store.EachAsync(ReadTable.Fills, caller.Tenant, id, filter, ct), ct);
    }
}

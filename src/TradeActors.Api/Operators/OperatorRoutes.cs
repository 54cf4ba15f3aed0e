using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;

namespace TradeActors.Api.Operators;

/// <summary>What the operator of the installation looks at.</summary>
internal static class OperatorRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Operator").RequireAuthorization(Policies.Operate);
        ClusterRoutes.Map(group);
        group.MapGet("/parked", ListParkedAsync).RefuseUnknownQuery()
            .WithSummary("Messages on which an entity failed repeatedly, newest first, of all tenants");
    }

    private static Task<Page<ParkedRow>> ListParkedAsync([AsParameters] Paging paging, IReadStore store, CancellationToken ct) =>
        store.PageAsync(paging.Query(ReadTable.Parked, "", "", newestFirst: true), row => RowJson.Deserialize<ParkedRow>(row.Doc), ct);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Api.Health;

namespace TradeActors.Api.Operators;

/// <param name="State">up.</param>
public sealed record NodeView(string Name, string State, int Shards, int Entities);

public sealed record ShardView(int Id, string Node);

public sealed record ClusterView(IReadOnlyList<NodeView> Nodes, IReadOnlyList<ShardView> Shards);

/// <summary>What the operator of the installation looks at.</summary>
internal static class OperatorRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Operator").RequireAuthorization(Policies.Operate);
        group.MapGet("/cluster", Cluster).WithSummary("Nodes and shards");
        group.MapGet("/parked", ListParkedAsync).RefuseUnknownQuery().WithSummary("Messages on which an entity failed repeatedly, newest first, of all tenants");
    }

    private static ClusterView Cluster(INodeStatus node) => new(
        [new NodeView(node.NodeName, "up", node.ShardCount, node.LoadedEntities)],
        [.. Enumerable.Range(0, node.ShardCount).Select(shard => new ShardView(shard, node.NodeName))]);

    private static Task<Page<ParkedRow>> ListParkedAsync([AsParameters] Paging paging, IReadStore store, CancellationToken ct) =>
        store.PageAsync(paging.Query(ReadTable.Parked, "", "", newestFirst: true), row => RowJson.Deserialize<ParkedRow>(row.Doc), ct);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Api.Health;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Operators;

/// <param name="State">up.</param>
/// <param name="Entities">In memory; the others rest in the journal until somebody speaks to them or their time comes.</param>
public sealed record NodeView(string Name, string State, int Shards, int Entities, IReadOnlyDictionary<string, int> EntitiesByKind, LagView Lag);

/// <summary>What is under way. Numbers that stay above 0 while little happens, or an age that grows, mean that something is stuck.</summary>
/// <param name="WaitingMessages">Not judged yet.</param>
/// <param name="StoringMessages">Judged, and not yet known to be stored.</param>
/// <param name="UnacknowledgedSends">Messages between entities that their receivers have not acknowledged. They are repeated until they are.</param>
/// <param name="OpenFanOuts">Signals and operations that some account has not stored yet.</param>
/// <param name="OldestOverdueSeconds">How long the longest waiting receiver of one of these has acknowledged nothing; null when none is out.</param>
/// <param name="JournalQueue">Writes that wait for the journal.</param>
/// <param name="MarketQueue">Quotes that wait for the book.</param>
public sealed record LagView(
    long WaitingMessages, long StoringMessages, long UnacknowledgedSends, long OpenFanOuts, double? OldestOverdueSeconds, int JournalQueue, int MarketQueue);

public sealed record ShardView(int Id, string Node);

/// <param name="Latest">The last ten; all are in /parked.</param>
public sealed record ParkedView(long Count, IReadOnlyList<ParkedRow> Latest);

public sealed record ClusterView(IReadOnlyList<NodeView> Nodes, IReadOnlyList<ShardView> Shards, ParkedView Parked);

/// <param name="Id">tenant/kind/key.</param>
/// <param name="Phase">loading, active, lookingUp (a stored row) or backingOff (after a failure).</param>
/// <param name="Sequence">Of its last stored event.</param>
/// <param name="Waiting">Messages that are not judged yet.</param>
/// <param name="Storing">Messages that are judged and being stored.</param>
/// <param name="Unacknowledged">Sends that their receivers have not acknowledged.</param>
/// <param name="FanOuts">Fan-outs that some member has not acknowledged.</param>
/// <param name="Effects">Calls to the outside under way, such as orders at a broker.</param>
/// <param name="OverdueSince">Since when the longest waiting receiver has acknowledged nothing; since the load at the earliest.</param>
public sealed record EntityView(
    string Id, string Tenant, string Kind, string Key, int Shard, string Node, string Phase, long Sequence, int Waiting, int Storing, int Unacknowledged,
    int FanOuts, int Effects, int Timers, DateTimeOffset? OverdueSince, DateTimeOffset LastUsed);

/// <summary>What the operator of the installation looks at.</summary>
internal static class OperatorRoutes
{
    private const int LatestParked = 10;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Operator").RequireAuthorization(Policies.Operate);
        group.MapGet("/cluster", ClusterAsync).WithSummary("Nodes with what they carry and how far behind they are, shards, parked messages");
        group.MapGet("/cluster/entities", ListEntitiesAsync).RefuseUnknownQuery().WithSummary("Entities in memory and the work each has, ordered by id, of all tenants");
        group.MapGet("/parked", ListParkedAsync).RefuseUnknownQuery()
            .WithSummary("Messages on which an entity failed repeatedly, newest first, of all tenants");
    }

    private static async Task<ClusterView> ClusterAsync(INodeStatus node, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var work = await node.WorkAsync(ct).ConfigureAwait(false);
        var parked = await store.CountAsync(ReadTable.Parked, "", [""], ct).ConfigureAwait(false);
        var latest = await store.ListAsync(new RowQuery(ReadTable.Parked, "", "", LatestParked, NewestFirst: true), ct).ConfigureAwait(false);
        var lag = new LagView(
            work.Waiting, work.Storing, work.Unacknowledged, work.FanOuts,
            work.OverdueSince is { } since ? Math.Max(0, Math.Round((time.GetUtcNow() - since).TotalSeconds, 3)) : null, node.JournalQueue, node.MarketQueue);
        return new ClusterView(
            [new NodeView(node.NodeName, "up", node.ShardCount, work.LoadedByKind.Values.Sum(), work.LoadedByKind, lag)],
            [.. Enumerable.Range(0, node.ShardCount).Select(shard => new ShardView(shard, node.NodeName))],
            new ParkedView(parked.Sum(count => count.Count), [.. latest.Select(row => RowJson.Deserialize<ParkedRow>(row.Doc))]));
    }

    private static async Task<Page<EntityView>> ListEntitiesAsync(
        [FromQuery(Name = "kind")] string? kind, [AsParameters] Paging paging, INodeStatus node, CancellationToken ct)
    {
        new FieldErrors().Require(kind is null || node.Kinds.Contains(kind), "kind", $"Must be {string.Join(", ", node.Kinds)}.").ThrowIfAny();
        var (limit, after) = paging.Read();
        var found = await node.LoadedAsync(kind, IdOf(after), limit + 1, ct).ConfigureAwait(false);
        EntityView[] views = [.. found.Take(limit).Select(entity => ViewOf(entity, node.NodeName))];
        return new Page<EntityView>(views, found.Count > limit ? new RowCursor(0, views[^1].Id).ToText() : null);
    }

    private static EntityId? IdOf(RowCursor? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        try
        {
            return EntityId.Parse(cursor.Value.Id);
        }
        catch (FormatException)
        {
            var errors = new FieldErrors();
            errors.Add("after", "Is a cursor of another list.");
            throw ApiProblemException.Invalid(errors);
        }
    }

    private static EntityView ViewOf(LoadedEntity entity, string node) => new(
        entity.Id.ToString(), entity.Id.Tenant, entity.Id.Kind, entity.Id.Key, entity.Shard, node, entity.Phase, entity.Sequence, entity.Waiting, entity.Storing,
        entity.Unacknowledged, entity.FanOuts, entity.Effects, entity.Timers, entity.OverdueSince, entity.LastUsed);

    private static Task<Page<ParkedRow>> ListParkedAsync([AsParameters] Paging paging, IReadStore store, CancellationToken ct) =>
        store.PageAsync(paging.Query(ReadTable.Parked, "", "", newestFirst: true), row => RowJson.Deserialize<ParkedRow>(row.Doc), ct);
}

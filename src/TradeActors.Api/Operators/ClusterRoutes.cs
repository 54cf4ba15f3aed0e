using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Operators;

/// <param name="State">up; leaving: it hands its shards over; silent: not heard of for some seconds.</param>
/// <param name="Shards">How many it owns.</param>
/// <param name="Entities">In memory; the others rest in the journal until somebody speaks to them or their time comes. Null when the node did not answer in time.</param>
/// <param name="EntitiesByKind">Null when the node did not answer in time.</param>
/// <param name="Lag">Null when the node did not answer in time.</param>
public sealed record NodeView(
    string Name, NodeState State, int Shards, int? Entities, IReadOnlyDictionary<string, int>? EntitiesByKind, LagView? Lag, DateTimeOffset SeenAt);

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

/// <param name="Node">Who owns it; empty while nobody does.</param>
/// <param name="Standby">Who takes over when the owner falls away; null for nobody.</param>
/// <param name="Epoch">Rises with every change of owner.</param>
public sealed record ShardView(int Id, string Node, string? Standby, long Epoch);

/// <param name="Latest">The last ten; all are in /parked.</param>
public sealed record ParkedView(long Count, IReadOnlyList<ParkedRow> Latest);

/// <param name="Nodes">By name.</param>
/// <param name="Shards">By id.</param>
public sealed record ClusterView(IReadOnlyList<NodeView> Nodes, IReadOnlyList<ShardView> Shards, ParkedView Parked);

/// <summary>What a node has been told. How far it is stands in /cluster.</summary>
/// <param name="Leaving">It hands its shards over, and takes none; else it stays, and takes its part again.</param>
public sealed record DrainView(string Name, bool Leaving);

/// <param name="Id">tenant/kind/key.</param>
/// <param name="Node">In whose memory it is.</param>
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

/// <summary>The nodes, what they carry, and their coming and going.</summary>
internal static class ClusterRoutes
{
    private const int LatestParked = 10;

    /// <param name="operators">Lets operators in alone.</param>
    public static void Map(RouteGroupBuilder operators)
    {
        var group = operators.MapGroup("/cluster");
        group.MapGet("", GetAsync).WithSummary("Nodes with what they carry and how far behind they are, shards, parked messages")
            .WithDescription("The same from whichever node is asked. A node that does not answer in time is listed without what only it knows.");
        group.MapGet("/entities", ListEntitiesAsync).RefuseUnknownQuery()
            .WithSummary("Entities in memory and the work each has, ordered by id, of all tenants")
            .WithDescription("Of all nodes that answer in time. An entity whose shard is moving may be missing.");
        group.MapPost("/nodes/{name}/drain", LeaveAsync)
            .WithSummary("Tells a node to hand all its shards to others in good order, before it is stopped")
            .WithDescription("It takes no shards until it is told to stay, or started again. Its front door goes on. Refused (LastNode) when nobody could take over.")
            .Produces<DrainView>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/nodes/{name}/drain", StayAsync)
            .WithSummary("Tells a node to stay after all: it takes its part of the shards again")
            .Produces<DrainView>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<ClusterView> GetAsync(IClusterStatus cluster, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var state = await cluster.StateAsync(ct).ConfigureAwait(false);
        var parked = await store.CountAsync(ReadTable.Parked, "", [""], ct).ConfigureAwait(false);
        var latest = await store.ListAsync(new RowQuery(ReadTable.Parked, "", "", LatestParked, NewestFirst: true), ct).ConfigureAwait(false);
        var owned = state.Shards.CountBy(shard => shard.Owner, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return new ClusterView(
            [
                .. state.Nodes.OrderBy(node => node.Name, StringComparer.Ordinal)
                    .Select(node => ViewOf(node, owned.GetValueOrDefault(node.Name), time.GetUtcNow())),
            ],
            [.. state.Shards.OrderBy(shard => shard.Id).Select(shard => new ShardView(shard.Id, shard.Owner, shard.Standby is "" ? null : shard.Standby, shard.Epoch))],
            new ParkedView(parked.Sum(count => count.Count), [.. latest.Select(row => RowJson.Deserialize<ParkedRow>(row.Doc))]));
    }

    private static NodeView ViewOf(NodeStatus node, int shards, DateTimeOffset now)
    {
        var kinds = node.Report?.Work.LoadedByKind;
        return new NodeView(node.Name, node.State, shards, kinds?.Values.Sum(), kinds, node.Report is { } report ? LagOf(report, now) : null, node.SeenAt);
    }

    private static LagView LagOf(NodeReport report, DateTimeOffset now) => new(
        report.Work.Waiting, report.Work.Storing, report.Work.Unacknowledged, report.Work.FanOuts,
        report.Work.OverdueSince is { } since ? Math.Max(0, Math.Round((now - since).TotalSeconds, 3)) : null, report.JournalQueue, report.MarketQueue);

    private static async Task<Page<EntityView>> ListEntitiesAsync(
        [FromQuery(Name = "kind")] string? kind, [AsParameters] Paging paging, IClusterStatus cluster, CancellationToken ct)
    {
        new FieldErrors().Require(kind is null || cluster.Kinds.Contains(kind), "kind", $"Must be {string.Join(", ", cluster.Kinds)}.").ThrowIfAny();
        var (limit, after) = paging.Read();
        var found = await cluster.LoadedAsync(kind, IdOf(after), limit + 1, ct).ConfigureAwait(false);
        EntityView[] views = [.. found.Take(limit).Select(placed => ViewOf(placed.Entity, placed.Node))];
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

    private static Task<IResult> LeaveAsync(string name, IClusterStatus cluster, CancellationToken ct) => TellAsync(name, isLeaving: true, cluster, ct);

    private static Task<IResult> StayAsync(string name, IClusterStatus cluster, CancellationToken ct) => TellAsync(name, isLeaving: false, cluster, ct);

    private static async Task<IResult> TellAsync(string name, bool isLeaving, IClusterStatus cluster, CancellationToken ct) =>
        await cluster.DrainAsync(name, isLeaving, ct).ConfigureAwait(false) switch
        {
            DrainOutcome.Told => TypedResults.Accepted("/api/v1/cluster", new DrainView(name, isLeaving)),
            DrainOutcome.UnknownNode => throw ApiProblemException.NotFound("node"),
            DrainOutcome.LastNode => throw new ApiProblemException(
                StatusCodes.Status409Conflict, "LastNode", "Nobody could take over",
                "No other node takes shards. Start another one, or let one stay that leaves, and send it again; to stop the installation simply stop this node."),
            var other => throw new UnreachableException($"No answer for {other}."),
        };
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Operators;

/// <summary>All nodes of the installation, as the one that is asked sees them.</summary>
public interface IClusterStatus
{
    /// <summary>Of the node that is asked.</summary>
    string NodeName { get; }

    int ShardCount { get; }

    /// <summary>Every kind of entity.</summary>
    ImmutableArray<string> Kinds { get; }

    /// <exception cref="EntityUnavailableException">Nothing can be said of any node.</exception>
    Task<ClusterState> StateAsync(CancellationToken ct);

    /// <summary>
    /// Entities in memory on all nodes that answer, ordered by id: of one kind unless null, behind <paramref name="after"/> unless null. One whose shard is moving
    /// may be on two nodes, or on none.
    /// </summary>
    /// <exception cref="EntityUnavailableException">No node answers.</exception>
    Task<IReadOnlyList<PlacedEntity>> LoadedAsync(string? kind, EntityId? after, int most, CancellationToken ct);

    /// <summary>Tells a node to hand all its shards to others in good order, or to stay after all. Returns when it has been told; safe to call again.</summary>
    /// <param name="node">Its name; it may be the one that is asked.</param>
    /// <exception cref="EntityUnavailableException">The node does not answer. It may have been told.</exception>
    Task<DrainOutcome> DrainAsync(string node, bool isLeaving, CancellationToken ct);
}

/// <param name="Nodes">Every one on the board.</param>
/// <param name="Shards">Every one.</param>
public sealed record ClusterState(ImmutableArray<NodeStatus> Nodes, ImmutableArray<ShardStatus> Shards);

/// <param name="SeenAt">When it was last heard of, UTC.</param>
/// <param name="Report">Null when it did not answer in time.</param>
public sealed record NodeStatus(string Name, NodeState State, DateTimeOffset SeenAt, NodeReport? Report);

public enum NodeState
{
    Up,
    /// <summary>It hands its shards over, and takes none.</summary>
    Leaving,
    /// <summary>Not heard of for some seconds.</summary>
    Silent,
}

/// <summary>What a node says of itself.</summary>
/// <param name="JournalQueue">Writes that wait for the journal.</param>
/// <param name="MarketQueue">Quotes that wait for the book.</param>
public sealed record NodeReport(EntityWork Work, int JournalQueue, int MarketQueue);

/// <param name="Owner">Who claimed <paramref name="Epoch"/>; empty while nobody has.</param>
/// <param name="Standby">Who is registered to take over; empty for nobody.</param>
/// <param name="Epoch">Rises with every change of owner.</param>
public sealed record ShardStatus(int Id, string Owner, string Standby, long Epoch);

/// <param name="Node">In whose memory it is.</param>
public sealed record PlacedEntity(string Node, LoadedEntity Entity);

public enum DrainOutcome
{
    Told,
    UnknownNode,
    /// <summary>No other node would take its shards; it has not been told.</summary>
    LastNode,
}

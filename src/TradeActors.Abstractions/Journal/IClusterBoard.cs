using System.Collections.Immutable;

namespace TradeActors.Abstractions.Journal;

/// <summary>Where the nodes of a cluster see each other: a table of nodes beside the shard rows, in the journal's database.</summary>
public interface IClusterBoard
{
    /// <summary>Says that this node lives, and reads the whole board in the same round trip. Every node does so once a second.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was written or read.</exception>
    Task<ClusterView> BeatAsync(NodeBeat beat, CancellationToken ct);
}

/// <param name="TakesShards">False while the node leaves, and while its clock is too far from the database's.</param>
/// <param name="StandsBy">
/// The shards for which it is registered and not the owner. It is taken off every other shard that names it as its standby, and put on these unless another node that
/// has been seen within six seconds is there.
/// </param>
public sealed record NodeBeat(string Node, bool TakesShards, ImmutableArray<int> StandsBy);

/// <param name="At">The database's clock.</param>
/// <param name="Shards">By number, every one.</param>
public sealed record ClusterView(DateTimeOffset At, ImmutableArray<NodeRow> Nodes, ImmutableArray<ShardRow> Shards);

/// <param name="SeenAt">Its last beat, by the database's clock.</param>
public sealed record NodeRow(string Node, DateTimeOffset SeenAt, bool TakesShards);

/// <param name="Owner">Who claimed <paramref name="Epoch"/>; empty before the first claim.</param>
/// <param name="Standby">Who is registered to take over; empty for nobody.</param>
public sealed record ShardRow(int Shard, long Epoch, string Owner, string Standby, long InboxLast);

using TradeActors.Abstractions.Journal;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Cluster;

/// <summary>Everything that can happen to a <see cref="ShardRegion"/>.</summary>
public abstract record RegionInput
{
    private RegionInput() { }

    /// <summary>Something for the entities that did not come by a shard's queue.</summary>
    public sealed record Local(CoreInput Input) : RegionInput;

    /// <summary>The queue has taken the registration as one of its consumers. It does not say whether it is the active one: the first delivery does.</summary>
    public sealed record Registered(int Shard, long Registration) : RegionInput;

    /// <summary>The registration is over: its channel or the connection is gone, or it could not be made.</summary>
    public sealed record Ended(int Shard, long Registration) : RegionInput;

    /// <param name="Input">With its tag; null for a nudge, which only asks whoever is active to claim the shard.</param>
    public sealed record Delivered(int Shard, long Registration, CoreInput? Input, long Tag) : RegionInput;

    /// <param name="Claim">Null when the shard could not be claimed.</param>
    public sealed record Claimed(int Shard, long Registration, ShardClaim? Claim) : RegionInput;

    /// <param name="Beat">The one that this is the answer to.</param>
    /// <param name="View">Null when the board could not be reached.</param>
    public sealed record BoardRead(long Beat, ClusterView? View) : RegionInput;

    /// <summary>The node shall leave in good order: its shards go to others, one hand-over after another.</summary>
    public sealed record Leave : RegionInput;

    /// <summary>The node stays after all.</summary>
    public sealed record Stay : RegionInput;

    /// <summary>Nothing but the time has changed. At least once a second.</summary>
    public sealed record Tick : RegionInput;
}

/// <summary>What a <see cref="ShardRegion"/> wants done, besides what its entities want. No call may block.</summary>
/// <remarks>Every shard has one queue, which gives its messages in order to one consumer at a time: the one that registered first of those that are left.</remarks>
public interface IRegionOutput : ICoreOutput
{
    /// <summary>Answer with <see cref="RegionInput.BoardRead"/>.</summary>
    void Beat(long number, NodeBeat beat);

    /// <summary>Answer with <see cref="RegionInput.Registered"/> or <see cref="RegionInput.Ended"/>.</summary>
    void Register(int shard, long registration);

    /// <summary>Ends a registration by closing its channel: what was delivered to it and not done goes to the next consumer, in order.</summary>
    void Close(int shard, long registration);

    /// <summary>Raise the shard's epoch for this node; answer with <see cref="RegionInput.Claimed"/>.</summary>
    void Claim(int shard, long registration);

    /// <summary>Put a message into the shard's queue that means nothing and lapses within a second.</summary>
    void Nudge(int shard);
}

/// <summary>Bounds and delays of a <see cref="ShardRegion"/>.</summary>
public sealed record RegionOptions
{
    /// <value>1 s.</value>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that has not come round, or has not seen the board, for this long may have lost its shards, and looks before it acts again.</summary>
    /// <value>5 s.</value>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A node that the board has not heard of for this long counts as gone when shards are planned.</summary>
    /// <value>6 s.</value>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The longest hand-over in good order; then the shard is given up as it is.</summary>
    /// <value>10 s.</value>
    public TimeSpan DrainAtMost { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A node whose clock is further than this from the database's takes no shards and is not ready (PROTOCOL 13).</summary>
    /// <value>1 s.</value>
    public TimeSpan SkewAtMost { get; init; } = TimeSpan.FromSeconds(1);
}

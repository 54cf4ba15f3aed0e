using System.Collections.Immutable;

namespace TradeActors.Runtime.Shell;

/// <summary>Something of the cluster that an operator may want to see in the log.</summary>
public abstract record ClusterNotice
{
    private ClusterNotice() { }

    /// <summary>Messages go to and come from the other nodes.</summary>
    public sealed record Connected : ClusterNotice;

    /// <summary>Told once; the transport tries again until it succeeds.</summary>
    public sealed record Disconnected(string Reason) : ClusterNotice;

    /// <summary>The board answers again.</summary>
    public sealed record BoardFound : ClusterNotice;

    /// <summary>Told once; it is asked again every second. After the lease this node does nothing more until it answers.</summary>
    public sealed record BoardLost(Exception Error) : ClusterNotice;

    /// <param name="Owned">Shards that this node writes now, as far as it knows.</param>
    public sealed record Owns(int Owned, int OfAll) : ClusterNotice;

    /// <summary>It is tried again at the next delivery.</summary>
    public sealed record ClaimFailed(ImmutableArray<int> Shards, Exception Error) : ClusterNotice;

    /// <summary>The message is dropped; whoever needs it done sends it again.</summary>
    public sealed record NotUnderstood(string MessageType, Exception Error) : ClusterNotice;
}

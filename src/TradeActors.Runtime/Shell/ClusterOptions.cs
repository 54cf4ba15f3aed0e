using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Transport;
using TradeActors.Runtime.Cluster;

namespace TradeActors.Runtime.Shell;

/// <summary>What a node needs to be one of several.</summary>
public sealed record ClusterOptions
{
    public required IClusterBoard Board { get; init; }

    /// <summary>Begins to connect, and tells what happens to the events that it is given. Called once, at the start.</summary>
    public required Func<ITransportEvents, INodeTransport> Connect { get; init; }

    /// <summary>Differs for every start of the process, on any machine: letters and digits.</summary>
    public required string Life { get; init; }

    public RegionOptions Region { get; init; } = new();

    public RouterOptions Router { get; init; } = new();

    /// <summary>A node that leaves waits no longer than this for others to take its shards.</summary>
    /// <value>12 s.</value>
    public TimeSpan LeaveWithin { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>The longest wait for another node's answer about itself.</summary>
    /// <value>2 s.</value>
    public TimeSpan CallWithin { get; init; } = TimeSpan.FromSeconds(2);
}

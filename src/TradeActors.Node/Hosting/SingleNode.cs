using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Api.Operators;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Shell;

namespace TradeActors.Node.Hosting;

/// <summary>The cluster that one process is: all shards are its own, and nobody could take them over.</summary>
internal sealed class SingleNode(EntityNode entities, Func<int> journalQueue, Func<int> marketQueue, TimeProvider time) : IClusterStatus
{
    public string NodeName => entities.NodeName;

    public int ShardCount => entities.ShardCount;

    public ImmutableArray<string> Kinds => entities.Kinds;

    public async Task<ClusterState> StateAsync(CancellationToken ct)
    {
        var report = new NodeReport(await entities.WorkAsync(ct), journalQueue(), marketQueue());
        return new ClusterState(
            [new NodeStatus(NodeName, NodeState.Up, time.GetUtcNow(), report)],
            [.. entities.Epochs.Select((epoch, shard) => new ShardStatus(shard, NodeName, Standby: "", epoch))]);
    }

    public async Task<IReadOnlyList<PlacedEntity>> LoadedAsync(string? kind, EntityId? after, int most, CancellationToken ct) =>
        [.. (await entities.LoadedAsync(kind, after, most, ct)).Select(entity => new PlacedEntity(NodeName, entity))];

    public Task<DrainOutcome> DrainAsync(string node, bool isLeaving, CancellationToken ct) => Task.FromResult(
        node != NodeName ? DrainOutcome.UnknownNode : isLeaving ? DrainOutcome.LastNode : DrainOutcome.Told);
}

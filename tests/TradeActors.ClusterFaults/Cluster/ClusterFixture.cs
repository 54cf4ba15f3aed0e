using Xunit;

namespace TradeActors.ClusterFaults.Cluster;

/// <summary>Alone on the machine: three nodes and two servers want all of it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "Cluster";
}

/// <summary>One cluster for all scenarios. A scenario that fails may leave it in any state, so the next one gets a new one.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private TradingCluster? _cluster;

    public Task InitializeAsync() => Task.CompletedTask; // Started by the first that needs it, so that a failure is that test's own.

    /// <summary>The cluster, whole and even.</summary>
    internal async Task<TradingCluster> TakeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.WholeAsync();
            return cluster;
        }

        return _cluster = await TradingCluster.StartAsync();
    }

    internal async Task DiscardAsync()
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            await cluster.DisposeAsync();
        }
    }

    public Task DisposeAsync() => DiscardAsync();
}

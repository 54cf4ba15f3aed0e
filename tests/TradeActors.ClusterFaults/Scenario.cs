using System.Diagnostics;
using TradeActors.ClusterFaults.Cluster;
using TradeActors.Ledger.Processes;
using TradeActors.Ledger.World;

namespace TradeActors.ClusterFaults;

/// <summary>One play of one scenario: the clients run while it breaks things, and its times come from the seed.</summary>
/// <param name="sending">The clients. When one gives up, so does the scenario.</param>
internal sealed class Scenario(TradingCluster cluster, TradingWorld world, Random random, Task sending)
{
    private static readonly TimeSpan LoadDeadline = TimeSpan.FromSeconds(90);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<string> _timeline = [];

    public TradingCluster Cluster => cluster;

    public Random Random => random;

    public string Timeline
    {
        get
        {
            lock (_timeline)
            {
                return string.Join('\n', _timeline);
            }
        }
    }

    /// <summary>Adds a line to what is printed when the scenario fails.</summary>
    public void Note(string what)
    {
        lock (_timeline)
        {
            _timeline.Add($"{_watch.Elapsed.TotalSeconds,7:0.000} s  {what} ({world.Ledger.Count} acknowledged)");
        }
    }

    public ClusterNode AnyNode() => cluster.Nodes[random.Next(cluster.Nodes.Count)];

    /// <summary>Lets the load run for as long as a fault lasts, or until its random moment. Nothing is waited for here.</summary>
    public Task PauseAsync(int fromMilliseconds, int toMilliseconds) => ForAsync(TimeSpan.FromMilliseconds(random.Next(fromMilliseconds, toMilliseconds)));

    public async Task ForAsync(TimeSpan time)
    {
        await Task.WhenAny(sending, Task.Delay(time));
        if (sending.IsCompleted)
        {
            await sending; // A client has failed, which is thrown here.
            throw new InvalidOperationException("The clients have ended before the scenario.");
        }
    }

    /// <summary>Waits until so many more signals are acknowledged: the load is going on.</summary>
    public Task AcknowledgedAsync(int more)
    {
        var target = world.Ledger.Count + more;
        return Until.ReachedAsync($"{target} signals acknowledged", LoadDeadline, async () =>
        {
            await ForAsync(TimeSpan.FromMilliseconds(1));
            return world.Ledger.Count >= target ? null : $"{world.Ledger.Count}";
        });
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using TradeActors.ClusterFaults.Cluster;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.World;
using TradeActors.Servers.Proxy;
using Xunit;
using Xunit.Abstractions;

namespace TradeActors.ClusterFaults;

/// <summary>
/// Breaks a real cluster under load in every way that an operator will meet, heals it, and then checks every acknowledgement that a client holds against
/// every account. Seeds and the long form: docs/cluster-faults.md.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class FaultTests(ClusterFixture fixture, ITestOutputHelper output)
{
    /// <summary>A sender of webhooks gives up after this.</summary>
    private static readonly TimeSpan WebhookLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(30);

    [Fact]
    public Task Node_killed_and_started_again() => PlayAsync(1, async scenario =>
    {
        for (var kill = 0; kill < 3; kill++)
        {
            await scenario.PauseAsync(500, 3_000);
            var node = scenario.AnyNode();
            Kill(scenario, node);
            await scenario.PauseAsync(0, 10_000);
            await StartAsync(scenario, node);
        }
    });

    [Fact]
    public Task Node_frozen_for_half_a_minute_does_nothing_with_what_it_owned() => PlayAsync(2, async scenario =>
    {
        await scenario.PauseAsync(500, 3_000);
        var node = scenario.AnyNode();
        scenario.Note($"SIGSTOP {node}");
        node.Process.Stop();
        await scenario.ForAsync(Frozen);
        scenario.Note($"SIGCONT {node}");
        node.Process.Continue();
        await scenario.AcknowledgedAsync(20);
    });

    [Fact]
    public Task Broker_killed_and_replaced_by_an_empty_one() => PlayAsync(3, async scenario =>
    {
        await scenario.PauseAsync(500, 3_000);
        scenario.Note("SIGKILL RabbitMQ");
        await scenario.Cluster.Broker.KillAsync();
        await scenario.PauseAsync(0, 5_000);
        await scenario.Cluster.Broker.StartAgainEmptyAsync(CancellationToken.None);
        scenario.Note("RabbitMQ is up, empty");
        await scenario.AcknowledgedAsync(20);
    });

    [Fact]
    public Task Database_killed_and_started_again() => PlayAsync(
        4, async scenario =>
        {
            for (var kill = 0; kill < 2; kill++)
            {
                await scenario.PauseAsync(500, 3_000);
                scenario.Note("SIGQUIT PostgreSQL");
                await scenario.Cluster.Store.KillAsync();
                await scenario.PauseAsync(0, 8_000);
                await scenario.Cluster.Store.StartAgainAsync(CancellationToken.None);
                scenario.Note("PostgreSQL is up");
                await scenario.AcknowledgedAsync(20);
            }
        },
        mayRefuse: true); // Nothing can be made durable meanwhile.

    [Fact]
    public Task Node_cut_off_from_one_server_or_both() => PlayAsync(5, async scenario =>
    {
        (string What, Func<ClusterNode, TcpProxy[]> Wires)[] cuts =
            [("RabbitMQ", node => [node.Broker]), ("PostgreSQL", node => [node.Store]), ("both servers", node => [node.Broker, node.Store])];
        foreach (var (what, wires) in cuts)
        {
            await scenario.PauseAsync(500, 2_000);
            var node = scenario.AnyNode();
            var isSilent = scenario.Random.Next(2) == 0;
            scenario.Note($"{node} {(isSilent ? "hears nothing of" : "is refused by")} {what}");
            Array.ForEach(wires(node), wire => Lose(wire, isSilent));
            await scenario.PauseAsync(8_000, 16_000);
            Array.ForEach(wires(node), wire => wire.Heal());
            scenario.Note($"{node} has its wires again");
            await node.Process.ReadyAsync();
        }
    });

    [Fact]
    public Task Rolling_restart_fails_no_webhook() => PlayAsync(6, async scenario =>
    {
        foreach (var node in scenario.Cluster.Nodes)
        {
            await scenario.PauseAsync(500, 2_000);
            await TerminateAsync(scenario, node);
            await StartAsync(scenario, node);
        }
    });

    [Fact]
    public Task Node_that_joins_gets_its_share() => PlayAsync(
        7, async scenario =>
        {
            await scenario.PauseAsync(500, 2_000);
            await StartAsync(scenario, scenario.Cluster.Nodes[2]);
            await scenario.Cluster.EvenAsync();
            scenario.Note("even");
        },
        async cluster =>
        {
            await cluster.Nodes[2].Process.TerminateAsync(StopLimit);
            await cluster.EvenAsync(cluster.Nodes[0], cluster.Nodes[1]);
        });

    [Fact]
    public Task Two_nodes_killed_at_once() => PlayAsync(8, async scenario =>
    {
        await scenario.PauseAsync(500, 3_000);
        var survivor = scenario.AnyNode();
        var others = scenario.Cluster.Nodes.Where(node => node != survivor).ToArray();
        Array.ForEach(others, node => Kill(scenario, node));
        await scenario.PauseAsync(2_000, 10_000);
        foreach (var node in others)
        {
            await StartAsync(scenario, node);
        }
    });

    [Fact]
    public Task Drained_node_stays_up_without_shards_and_comes_back() => PlayAsync(9, async scenario =>
    {
        await scenario.PauseAsync(500, 2_000);
        var cluster = scenario.Cluster;
        var node = scenario.AnyNode();
        scenario.Note($"drain {node}");
        await cluster.Operator.PostAsync($"/api/v1/cluster/nodes/{node}/drain");
        await cluster.ReachedAsync($"{node} leaving with no shard", view =>
            view["nodes"]!.AsArray().Any(shown => shown!.Text("name") == node.Name && shown!.Text("state") == "leaving")
            && view["shards"]!.AsArray().All(shard => shard!.Text("node") is { Length: > 0 } owner && owner != node.Name));
        scenario.Note($"{node} has none");
        await node.Process.ReadyAsync(); // It is still a front door.
        await scenario.AcknowledgedAsync(30);
        scenario.Note($"{node} is to stay");
        using var reply = await cluster.Operator.DeleteAsync($"/api/v1/cluster/nodes/{node}/drain");
        reply.EnsureSuccessStatusCode();
        await cluster.EvenAsync();
    });

    /// <summary>Runs the clients of a new tenant through the faults, heals, settles and checks; as many times as the settings say.</summary>
    /// <param name="number">Of the scenario: its seed's second half.</param>
    /// <param name="before">What must be so before the clients start.</param>
    /// <param name="mayRefuse">Whether webhooks may fail for a while. Else every one is taken by some node within its sender's time.</param>
    private async Task PlayAsync(
        int number, Func<Scenario, Task> faults, Func<TradingCluster, Task>? before = null, bool mayRefuse = false,
        [CallerMemberName] string name = "")
    {
        for (var round = 0; round < FaultSettings.Rounds; round++)
        {
            try
            {
                var title = $"{name}, seed {FaultSettings.Seed}, round {round + 1}";
                await PlayOnceAsync(title, $"s{number}-{round}", number + (100 * round), faults, before, mayRefuse);
            }
            catch
            {
                await fixture.DiscardAsync();
                throw;
            }
        }
    }

    private async Task PlayOnceAsync(
        string title, string tenant, int number, Func<Scenario, Task> faults, Func<TradingCluster, Task>? before, bool mayRefuse)
    {
        var cluster = await fixture.TakeAsync();
        if (before is not null)
        {
            await before(cluster);
        }

        var seed = (FaultSettings.Seed * 10_000) + number;
        using var world = new TradingWorld(cluster.Door, seed, PlanOf(tenant), cluster.Operator);
        await world.SetUpAsync();
        var watch = Stopwatch.StartNew();
        var (sending, market) = world.Run();
        var scenario = new Scenario(cluster, world, new Random(seed), sending);
        var checks = new LedgerChecks(world, cluster.OpenStore);
        try
        {
            await scenario.AcknowledgedAsync(30);
            await faults(scenario);
            await cluster.WholeAsync();
            scenario.Note("whole");
            await scenario.AcknowledgedAsync(30);
            world.StopSending();
            await sending;
            await checks.SettleAsync(cluster.LagAsync);
            scenario.Note("settled");
            await checks.CheckAsync();
            world.StopMarket();
            await market;
            checks.CheckStore();
            Assert.All(cluster.Nodes, node => Assert.DoesNotContain("crit:", node.Process.Output, StringComparison.Ordinal));
            CheckWebhooks(world, mayRefuse);
            Say($"{title}: {watch.Elapsed.TotalSeconds:0} s, {Took(world)}.\n{scenario.Timeline}\n{checks.Summary}");
        }
        catch
        {
            Say($"{title} failed after {watch.Elapsed.TotalSeconds:0} s, {Took(world)}.\n{scenario.Timeline}\n{cluster.Logs()}");
            world.StopSending();
            world.StopMarket();
            throw;
        }
    }

    private static WorldPlan PlanOf(string tenant) => new()
    {
        Tenant = tenant,
        MoreAccounts = 7,
        SendersPerRecorder = 1,
        SignalPause = (150, 350),
        OrderPause = (300, 900),
        QuotePauseMs = 300,
        ToleratesAge = true,
    };

    private static void CheckWebhooks(TradingWorld world, bool mayRefuse)
    {
        var late = world.Ledger.Where(entry => entry.Took > WebhookLimit).ToArray();
        Assert.True(
            mayRefuse || late.Length == 0,
            $"{late.Length} webhooks were taken by no node within {WebhookLimit.TotalSeconds:0} s: "
            + string.Join(", ", late.Take(5).Select(entry => $"{entry.Signal.Text} after {entry.Took.TotalSeconds:0.0} s")));
    }

    /// <summary>How long senders waited, over all deliveries that a signal took.</summary>
    private static string Took(TradingWorld world)
    {
        var times = world.Ledger.Select(entry => entry.Took.TotalMilliseconds).Order().ToArray();
        return times.Length == 0 ? "no webhook was answered"
            : $"{world.Attempts} deliveries of {times.Length} webhooks, answered after {times[times.Length / 2]:0} ms (median), {times[^1]:0} ms at most";
    }

    private static void Lose(TcpProxy wire, bool isSilent)
    {
        if (isSilent)
        {
            wire.Cut();
        }
        else
        {
            wire.Break();
        }
    }

    private static void Kill(Scenario scenario, ClusterNode node)
    {
        scenario.Note($"SIGKILL {node}");
        node.Process.Kill();
    }

    private static async Task StartAsync(Scenario scenario, ClusterNode node)
    {
        scenario.Note($"start {node}");
        await node.Process.StartReadyAsync();
        scenario.Note($"{node} is ready");
    }

    private static async Task TerminateAsync(Scenario scenario, ClusterNode node)
    {
        scenario.Note($"SIGTERM {node}");
        var (code, took) = await node.Process.TerminateAsync(StopLimit);
        scenario.Note($"{node} has ended with {code} after {took.TotalSeconds:0.0} s");
        Assert.Equal(0, code);
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}

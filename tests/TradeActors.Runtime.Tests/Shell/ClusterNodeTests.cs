using System.Collections.Concurrent;
using System.Text;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Tests.Core;
using TradeActors.Servers.Postgres;
using TradeActors.Servers.Processes;
using TradeActors.Servers.Proxy;
using TradeActors.Servers.RabbitMq;
using Xunit;

namespace TradeActors.Runtime.Tests.Shell;

/// <summary>Nodes with the real region, router, journal and transport. What a killed process does is tested with real processes.</summary>
public sealed class ClusterNodeTests(PostgresFixture postgres, RabbitMqFixture rabbit) : IClassFixture<PostgresFixture>, IClassFixture<RabbitMqFixture>
{
    private const int Ledgers = 40;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Nodes_share_the_shards_evenly_and_any_of_them_reaches_any_entity()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        TestClusterNode[] nodes = [await cluster.StartAsync("n1"), await cluster.StartAsync("n2"), await cluster.StartAsync("n3")];
        await UntilAsync(() => nodes.All(node => node.Owned.Count == TestCluster.Shards / 3), () => Shares(nodes));
        Assert.All(nodes, node => Assert.True(node.Node.IsReady));
        await UntilAsync(
            () => nodes[0].Node.View!.Shards.All(row => row.Standby.Length > 0 && row.Standby != row.Owner), () => string.Join(", ", nodes[0].Node.View!.Shards));

        for (var i = 0; i < Ledgers; i++)
        {
            Assert.Equal(new TotalIs(i, false), await nodes[i % 3].Node.AskAsync(Ledger(i), new Put("first", i), CancellationToken.None));
            Assert.Equal(new TotalIs(i, true), await nodes[(i + 1) % 3].Node.AskAsync(Ledger(i), new Put("first", i), CancellationToken.None));
        }
    }

    /// <summary>docs/metrics.md lists both as of clusters only, so that its test against a single process leaves them out.</summary>
    [Fact]
    public async Task Gauges_show_the_shards_of_each_node_and_whether_it_is_connected()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        TestClusterNode[] nodes = [await cluster.StartAsync("n1"), await cluster.StartAsync("n2")];
        await UntilAsync(() => nodes.All(node => node.Owned.Count == TestCluster.Shards / 2), () => Shares(nodes));
        Assert.All(nodes, node => Assert.Equal(
            [("tradeactors.cluster.connected", 1), ("tradeactors.cluster.shards", TestCluster.Shards / 2)], node.Gauges("tradeactors.cluster.")));
    }

    [Fact]
    public async Task Question_that_is_out_when_its_node_stops_ends_with_it()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        await using var proxy = TcpProxy.Start("127.0.0.1", rabbit.Server.Port);
        var (cut, whole) = (await cluster.StartAsync("n1", proxy.Port), await cluster.StartAsync("n2"));
        await UntilAsync(() => whole.Owned.Count == TestCluster.Shards / 2 && cut.Owned.Count == TestCluster.Shards / 2, () => Shares(cut, whole));
        var elsewhere = Enumerable.Range(0, Ledgers).First(i => whole.Owned.Contains(Ledger(i).ShardHash(TestCluster.Shards)));
        proxy.Cut();
        var question = cut.Node.AskAsync(Ledger(elsewhere), new GetTotal(), CancellationToken.None);
        await cut.DisposeAsync();
        var error = await Assert.ThrowsAsync<EntityUnavailableException>(() => question);
        Assert.Equal("This node has stopped.", error.Message);
    }

    [Fact]
    public async Task Entities_on_different_nodes_send_and_fan_out_to_each_other_exactly_once()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        TestClusterNode[] nodes = [await cluster.StartAsync("n1"), await cluster.StartAsync("n2")];
        await UntilAsync(() => nodes.All(node => node.Owned.Count == TestCluster.Shards / 2), () => Shares(nodes));

        await Task.WhenAll(Enumerable.Range(1, Ledgers - 1).Select(i => nodes[i % 2].Node.AskAsync(Ledger(0), new Pay($"pay {i}", Ledger(i), i), CancellationToken.None)));
        await nodes[0].Node.AskAsync(Ledger(0), new Tell([.. Enumerable.Range(1, Ledgers - 1).Select(Ledger)], 100), CancellationToken.None);
        for (var i = 1; i < Ledgers; i++)
        {
            await UntilTotalAsync(nodes[i % 2], i, 100 + i);
        }

        Assert.All(nodes, node => Assert.False(node.Node.Completion.IsCompleted));
    }

    [Fact]
    public async Task Node_that_leaves_hands_everything_over_and_its_door_goes_on()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        var (staying, leaving) = (await cluster.StartAsync("n1"), await cluster.StartAsync("n2"));
        await UntilAsync(() => leaving.Owned.Count == TestCluster.Shards / 2, () => Shares(staying, leaving));
        for (var i = 0; i < Ledgers; i++)
        {
            await leaving.Node.AskAsync(Ledger(i), new Put("before", 1), CancellationToken.None);
        }

        await leaving.Node.LeaveAsync();
        Assert.False(leaving.Node.IsReady);
        for (var i = 0; i < Ledgers; i++)
        {
            Assert.Equal(new TotalIs(3, false), await leaving.Node.AskAsync(Ledger(i), new Put("after", 2), CancellationToken.None));
        }

        await UntilAsync(() => staying.Owned.Count == TestCluster.Shards && leaving.Owned.Count == 0, () => Shares(staying, leaving));
        leaving.Node.Stay();
        await UntilAsync(() => leaving.Owned.Count == TestCluster.Shards / 2, () => Shares(staying, leaving));
    }

    [Fact]
    public async Task Node_that_is_stopped_is_replaced_and_nothing_is_lost()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        var (staying, stopped) = (await cluster.StartAsync("n1"), await cluster.StartAsync("n2"));
        await UntilAsync(() => stopped.Owned.Count == TestCluster.Shards / 2, () => Shares(staying, stopped));
        for (var i = 0; i < Ledgers; i++)
        {
            await staying.Node.AskAsync(Ledger(i), new Put("before", 1), CancellationToken.None);
        }

        await stopped.DisposeAsync(); // Without a word to anybody.
        for (var i = 0; i < Ledgers; i++)
        {
            Assert.Equal(new TotalIs(3, false), await staying.Node.AskAsync(Ledger(i), new Put("after", 2), CancellationToken.None));
        }
    }

    [Fact]
    public async Task Without_the_message_broker_messages_are_left_in_the_inbox_and_judged_once_it_is_back()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        await using var proxy = TcpProxy.Start("127.0.0.1", rabbit.Server.Port);
        var (cut, whole) = (await cluster.StartAsync("n1", proxy.Port), await cluster.StartAsync("n2"));
        await UntilAsync(() => whole.Owned.Count == TestCluster.Shards / 2 && cut.Owned.Count == TestCluster.Shards / 2, () => Shares(cut, whole));
        var elsewhere = Enumerable.Range(0, Ledgers).First(i => whole.Owned.Contains(Ledger(i).ShardHash(TestCluster.Shards)));

        proxy.Break();
        await UntilAsync(() => !cut.Node.IsConnected, () => "still connected");
        Assert.Equal(new LeftInInbox("left"), await cut.Node.AskOrLeaveAsync(Ledger(elsewhere), new Put("left", 5), "left", CancellationToken.None));
        await UntilTotalAsync(whole, elsewhere, 5); // Its owner reads it in the database.
        proxy.Heal();
        await UntilAsync(() => cut.Node.IsConnected, () => cut.Node.Disconnected ?? "");
        await UntilTotalAsync(cut, elsewhere, 5);
    }

    [Fact]
    public async Task Commits_are_announced_to_those_who_watch_on_other_nodes()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        TestClusterNode[] nodes = [await cluster.StartAsync("n1"), await cluster.StartAsync("n2")];
        await UntilAsync(() => nodes.All(node => node.Owned.Count == TestCluster.Shards / 2), () => Shares(nodes));
        var seen = new ConcurrentDictionary<(string Node, string Ledger), long>();
        foreach (var node in nodes)
        {
            for (var i = 0; i < Ledgers; i++)
            {
                var id = Ledger(i);
                node.Node.Watch(id, seq => seen[(node.Node.NodeName, id.Key)] = seq);
            }
        }

        for (var i = 0; i < Ledgers; i++)
        {
            await nodes[0].Node.AskAsync(Ledger(i), new Put("x", 1), CancellationToken.None);
        }

        await UntilAsync(() => seen.Count(pair => pair.Value == 1) == 2 * Ledgers, () => $"{seen.Count} were told");
    }

    [Fact]
    public async Task Nodes_ask_each_other_and_share_with_all()
    {
        await using var cluster = await TestCluster.CreateAsync(postgres, rabbit);
        var (asking, asked) = (await cluster.StartAsync("n1"), await cluster.StartAsync("n2"));
        var shared = new ConcurrentQueue<string>();
        asked.Node.Calls.OnCall = question => Task.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes($"re: {Text(question)}"));
        asked.Node.Calls.OnShared = what => shared.Enqueue(Text(what));
        await UntilAsync(() => asking.Node.IsConnected && asked.Node.IsConnected, () => "not connected");

        Assert.Equal("re: how are you", Text((await asking.Node.Calls.AskAsync("n2", "how are you"u8.ToArray(), CancellationToken.None))!.Value));
        Assert.Null(await asking.Node.Calls.AskAsync("n3", "is anybody there"u8.ToArray(), CancellationToken.None));
        asking.Node.Calls.ShareWithAll("news"u8.ToArray());
        await UntilAsync(() => shared.SequenceEqual(["news"]), () => $"{shared.Count} were shared");
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static EntityId Ledger(int number) => new("t", LedgerBehavior.KindName, $"l{number}");

    private static string Shares(params TestClusterNode[] nodes) => string.Join(", ", nodes.Select(node => $"{node.Node.NodeName} owns {node.Owned.Count}"));

    private static async Task UntilTotalAsync(TestClusterNode node, int ledger, int total)
    {
        var last = -1;
        await UntilAsync(
            async () => (last = ((TotalIs)await node.Node.AskAsync(Ledger(ledger), new GetTotal(), CancellationToken.None)).Total) == total,
            () => $"ledger {ledger} has {last}, not {total}");
    }

    private static Task UntilAsync(Func<bool> isReached, Func<string> state) => UntilAsync(() => Task.FromResult(isReached()), state);

    private static async Task UntilAsync(Func<Task<bool>> isReachedAsync, Func<string> state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isReachedAsync())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, state());
            await Task.Delay(50);
        }
    }
}

using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Entities;
using TradeActors.Api.Operators;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Api.Tests.Operators;

[Collection(Shared.Name)]
public sealed class ClusterTests(SharedNode shared)
{
    [Fact]
    public async Task The_operator_sees_nodes_shards_lag_and_parked_messages()
    {
        await Given.AccountAsync(await shared.Node.NewTenantAsync());
        var cluster = (await shared.Operator.GetAsync("/api/v1/cluster")).Is(200).Json;
        Shape.Is(cluster, "nodes:array shards:array parked:object");
        var node = Assert.Single(cluster.List("nodes"));
        Shape.Is(node, "name:string state:string shards:integer entities:integer entitiesByKind:object lag:object seenAt:time");
        Shape.Is(
            node.GetProperty("lag"),
            "waitingMessages:integer storingMessages:integer unacknowledgedSends:integer openFanOuts:integer "
            + "oldestOverdueSeconds:number? journalQueue:integer marketQueue:integer");
        Assert.Equal(("test", "up", 8), (node.Text("name"), node.Text("state"), node.GetProperty("shards").GetInt32()));
        Assert.InRange(node.GetProperty("entitiesByKind").GetProperty("account").GetInt32(), 1, node.GetProperty("entities").GetInt32());
        Assert.Equal(Enumerable.Range(0, 8), cluster.List("shards").Select(shard => shard.GetProperty("id").GetInt32()));
        Assert.All(cluster.List("shards"), shard => Shape.Is(shard, "id:integer node:string epoch:integer"));
        Assert.All(cluster.List("shards"), shard => Assert.Equal(("test", 1), (shard.Text("node"), shard.GetProperty("epoch").GetInt32())));
        Shape.Is(cluster.GetProperty("parked"), "count:integer latest:array");
        Assert.Equal(0, cluster.GetProperty("parked").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task The_operator_sees_the_entities_in_memory_page_by_page()
    {
        var client = await shared.Node.NewTenantAsync();
        string[] accounts = [await Given.AccountAsync(client), await Given.AccountAsync(client), await Given.AccountAsync(client)];
        var (seen, next) = (new List<string>(), "");
        do
        {
            var page = (await shared.Operator.GetAsync($"/api/v1/cluster/entities?kind=account&limit=2{next}")).Is(200);
            Assert.InRange(page.Items.Length, 1, 2);
            Assert.All(page.Items, item => Shape.Is(
                item,
                "id:string tenant:string kind:string key:string shard:integer node:string phase:string sequence:integer waiting:integer storing:integer "
                + "unacknowledged:integer fanOuts:integer effects:integer timers:integer overdueSince:time? lastUsed:time"));
            Assert.All(page.Items, item => Assert.Equal("account", item.Text("kind")));
            seen.AddRange(page.Items.Where(item => item.Text("tenant") == client.TenantId).Select(item => item.Text("key")));
            next = page.Json.Text("next") is { } after ? $"&after={after}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(accounts.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task What_no_entity_can_be_found_by_is_refused_by_name()
    {
        (await shared.Operator.GetAsync("/api/v1/cluster/entities?kind=planet")).Invalid("kind");
        (await shared.Operator.GetAsync("/api/v1/cluster/entities?after=x")).Invalid("after");
        (await shared.Operator.GetAsync("/api/v1/cluster/entities?after=MC9vMQ")).Invalid("after"); // A cursor of orders.
        (await shared.Operator.GetAsync("/api/v1/cluster/entities?tenant=t")).Invalid("tenant");
        (await (await shared.Node.NewTenantAsync()).GetAsync("/api/v1/cluster/entities")).Problem(403, "forbidden");
    }

    [Fact]
    public async Task A_single_node_cannot_leave_and_may_be_told_to_stay()
    {
        (await shared.Operator.PostAsync("/api/v1/cluster/nodes/test/drain")).Problem(409, "last-node");
        (await shared.Operator.PostAsync("/api/v1/cluster/nodes/other/drain")).Problem(404, "not-found");
        (await shared.Operator.DeleteAsync("/api/v1/cluster/nodes/other/drain")).Problem(404, "not-found");
        var stays = (await shared.Operator.DeleteAsync("/api/v1/cluster/nodes/test/drain")).Is(202).Json;
        Shape.Is(stays, "name:string leaving:bool");
        Assert.Equal(("test", false), (stays.Text("name"), stays.GetProperty("leaving").GetBoolean()));
        var log = (await shared.Operator.GetAsync("/api/v1/audit")).Is(200).Items.Take(4).Select(row =>
            $"{row.Text("action")} {row.Text("target")} {row.GetProperty("status")} {(row.TryGetProperty("reason", out var reason) ? reason : "")}");
        Assert.Equal(
            [
                "DELETE /api/v1/cluster/nodes/{name}/drain name=test 202 ", "DELETE /api/v1/cluster/nodes/{name}/drain name=other 404 NotFound",
                "POST /api/v1/cluster/nodes/{name}/drain name=other 404 NotFound", "POST /api/v1/cluster/nodes/{name}/drain name=test 409 LastNode",
            ],
            log);
    }

    [Fact]
    public async Task Every_node_is_shown_with_what_is_known_of_it()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, new FakeCluster());
        var cluster = (await (await node.NewTenantAsync()).GetAsync("/api/v1/cluster")).Is(200).Json;
        var nodes = cluster.List("nodes");
        Assert.Equal(
            ["a up 2", "b leaving 1", "c silent 0"],
            nodes.Select(seen => $"{seen.Text("name")} {seen.Text("state")} {seen.GetProperty("shards")}"));
        Assert.Equal(3, nodes[0].GetProperty("entities").GetInt32());
        Assert.Equal(1, nodes[0].GetProperty("entitiesByKind").GetProperty("recorder").GetInt32());
        Assert.Equal(
            [7, 8, 9, 10, 5, 6],
            ((string[])["waitingMessages", "storingMessages", "unacknowledgedSends", "openFanOuts", "journalQueue", "marketQueue"])
                .Select(member => nodes[0].GetProperty("lag").GetProperty(member).GetInt32()));
        Assert.InRange(nodes[0].GetProperty("lag").Number("oldestOverdueSeconds"), 60m, 600m);
        Assert.False(nodes[1].GetProperty("lag").Has("oldestOverdueSeconds"));
        Shape.Is(nodes[2], "name:string state:string shards:integer seenAt:time"); // It did not answer.
        Assert.Equal(
            ["0 a b 4", "1 a - 2", "2 b a 9", "3  - 0"],
            cluster.List("shards").Select(shard =>
                $"{shard.GetProperty("id")} {shard.Text("node")} {(shard.Has("standby") ? shard.Text("standby") : "-")} {shard.GetProperty("epoch")}"));
    }

    [Fact]
    public async Task The_entities_of_all_nodes_are_one_list()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, new FakeCluster());
        var client = await node.NewTenantAsync();
        var (seen, next) = (new List<string>(), "");
        do
        {
            var page = (await client.GetAsync($"/api/v1/cluster/entities?limit=2{next}")).Is(200);
            seen.AddRange(page.Items.Select(item => $"{item.Text("key")} {item.Text("node")}"));
            next = page.Json.Text("next") is { } after ? $"&after={after}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(["1 a", "2 b", "3 a", "4 b", "5 a"], seen);
    }

    [Fact]
    public async Task A_node_is_told_to_leave_and_to_stay()
    {
        using var data = new TempData();
        var cluster = new FakeCluster();
        await using var node = await StartAsync(data, cluster);
        var client = await node.NewTenantAsync();
        var leaves = (await client.PostAsync("/api/v1/cluster/nodes/b/drain")).Is(202);
        Assert.Equal("/api/v1/cluster", leaves.Location);
        Assert.Equal(("b", true), (leaves.Json.Text("name"), leaves.Json.GetProperty("leaving").GetBoolean()));
        (await client.PostAsync("/api/v1/cluster/nodes/a/drain")).Problem(409, "last-node");
        (await client.DeleteAsync("/api/v1/cluster/nodes/b/drain")).Is(202);
        (await client.PostAsync("/api/v1/cluster/nodes/c/drain")).Problem(503, "unavailable");
        Assert.Equal(["b leaves", "b stays"], cluster.Told);
        (await (await node.NewTenantAsync()).PostAsync("/api/v1/cluster/nodes/b/drain")).Problem(403, "forbidden");
    }

    private static Task<TestNode> StartAsync(TempData data, FakeCluster cluster) =>
        TestNode.StartAsync(data.Path, build: builder => builder.Services.AddSingleton<IClusterStatus>(cluster));

    /// <summary>Three nodes: one is up, one leaves and one is silent; and a shard that nobody owns yet.</summary>
    private sealed class FakeCluster : IClusterStatus
    {
        public List<string> Told { get; } = [];

        public string NodeName => "a";

        public int ShardCount => 4;

        public ImmutableArray<string> Kinds => ["account", "recorder"];

        public Task<ClusterState> StateAsync(CancellationToken ct)
        {
            var now = DateTimeOffset.UtcNow;
            var kinds = new Dictionary<string, int> { ["account"] = 2, ["recorder"] = 1 };
            return Task.FromResult(new ClusterState(
                [
                    new NodeStatus("c", NodeState.Silent, now.AddMinutes(-1), null),
                    new NodeStatus("a", NodeState.Up, now, new NodeReport(new EntityWork(kinds, 7, 8, 9, 10, now.AddMinutes(-1)), 5, 6)),
                    new NodeStatus("b", NodeState.Leaving, now, new NodeReport(new EntityWork(kinds, 0, 0, 0, 0, null), 0, 0)),
                ],
                [new ShardStatus(0, "a", "b", 4), new ShardStatus(1, "a", "", 2), new ShardStatus(2, "b", "a", 9), new ShardStatus(3, "", "", 0)]));
        }

        public Task<IReadOnlyList<PlacedEntity>> LoadedAsync(string? kind, EntityId? after, int most, CancellationToken ct) => Task.FromResult<IReadOnlyList<PlacedEntity>>(
            [
                .. Enumerable.Range(1, 5)
                    .Select(key => new LoadedEntity(new EntityId("t", "account", $"{key}"), 0, "active", 1, 0, 0, 0, 0, 0, 0, null, DateTimeOffset.UnixEpoch))
                    .Where(entity => after is not { } last || entity.Id.CompareTo(last) > 0)
                    .Take(most)
                    .Select(entity => new PlacedEntity(entity.Id.Key is "2" or "4" ? "b" : "a", entity)),
            ]);

        public Task<DrainOutcome> DrainAsync(string node, bool isLeaving, CancellationToken ct)
        {
            switch (node)
            {
                case "a":
                    return Task.FromResult(DrainOutcome.LastNode);
                case "b":
                    Told.Add(isLeaving ? "b leaves" : "b stays");
                    return Task.FromResult(DrainOutcome.Told);
                default:
                    throw new EntityUnavailableException("It is silent.");
            }
        }
    }

    [Fact]
    public async Task A_node_that_has_stopped_answers_503()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var client = await node.NewTenantAsync();
        await node.StopBehindTheDoorAsync();
        (await client.GetAsync("/api/v1/cluster/entities")).Problem(503, "unavailable");
    }
}

using TradeActors.Api.Tests.Support;
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
        Shape.Is(node, "name:string state:string shards:integer entities:integer entitiesByKind:object lag:object");
        Shape.Is(
            node.GetProperty("lag"),
            "waitingMessages:integer storingMessages:integer unacknowledgedSends:integer openFanOuts:integer "
            + "oldestOverdueSeconds:number? journalQueue:integer marketQueue:integer");
        Assert.Equal(("test", "up", 8), (node.Text("name"), node.Text("state"), node.GetProperty("shards").GetInt32()));
        Assert.InRange(node.GetProperty("entitiesByKind").GetProperty("account").GetInt32(), 1, node.GetProperty("entities").GetInt32());
        Assert.Equal(Enumerable.Range(0, 8), cluster.List("shards").Select(shard => shard.GetProperty("id").GetInt32()));
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
    public async Task A_node_that_has_stopped_answers_503()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var client = await node.NewTenantAsync();
        await node.StopBehindTheDoorAsync();
        (await client.GetAsync("/api/v1/cluster/entities")).Problem(503, "unavailable");
    }
}

using Microsoft.Extensions.DependencyInjection;
using TradeActors.Api.Health;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Health;

[Collection(Shared.Name)]
public sealed class HealthTests(SharedNode shared)
{
    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    public async Task A_running_node_says_so_to_anybody(string state)
    {
        var reply = (await shared.Node.Anonymous().GetAsync($"/health/{state}")).Is(200).Json;
        Shape.Is(reply, "status:string");
        Assert.Equal(state, reply.Text("status"));
    }

    [Fact]
    public async Task A_node_that_is_degraded_says_why_and_stays_with_its_load_balancer_until_it_cannot_store()
    {
        using var data = new TempData();
        var health = new FakeReadiness { Amiss = ["RabbitMQ is away.", "A node is silent."] };
        await using var node = await TestNode.StartAsync(data.Path, build: builder => builder.Services.AddSingleton<INodeReadiness>(health));
        var reply = (await node.Anonymous().GetAsync("/health/ready")).Is(200).Json;
        Shape.Is(reply, "status:string reasons:array");
        Assert.Equal("degraded", reply.Text("status"));
        Assert.Equal(health.Amiss, reply.List("reasons").Select(reason => reason.GetString()));

        health.InTheWay = ["The database is away."];
        var problem = (await node.Anonymous().GetAsync("/health/ready")).Problem(503, "not-ready");
        Assert.Equal(health.InTheWay, problem.List("reasons").Select(reason => reason.GetString()));
    }

    private sealed class FakeReadiness : INodeReadiness
    {
        public string[] InTheWay { get; set; } = [];

        public string[] Amiss { get; init; } = [];

        public IReadOnlyList<string> Problems() => InTheWay;

        public IReadOnlyList<string> Warnings() => Amiss;
    }

    [Fact]
    public async Task A_node_that_cannot_store_is_live_but_not_ready_and_says_why()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        await node.StopBehindTheDoorAsync();
        (await node.Anonymous().GetAsync("/health/live")).Is(200);
        var reply = await node.Anonymous().GetAsync("/health/ready");
        Assert.NotEmpty(reply.Problem(503, "not-ready").List("reasons"));
        Assert.NotNull(reply.RetryAfter);
    }
}

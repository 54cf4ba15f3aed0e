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

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Node.Tests.Hosting;

public sealed class HealthProbeTests
{
    [Fact]
    public async Task Node_that_is_ready_gives_zero() => Assert.Equal(0, await AskAsync(() => TypedResults.Ok(new { status = "ready" })));

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(404)]
    public async Task Node_that_is_not_ready_gives_one(int status) => Assert.Equal(1, await AskAsync(() => TypedResults.Problem("No journal.", statusCode: status)));

    [Theory]
    [InlineData("http://127.0.0.1:1")] // Nothing serves there.
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("")]
    public async Task Address_where_no_node_answers_gives_one(string address) => Assert.Equal(1, await HealthProbe.AskAsync(address));

    /// <summary>Asks a server whose <c>/health/ready</c> answers like this.</summary>
    private static async Task<int> AskAsync(Func<IResult> ready)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapGet("/health/ready", ready);
        await app.StartAsync();
        return await HealthProbe.AskAsync(app.Urls.Single());
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Entities;
using TradeActors.Api.Common;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Common;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Api.Tests;

/// <summary>What one sender, user or connection may take up, on nodes of their own with small limits.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_sender_beyond_its_burst_is_told_when_to_come_back_and_others_are_not_touched()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => (limits.SignalBurst, limits.SignalsPerSecond) = (3, 1));
        var owner = await node.NewTenantAsync();
        var (first, second) = (await Given.RecorderAsync(owner), await Given.RecorderAsync(owner));
        var replies = new List<Reply>();
        while (replies.All(reply => reply.Status == 200) && replies.Count < 200)
        {
            replies.Add(await owner.PostAsync(first.Text("webhookUrl"), $$"""{"action":"close","id":"{{replies.Count}}"}"""));
        }

        Assert.InRange(replies.Count, 4, 199);
        replies[^1].Problem(429, "too-many-requests");
        Assert.InRange(int.Parse(replies[^1].RetryAfter!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        (await owner.PostAsync(second.Text("webhookUrl"), """{"action":"close"}""")).Is(200);
        (await owner.GetAsync("/api/v1/accounts")).Is(200);
    }

    [Fact]
    public async Task A_user_beyond_its_burst_waits_and_its_api_key_counts_by_itself()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => (limits.RequestBurst, limits.RequestsPerSecond) = (20, 1));
        var owner = await node.NewTenantAsync();
        var key = (await owner.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "read" } })).Is(201).Json.Text("key");
        Assert.True(await BurstAsync(owner, "/api/v1/accounts"));
        (await node.Anonymous().WithKey(key).GetAsync("/api/v1/accounts")).Is(200);
        (await (await node.NewTenantAsync()).GetAsync("/api/v1/accounts")).Is(200);
    }

    [Fact]
    public async Task Log_ins_have_a_stricter_limit_and_health_has_none()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.LogInsPerMinute = 5);
        var replies = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            replies.Add((await node.Anonymous().PostAsync("/api/v1/auth/login", new { email = $"nobody{i}@example.com", password = "x" })).Status);
        }

        Assert.Equal([401, 401, 401, 401, 401, 429], replies);
        Assert.False(await BurstAsync(node.Anonymous(), "/health/live"));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_by_name()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.LargestBody = 100_000);
        var owner = await node.NewTenantAsync();
        (await owner.PostAsync("/api/v1/recorders", new { name = new string('x', 200_000) })).Problem(413);
        (await owner.PostAsync("/api/v1/recorders", new { name = "R" })).Is(201);
    }

    [Fact]
    public async Task A_header_that_is_too_large_is_refused()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.LargestHeader = 4_096);
        var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.Add("X-Much", new string('x', 8_000));
        (await node.Anonymous().SendAsync(request)).Is(431);
    }

    [Fact]
    public async Task A_client_that_never_ends_its_header_is_hung_up_on()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.HeaderTimeout = TimeSpan.FromSeconds(1));
        var answer = await SendRawAsync(node.Address, "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_never_ends_its_body_is_told_so()
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.WebhookTimeout = TimeSpan.FromSeconds(1));
        var recorder = await Given.RecorderAsync(await node.NewTenantAsync());
        var answer = await SendRawAsync(
            node.Address, $"POST /webhook/{recorder.Text("webhookToken")} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{{\"action\"");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("request-timeout", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_was_in_time_is_not_told_that_it_was_too_slow_when_we_are()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(
            data.Path, configure: options => options.Limits.WebhookTimeout = TimeSpan.FromMilliseconds(500),
            build: builder => builder.Services.AddSingleton<IEntityGateway>(provider => new SlowGateway(provider.GetRequiredService<NodeDoor>())));
        var recorder = await Given.RecorderAsync(await node.NewTenantAsync());
        (await node.Anonymous().PostAsync($"/webhook/{recorder.Text("webhookToken")}", """{"action":"close"}""")).Is(200);
    }

    [Theory]
    [InlineData("127.0.0.1/32", "203.0.113.9")]
    [InlineData("10.0.0.0/8", "127.0.0.1")]
    public async Task The_clients_address_is_that_which_a_trusted_proxy_says(string trusted, string seen)
    {
        using var data = new TempData();
        await using var node = await StartAsync(data, limits => limits.TrustedProxies = [System.Net.IPNetwork.Parse(trusted)]);
        var owner = await node.NewTenantAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/recorders") { Content = new StringContent("""{"name":"R"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        (await owner.SendAsync(request)).Is(201);
        var row = (await owner.GetAsync("/api/v1/audit")).Is(200).Items.First(item => item.Text("action") == "POST /api/v1/recorders");
        Assert.Equal(IPAddress.Parse(seen), IPAddress.Parse(row.Text("address")).MapToIPv4());
    }

    private static Task<TestNode> StartAsync(TempData data, Action<LimitOptions> change) => TestNode.StartAsync(data.Path, configure: options =>
    {
        options.Limits.Enabled = true;
        change(options.Limits);
    });

    /// <returns>Whether one of a hundred requests was refused.</returns>
    private static async Task<bool> BurstAsync(ApiClient client, string path)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetAsync(path)));
        return replies.Any(reply => reply.Status == 429);
    }

    /// <summary>Takes longer over a signal than a sender may take over its body. Here time itself is what is tested.</summary>
    private sealed class SlowGateway(NodeDoor node) : IEntityGateway
    {
        public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => node.AskAsync(to, message, ct);

        public async Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct)
        {
            var reply = await node.AskOrLeaveAsync(to, message, inboxId, ct);
            await Task.Delay(TimeSpan.FromMilliseconds(1_500), ct);
            return reply;
        }
    }

    /// <summary>Sends this and nothing more, and reads until the server hangs up.</summary>
    private static async Task<string> SendRawAsync(Uri address, string text)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            if (answer.ToString().Contains("request-timeout", StringComparison.Ordinal))
            {
                break;
            }
        }

        return answer.ToString();
    }
}

using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Api.Auth;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Live;

/// <summary>The plain WebSocket of one contract's quotes.</summary>
[Collection(Shared.Name)]
public sealed class TickerTests(SharedNode shared)
{
    [Fact]
    public async Task Ticker_says_the_last_quote_at_once_and_then_each_change()
    {
        var owner = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("SI", 30m, 30.005m);
        using var socket = await ConnectAsync(owner, "SI");
        var first = await ReadAsync(socket);
        Shape.Is(first, "symbol:string bid:number ask:number last:number at:time");
        Assert.Equal((await shared.FrontAsync("SI"), 30m, 30.005m), (first.Text("symbol"), first.Number("bid"), first.Number("ask")));
        await shared.QuoteAsync("SI", 31m, 31.005m);
        Assert.Equal(31m, (await ReadAsync(socket)).Number("bid"));
        await socket.SendAsync("ignored"u8.ToArray(), WebSocketMessageType.Text, true, default);
        await shared.QuoteAsync("SI", 32m, 32.005m);
        Assert.Equal(32m, (await ReadAsync(socket)).Number("bid"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "enough", default);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task What_cannot_be_watched_is_refused_as_a_problem()
    {
        var owner = await shared.Node.NewTenantAsync();
        (await owner.GetAsync("/ws/ticker/NOSUCH")).Problem(404, "unknown-symbol");
        (await owner.GetAsync("/ws/ticker/ES")).Problem(400, "not-web-socket");
        (await owner.WithToken(null).GetAsync("/ws/ticker/ES")).Problem(401, "unauthorized");
        Assert.Equal(HttpStatusCode.NotFound, await RefusalAsync(owner, "NOSUCH"));
        Assert.Equal(HttpStatusCode.Unauthorized, await RefusalAsync(owner.WithToken("forged"), "ES"));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(owner, "ES", origin: "https://evil.example"));
    }

    [Fact]
    public async Task Configured_origins_are_let_in()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, configure: options => options.AllowedOrigins = ["https://desk.example"]);
        var owner = await node.NewTenantAsync();
        using (await ConnectAsync(owner, "ES", origin: "https://desk.example"))
        {
        }

        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(owner, "ES", origin: "https://desk.example:8443"));
    }

    [Fact]
    public async Task Node_that_stops_closes_tickers_and_hubs_without_waiting_for_them()
    {
        using var data = new TempData();
        var node = await TestNode.StartAsync(data.Path);
        var owner = await node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        using var ticker = await ConnectAsync(owner, "ES");
        using var silent = await ConnectAsync(owner, "ES"); // Never reads, so that it answers no close.
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account]);
        var stopping = node.DisposeAsync().AsTask();
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(ticker));
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "The node is stopping: connect again."), (ticker.CloseStatus, ticker.CloseStatusDescription));
        await hub.EndedAsync();
        Assert.True(hub.Close is not { } close || (close.TryGetProperty("allowReconnect", out var allowed) && allowed.GetBoolean()), $"{hub.Close}");
        await stopping.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Expired_token_ends_ticker_and_hub()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, build: builder => builder.Services.PostConfigure<BearerTokenOptions>(
            BearerTokenDefaults.AuthenticationScheme, options => options.BearerTokenExpiration = TimeSpan.FromSeconds(4)));
        var owner = await node.NewTenantAsync();
        using var ticker = await ConnectAsync(owner, "ES");
        await using var hub = await HubSocket.ConnectAsync(owner);
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(ticker));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "The access token has expired: connect with a new one."), (ticker.CloseStatus, ticker.CloseStatusDescription));
        await hub.EndedAsync();
    }

    [Fact]
    public async Task Session_that_is_revoked_ends_ticker_and_hub_for_good()
    {
        using var data = new TempData();
        var check = new SwitchedCheck();
        await using var node = await TestNode.StartAsync(data.Path, build: builder => builder.Services.AddSingleton<ISessionCheck>(check));
        var (kept, revoked) = (await node.NewTenantAsync("Kept"), await node.NewTenantAsync("Revoked"));
        using var ticker = await ConnectAsync(revoked, "ES");
        await using var hub = await HubSocket.ConnectAsync(revoked);
        await using var other = await HubSocket.ConnectAsync(kept);
        check.Revoked = revoked.UserId;
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(ticker));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "The session is over: log in again."), (ticker.CloseStatus, ticker.CloseStatusDescription));
        await hub.EndedAsync();
        Assert.False(hub.Close?.TryGetProperty("allowReconnect", out _) ?? false, $"{hub.Close}");
        await other.SubscribeAsync();
    }

    [Fact]
    public async Task Whoever_loses_the_session_loses_ticker_and_hub()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var owner = await node.NewTenantAsync();
        using var ticker = await ConnectAsync(owner, "ES");
        await using var hub = await HubSocket.ConnectAsync(owner);
        (await owner.PostAsync("/api/v1/me/end-sessions")).Is(204);
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(ticker));
        await hub.EndedAsync();
    }

    internal static async Task<ClientWebSocket> ConnectAsync(ApiClient client, string symbol, string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        var address = new UriBuilder(client.Address) { Scheme = "ws", Path = $"/ws/ticker/{symbol}", Query = $"access_token={client.AccessToken}" };
        try
        {
            await socket.ConnectAsync(address.Uri, default);
            return socket;
        }
        catch (WebSocketException)
        {
            using (socket)
            {
                throw new HttpRequestException("The ticker refused.", null, socket.HttpStatusCode);
            }
        }
    }

    internal static async Task<JsonElement> ReadAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
        Assert.True(result.EndOfMessage);
        return JsonDocument.Parse(buffer.AsMemory(0, result.Count)).RootElement; // Fails on a close, which is empty.
    }

    private static async Task<HttpStatusCode?> RefusalAsync(ApiClient client, string symbol, string? origin = null) =>
        (await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(client, symbol, origin))).StatusCode;

    private sealed class SwitchedCheck : ISessionCheck
    {
        public volatile string? Revoked;

        public ValueTask<bool> IsValidAsync(System.Security.Claims.ClaimsPrincipal user, CancellationToken ct) =>
            ValueTask.FromResult(!user.HasClaim(System.Security.Claims.ClaimTypes.NameIdentifier, Revoked ?? ""));
    }
}

using System.Net.WebSockets;
using TradeActors.Integration.Starting;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Live;

public sealed class TokenLogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Token_in_the_address_is_not_in_the_log_however_much_is_logged()
    {
        string[] categories = ["Default", "Microsoft.AspNetCore.SignalR", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Hosting.Diagnostics"];
        await using var node = Nodes.Manual(_folder, [.. categories.SelectMany(category => (string[])[$"--Logging:LogLevel:{category}", "Trace"])]);
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        await api.RegisterAsync();
        foreach (var path in (string[])["ws/ticker/ES", "hubs/live"])
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new UriBuilder(node.Address) { Scheme = "ws", Path = path, Query = $"access_token={api.Token}" }.Uri, default);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }

        // The hub's own address may be asked for with a token and still be refused.
        using var refused = await api.SendAsync($"/ws/ticker/NOSUCH?access_token={api.Token}");
        await node.TerminateAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("TradeActors.", node.Output, StringComparison.Ordinal); // The log is on.
        Assert.DoesNotContain("Microsoft.AspNetCore.Http.Connections", node.Output, StringComparison.Ordinal); // The framework's lines stay off, whatever is set.
        Assert.DoesNotContain(api.Token!, node.Output + node.Errors, StringComparison.Ordinal);
    }
}

using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TradeActors.Ledger.Clients;

/// <summary>One connection to the live hub: SignalR's JSON protocol by hand.</summary>
/// <remarks>SignalR's own .NET client is not among the packages that this project builds from.</remarks>
internal sealed class HubLine : IDisposable
{
    private const byte Separator = 0x1E;

    /// <summary>A server that lives sends at least a ping in this time; the one that SignalR's own clients take is as long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly List<byte> _received = [];

    private HubLine() => _socket.Options.KeepAliveInterval = TimeSpan.Zero;

    /// <exception cref="WebSocketException">The node is away.</exception>
    public static async Task<HubLine> ConnectAsync(Uri node, string token, CancellationToken ct)
    {
        var line = new HubLine();
        try
        {
            await line._socket.ConnectAsync(new UriBuilder(node) { Scheme = "ws", Path = "/hubs/live", Query = $"access_token={token}" }.Uri, ct);
            await line.SendAsync(new { protocol = "json", version = 1 }, ct);
            return line;
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    public Task CallAsync(string method, object argument, CancellationToken ct) =>
        SendAsync(new { type = 1, invocationId = "1", target = method, arguments = new[] { argument } }, ct);

    /// <summary>All messages of the protocol until the connection ends or falls silent. Our pings are sent in between.</summary>
    /// <exception cref="WebSocketException">The connection was lost.</exception>
    /// <exception cref="TimeoutException">Nothing has come for longer than a living server keeps still.</exception>
    public async IAsyncEnumerable<JsonObject> MessagesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var pinged = Environment.TickCount64;
        while (await ReceiveAsync(ct))
        {
            if (Environment.TickCount64 - pinged > PingInterval.TotalMilliseconds)
            {
                pinged = Environment.TickCount64;
                await SendAsync(new { type = 6 }, ct);
            }

            int end;
            while ((end = _received.IndexOf(Separator)) >= 0)
            {
                var message = JsonNode.Parse(_received[..end].ToArray())!.AsObject();
                _received.RemoveRange(0, end + 1);
                yield return message;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>False when the server has closed the connection in good order.</returns>
    private async Task<bool> ReceiveAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Silence);
        try
        {
            var result = await _socket.ReceiveAsync(_buffer.AsMemory(), limit.Token);
            _received.AddRange(_buffer.AsSpan(0, result.Count));
            return result.MessageType != WebSocketMessageType.Close;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Nothing has come from the hub for {Silence.TotalSeconds:0} s.");
        }
    }

    private Task SendAsync(object message, CancellationToken ct) => _socket.SendAsync(
        Encoding.UTF8.GetBytes($"{JsonSerializer.Serialize(message)}{(char)Separator}"), WebSocketMessageType.Text, endOfMessage: true, ct);
}

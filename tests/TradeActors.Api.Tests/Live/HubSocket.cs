using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace TradeActors.Api.Tests.Live;

/// <summary>A call by the server: <c>event</c>, <c>reset</c> or <c>quote</c>.</summary>
internal sealed record Push(string Target, JsonElement Body)
{
    public string Topic => Body.Text("topic");

    public long Seq => Body.GetProperty("seq").GetInt64();

    public override string ToString() => $"{Target} {Body}";
}

/// <summary>The SignalR JSON protocol by hand. It reads from the socket only when a test asks for something.</summary>
internal sealed class HubSocket : IAsyncDisposable
{
    private const byte Separator = 0x1E;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly List<byte> _received = [];
    private readonly Queue<Push> _pushes = new();
    private readonly Timer _pings;
    private int _lastCall;
    private CancellationTokenSource _patience = new();

    private HubSocket() => _pings = new Timer(_ => _ = SendAsync("""{"type":6}"""), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>The protocol's own close message, once it has come.</summary>
    public JsonElement? Close { get; private set; }

    /// <param name="receiveBuffer">Bytes that the operating system takes while nobody reads; the system's own choice when 0.</param>
    public static async Task<HubSocket> ConnectAsync(ApiClient client, int receiveBuffer = 0, bool tokenInQuery = true, string? origin = null)
    {
        var hub = new HubSocket();
        var address = new UriBuilder(client.Address) { Scheme = "ws", Path = "/hubs/live", Query = tokenInQuery ? $"access_token={client.AccessToken}" : "" };
        if (!tokenInQuery && client.AccessToken is not null)
        {
            hub._socket.Options.SetRequestHeader("Authorization", $"Bearer {client.AccessToken}");
        }

        if (origin is not null)
        {
            hub._socket.Options.SetRequestHeader("Origin", origin);
        }

        hub._socket.Options.CollectHttpResponseDetails = true;
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = (to, ct) => DialAsync(to.DnsEndPoint, receiveBuffer, ct) };
        using var invoker = new HttpMessageInvoker(handler);
        try
        {
            await hub._socket.ConnectAsync(address.Uri, invoker, default);
        }
        catch (WebSocketException)
        {
            var status = hub._socket.HttpStatusCode;
            await hub.DisposeAsync();
            throw new HttpRequestException("The hub refused.", null, status);
        }

        hub.BePatient();
        await hub.SendAsync("""{"protocol":"json","version":1}""");
        Assert.Equal("{}", (await hub.ReadAsync())!.Value.ToString());
        return hub;
    }

    /// <summary>Calls a hub method and returns its result.</summary>
    /// <exception cref="HubErrorException">The method answered an error.</exception>
    public async Task<JsonElement> CallAsync(string method, object argument)
    {
        var id = $"{++_lastCall}";
        BePatient();
        await SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments = new[] { argument } }));
        while (await ReadAsync() is { } message)
        {
            if (Keep(message) is { } answer && answer.Text("invocationId") == id)
            {
                return answer.TryGetProperty("error", out var error) ? throw new HubErrorException(error.GetString()!)
                    : answer.TryGetProperty("result", out var result) ? result : default;
            }
        }

        throw new XunitException($"The connection ended before {method} was answered: {Ending()}");
    }

    public Task<JsonElement> SubscribeAsync(string[]? accounts = null, string[]? recorders = null, string[]? symbols = null, Dictionary<string, long>? after = null) =>
        CallAsync("Subscribe", new { accounts = accounts ?? [], recorders = recorders ?? [], symbols = symbols ?? [], after = after ?? [] });

    /// <summary>The next call by the server.</summary>
    public async Task<Push> NextAsync() => await TryNextAsync() ?? throw new XunitException($"The connection ended: {Ending()}");

    /// <summary>The next call by the server; null when the connection has ended.</summary>
    public async Task<Push?> TryNextAsync()
    {
        BePatient();
        while (_pushes.Count == 0)
        {
            if (await ReadAsync() is not { } message)
            {
                return null;
            }

            Keep(message);
        }

        return _pushes.Dequeue();
    }

    /// <summary>The next call of this kind; those before it are passed over.</summary>
    public async Task<Push> NextAsync(string target)
    {
        while (true)
        {
            if (await NextAsync() is var push && push.Target == target)
            {
                return push;
            }
        }
    }

    /// <summary>Reads until the server has ended the connection.</summary>
    public async Task EndedAsync()
    {
        while (await TryNextAsync() is not null)
        {
            // What was on its way.
        }
    }

    /// <summary>The line goes dead: nobody is told.</summary>
    public void Cut() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        await _pings.DisposeAsync();
        _patience.Dispose();
        _socket.Dispose();
    }

    private static async ValueTask<Stream> DialAsync(DnsEndPoint to, int receiveBuffer, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(to, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <returns>An answer to a call; anything else is kept.</returns>
    private JsonElement? Keep(JsonElement message)
    {
        switch (message.GetProperty("type").GetInt32())
        {
            case 1:
                _pushes.Enqueue(new Push(message.Text("target"), Assert.Single(message.List("arguments"))));
                return null;
            case 3:
                return message;
            case 7:
                Close = message;
                return null;
            default:
                return null;
        }
    }

    private async Task SendAsync(string message)
    {
        await _sending.WaitAsync();
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                await _socket.SendAsync(new ReadOnlyMemory<byte>([.. Encoding.UTF8.GetBytes(message), Separator]), WebSocketMessageType.Text, true, default);
            }
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The reading side sees it too.
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>One message of the protocol; null when the connection has ended.</summary>
    private async Task<JsonElement?> ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        int end;
        while ((end = _received.IndexOf(Separator)) < 0)
        {
            try
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(), _patience.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                _received.AddRange(buffer[..result.Count]);
            }
            catch (OperationCanceledException) when (_patience.IsCancellationRequested)
            {
                throw new XunitException($"Nothing has come from the hub within {Deadline.TotalSeconds} s.");
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException)
            {
                return null;
            }
        }

        var json = JsonDocument.Parse(_received[..end].ToArray()).RootElement;
        _received.RemoveRange(0, end + 1);
        return json;
    }

    /// <summary>From now on the hub has so long: its pings are no answer.</summary>
    private void BePatient()
    {
        _patience.Dispose();
        _patience = new CancellationTokenSource(Deadline);
    }

    private string Ending() => $"{_socket.State} {_socket.CloseStatus} {_socket.CloseStatusDescription} {Close}";
}

/// <summary>What a hub method refused with.</summary>
internal sealed class HubErrorException(string message) : Exception(message);

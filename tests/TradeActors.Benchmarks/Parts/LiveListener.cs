using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace TradeActors.Benchmarks.Parts;

/// <summary>One client of a hub: subscribes, then notes how old each message is when it arrives. Reads as little of it as that takes.</summary>
internal sealed class LiveListener : IDisposable
{
    private const byte Separator = 0x1E;

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Milliseconds, of every event since <see cref="Begin"/>.</summary>
    public List<double> Events { get; private set; } = [];

    /// <summary>Milliseconds, of every quote since <see cref="Begin"/>.</summary>
    public List<double> Quotes { get; private set; } = [];

    /// <param name="subscribe">The first call, or null for none.</param>
    public static async Task<LiveListener> ConnectAsync(Uri address, string? subscribe, CancellationToken ct)
    {
        var listener = new LiveListener();
        await listener._socket.ConnectAsync(address, ct);
        await listener.SendAsync("""{"protocol":"json","version":1}""", ct);
        if (subscribe is not null)
        {
            await listener.SendAsync(subscribe, ct);
        }

        return listener;
    }

    public void Begin() => (Events, Quotes) = ([], []);

    /// <summary>Reads until it is stopped.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var pings = new Timer(_ => _ = SendAsync("""{"type":6}""", ct), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(_buffer.AsMemory(_length), ct);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    throw new InvalidOperationException($"The hub has closed a connection: {_socket.CloseStatusDescription}");
                }

                _length += result.Count;
                Note(DateTimeOffset.UtcNow);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Enough.
        }
    }

    public void Dispose() => _socket.Dispose();

    private Task SendAsync(string message, CancellationToken ct) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes($"{message}{(char)Separator}"), WebSocketMessageType.Text, true, ct);

    private void Note(DateTimeOffset now)
    {
        var rest = _buffer.AsSpan(0, _length);
        while (rest.IndexOf(Separator) is var end and >= 0)
        {
            Note(rest[..end], now);
            rest = rest[(end + 1)..];
        }

        rest.CopyTo(_buffer);
        _length = rest.Length;
    }

    private void Note(ReadOnlySpan<byte> message, DateTimeOffset now)
    {
        if (message.IndexOf("\"error\":"u8) >= 0)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(message));
        }

        var ages = message.IndexOf("\"target\":\"event\""u8) >= 0 ? Events : message.IndexOf("\"target\":\"quote\""u8) >= 0 ? Quotes : null;
        if (ages is not null)
        {
            var value = new Utf8JsonReader(message[(message.IndexOf("\"at\":"u8) + 5)..], isFinalBlock: false, default);
            value.Read();
            ages.Add((now - value.GetDateTimeOffset()).TotalMilliseconds);
        }
    }
}

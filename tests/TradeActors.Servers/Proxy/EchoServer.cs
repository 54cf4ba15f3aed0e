using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TradeActors.Servers.Proxy;

/// <summary>Sends back what it gets, and remembers it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly ConcurrentDictionary<byte, bool> _seen = new();
    private readonly Task _accepting;

    private EchoServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public static EchoServer Start() => new();

    /// <summary>The different bytes that came.</summary>
    public ICollection<byte> Seen => _seen.Keys;

    public void DropConnections()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        DropConnections();
    }

    private async Task AcceptAsync()
    {
        var echoing = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                connection.NoDelay = true;
                _connections.Add(connection);
                echoing.Add(EchoAsync(connection));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            DropConnections();
            await Task.WhenAll(echoing);
        }
    }

    private async Task EchoAsync(Socket connection)
    {
        try
        {
            var buffer = new byte[4_096];
            int count;
            while ((count = await connection.ReceiveAsync(buffer)) > 0)
            {
                foreach (var value in buffer.AsSpan(0, count))
                {
                    _seen[value] = true;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await connection.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }

            connection.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Dropped.
        }
    }
}

using System.Net;
using System.Net.Sockets;
using TradeActors.Servers.Processes;

namespace TradeActors.Servers.Proxy;

/// <summary>A wire that a test can cut: listens on a port of its own on 127.0.0.1 and carries every connection to one target.</summary>
/// <remarks>
/// <para><see cref="Cut"/> is a network that swallows everything: nobody is told, connections stay open, new ones are accepted and go nowhere.</para>
/// <para><see cref="Break"/> is a machine that is gone: connections are reset, new ones refused.</para>
/// <para><see cref="Heal"/> ends either. What was held back by a cut is carried then, as TCP itself would send it again.</para>
/// <para>What is sent after Cut or Break has returned does not pass; what was sent before may still arrive.</para>
/// </remarks>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly EndPoint _target;
    private readonly Lock _gate = new();
    private readonly Dictionary<Link, Task> _links = [];
    private TaskCompletionSource _passage = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    private TcpProxy(EndPoint target) => _target = target;

    public int Port { get; } = FreePort.Take();

    public static TcpProxy Start(string host, int port)
    {
        var proxy = new TcpProxy(IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port));
        proxy.Heal();
        return proxy;
    }

    /// <summary>From now on nothing passes, either way, and nobody is told.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            if (_passage.Task.IsCompleted)
            {
                _passage = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            Listen();
        }
    }

    /// <summary>Resets all connections and refuses new ones.</summary>
    public void Break()
    {
        Link[] links;
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            links = [.. _links.Keys];
        }

        Array.ForEach(links, link => link.Reset());
    }

    /// <summary>Everything passes again.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _passage.TrySetResult();
            Listen();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break();
        await _accepting;
        Task[] carrying;
        lock (_gate)
        {
            carrying = [.. _links.Values];
        }

        await Task.WhenAll(carrying);
    }

    private void Listen()
    {
        if (_listener is not null)
        {
            return;
        }

        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen();
        _listener = listener;
        _accepting = Task.WhenAll(_accepting, AcceptAsync(listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return; // Broken or disposed.
            }

            lock (_gate)
            {
                var link = new Link(client);
                if (_listener == listener)
                {
                    // Runs on the pool, so that it cannot end before it is listed.
                    _links.Add(link, Task.Run(() => CarryAsync(link)));
                }
                else
                {
                    link.Reset();
                }
            }
        }
    }

    private async Task CarryAsync(Link link)
    {
        try
        {
            await PassageAsync(link);
            await link.Server.ConnectAsync(_target, link.Ended);
            await Task.WhenAll(PumpAsync(link, link.Client, link.Server), PumpAsync(link, link.Server, link.Client));
        }
        catch (Exception error) when (IsEnd(error))
        {
            link.Reset();
        }
        finally
        {
            link.Dispose();
            lock (_gate)
            {
                _links.Remove(link);
            }
        }
    }

    /// <summary>One direction of a connection, until its sender ends it. An end passes like anything else, and so not while the wire is cut.</summary>
    private async Task PumpAsync(Link link, Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[BufferSize];
            int count;
            while ((count = await from.ReceiveAsync(buffer, link.Ended)) > 0)
            {
                await PassageAsync(link);
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), link.Ended);
                }
            }

            await PassageAsync(link);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (IsEnd(error))
        {
            await PassageAsync(link);
            link.Reset();
        }
    }

    private async Task PassageAsync(Link link)
    {
        while (Volatile.Read(ref _passage).Task is { IsCompleted: false } passage)
        {
            await passage.WaitAsync(link.Ended);
        }
    }

    private static bool IsEnd(Exception error) => error is SocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Both ends of one connection.</summary>
    private sealed class Link(Socket client) : IDisposable
    {
        private readonly CancellationTokenSource _ended = new();

        public Socket Client { get; } = WithoutDelay(client);

        public Socket Server { get; } = WithoutDelay(new Socket(SocketType.Stream, ProtocolType.Tcp));

        public CancellationToken Ended => _ended.Token;

        /// <summary>Both ends see a reset, not an orderly end.</summary>
        public void Reset()
        {
            Array.ForEach([Client, Server], ResetOne);
            _ended.Cancel();
        }

        /// <summary>Closes both ends. A reset may still come afterwards, so the token's source stays; without a timer it holds nothing.</summary>
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }

        private static void ResetOne(Socket socket)
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception error) when (IsEnd(error))
            {
                // Closed already.
            }

            socket.Dispose();
        }

        private static Socket WithoutDelay(Socket socket)
        {
            socket.NoDelay = true;
            return socket;
        }
    }
}

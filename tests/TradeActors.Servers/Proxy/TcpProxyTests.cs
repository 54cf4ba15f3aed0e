using System.Net;
using System.Net.Sockets;
using Xunit;

namespace TradeActors.Servers.Proxy;

public sealed class TcpProxyTests : IAsyncLifetime
{
    private EchoServer _echo = null!;
    private TcpProxy _proxy = null!;

    [Fact]
    public async Task Bytes_pass_both_ways()
    {
        using var client = await ConnectAsync(_proxy.Port);
        var sent = new byte[1_000_000];
        Random.Shared.NextBytes(sent);
        var received = new byte[sent.Length];
        await Task.WhenAll(client.SendAsync(sent), ReadAsync(client, received));
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Orderly_end_passes_after_the_last_byte()
    {
        using var client = await ConnectAsync(_proxy.Port);
        await client.SendAsync("end"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        await ReadAsync(client, new byte[3]);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Deadline));
    }

    [Fact]
    public async Task Cut_holds_everything_back_and_healing_lets_it_pass()
    {
        using var early = await ConnectAsync(_proxy.Port);
        await RoundTripAsync(early, 1);
        _proxy.Cut();
        await early.SendAsync(new byte[] { 2 });
        using var late = await ConnectAsync(_proxy.Port);
        await late.SendAsync(new byte[] { 3 });
        var (fromEarly, fromLate) = (new byte[1], new byte[1]);
        var answers = Task.WhenAll(ReadAsync(early, fromEarly), ReadAsync(late, fromLate));
        await UseDirectlyAsync();
        Assert.Equal(TaskStatus.WaitingForActivation, answers.Status);
        Assert.DoesNotContain((byte)2, _echo.Seen);
        Assert.DoesNotContain((byte)3, _echo.Seen);

        _proxy.Heal();
        await answers;
        Assert.Equal((2, 3), (fromEarly[0], fromLate[0]));
    }

    [Fact]
    public async Task Cut_hides_that_the_other_side_has_gone()
    {
        using var client = await ConnectAsync(_proxy.Port);
        await RoundTripAsync(client, 1);
        _proxy.Cut();
        _echo.DropConnections();
        var end = client.ReceiveAsync(new byte[1], Deadline).AsTask();
        await UseDirectlyAsync();
        Assert.False(end.IsCompleted);
        _proxy.Heal();
        await AssertEndedAsync(end);
    }

    [Fact]
    public async Task Broken_proxy_resets_what_is_open_and_refuses_what_is_new_until_it_is_healed()
    {
        using var client = await ConnectAsync(_proxy.Port);
        await RoundTripAsync(client, 1);
        var reading = client.ReceiveAsync(new byte[1], Deadline).AsTask();
        _proxy.Break();
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => reading)).SocketErrorCode);
        var refused = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(_proxy.Port));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        _proxy.Heal();
        using var again = await ConnectAsync(_proxy.Port);
        await RoundTripAsync(again, 4);
    }

    [Fact]
    public async Task Connection_that_a_cut_holds_is_reset_by_a_break()
    {
        _proxy.Cut();
        using var client = await ConnectAsync(_proxy.Port);
        var reading = client.ReceiveAsync(new byte[1], Deadline).AsTask();
        _proxy.Break();
        await Assert.ThrowsAsync<SocketException>(() => reading);
    }

    [Fact]
    public async Task Target_that_is_down_resets_the_connection()
    {
        await _echo.DisposeAsync();
        await AssertEndedAsync(ConnectAndReadAsync());

        // The reset may come before the client has learned that it is connected.
        async Task<int> ConnectAndReadAsync()
        {
            using var client = await ConnectAsync(_proxy.Port);
            return await client.ReceiveAsync(new byte[1], Deadline);
        }
    }

    [Fact]
    public async Task Disposing_ends_connections_while_cut()
    {
        using var client = await ConnectAsync(_proxy.Port);
        await RoundTripAsync(client, 1);
        _proxy.Cut();
        var reading = client.ReceiveAsync(new byte[1], Deadline).AsTask();
        await _proxy.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(() => reading);
    }

    public Task InitializeAsync()
    {
        _echo = EchoServer.Start();
        _proxy = TcpProxy.Start("127.0.0.1", _echo.Port);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _echo.DisposeAsync();
    }

    /// <summary>Long; only a defect reaches it.</summary>
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    /// <summary>Past the proxy, so often that what the proxy let through would have arrived too.</summary>
    private async Task UseDirectlyAsync()
    {
        using var direct = await ConnectAsync(_echo.Port);
        for (var round = 0; round < 200; round++)
        {
            await RoundTripAsync(direct, 9);
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task RoundTripAsync(Socket socket, byte value)
    {
        await socket.SendAsync(new[] { value });
        var answer = new byte[1];
        await ReadAsync(socket, answer);
        Assert.Equal(value, answer[0]);
    }

    private static async Task ReadAsync(Socket socket, byte[] into)
    {
        for (var read = 0; read < into.Length;)
        {
            var count = await socket.ReceiveAsync(into.AsMemory(read), Deadline);
            Assert.True(count > 0, $"The connection ended after {read} of {into.Length} bytes.");
            read += count;
        }
    }

    private static async Task AssertEndedAsync(Task<int> reading)
    {
        try
        {
            Assert.Equal(0, await reading);
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }
}

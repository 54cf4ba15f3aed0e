using System.Net.WebSockets;
using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using TradeActors.Api.Common;

namespace TradeActors.Api.Live;

/// <summary><c>/ws/ticker/{symbol}</c>: the quotes of one contract as JSON texts, for whoever wants nothing else. What the client sends is not read.</summary>
internal static class TickerRoutes
{
    /// <summary>How often a silent line is tried, and how long the other side has to answer.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void Map(WebApplication app) => app.MapGet("/ws/ticker/{symbol}", WatchAsync).ExcludeFromDescription();

    private static async Task WatchAsync(
        string symbol, HttpContext context, QuoteFeeds quotes, LiveConnections connections, LiveMetrics metrics, IHostApplicationLifetime node, TimeProvider time)
    {
        var contract = Symbols.ContractOf(symbol, time.GetUtcNow());
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new ApiProblemException(
                StatusCodes.Status400BadRequest, "NotWebSocket", "Not a WebSocket", "Connect to this address as a WebSocket (ws:// or wss://).");
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive }).ConfigureAwait(false);
        var ticker = new Ticker(socket, context.User, metrics);
        connections.Add(ticker);
        var watch = quotes.Watch(contract, ticker);
        using var expiry = ExpiryOf(context, time);
        await using var atExpiry = expiry.Token.Register(ticker.EndToken).ConfigureAwait(false);
        await using var atStop = node.ApplicationStopping.Register(ticker.EndNode).ConfigureAwait(false);
        try
        {
            await ticker.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            quotes.End(watch);
            connections.Remove(ticker);
        }
    }

    /// <summary>Fires when the token that let the client in has expired; never for other credentials.</summary>
    private static CancellationTokenSource ExpiryOf(HttpContext context, TimeProvider time) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is { } expires
            ? new CancellationTokenSource(expires > time.GetUtcNow() ? expires - time.GetUtcNow() : TimeSpan.Zero, time)
            : new CancellationTokenSource();
}

/// <summary>One plain WebSocket. While the client reads slowly, the latest quote waits for it and no other.</summary>
internal sealed class Ticker(WebSocket socket, ClaimsPrincipal user, LiveMetrics metrics) : ILiveConnection, IQuoteTaker
{
    /// <summary>How long a client has to take the last message and the close, of the node's six seconds to stop.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // The watch is queued again only after its quote was taken: there is never a second one.
    private readonly Channel<QuoteWatch> _queued = Channel.CreateBounded<QuoteWatch>(1);
    private readonly TaskCompletionSource<Ending> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClaimsPrincipal User => user;

    public void Queue(QuoteWatch watch) => _queued.Writer.TryWrite(watch);

    public void EndSession() => _ended.TrySetResult(new(WebSocketCloseStatus.PolicyViolation, "The session is over: log in again."));

    public void EndToken() => _ended.TrySetResult(new(WebSocketCloseStatus.PolicyViolation, "The access token has expired: connect with a new one."));

    public void EndNode() => _ended.TrySetResult(new(WebSocketCloseStatus.EndpointUnavailable, "The node is stopping: connect again."));

    /// <summary>Writes quotes until one side ends it.</summary>
    public async Task RunAsync()
    {
        using var cut = new CancellationTokenSource();
        var sending = SendAsync(cut.Token);
        var receiving = ReceiveAsync(cut.Token);
        var ending = await _ended.Task.ConfigureAwait(false);
        _queued.Writer.TryComplete();
        cut.CancelAfter(Patience);
        await sending.ConfigureAwait(false);
        await CloseAsync(ending, cut.Token).ConfigureAwait(false);
        await receiving.ConfigureAwait(false);
    }

    private async Task SendAsync(CancellationToken cut)
    {
        try
        {
            await foreach (var watch in _queued.Reader.ReadAllAsync(cut).ConfigureAwait(false))
            {
                if (watch.Take() is { } quote)
                {
                    await socket.SendAsync(quote.ForTicker, WebSocketMessageType.Text, endOfMessage: true, cut).ConfigureAwait(false);
                    metrics.Quote();
                }
            }
        }
        catch (Exception error) when (IsLineDead(error))
        {
            _ended.TrySetResult(Ending.Gone);
        }
    }

    /// <summary>Reads until the client closes. What it says is not looked at.</summary>
    private async Task ReceiveAsync(CancellationToken cut)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), cut).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
                // Pings are answered by the socket itself, in its reads.
            }

            _ended.TrySetResult(new(WebSocketCloseStatus.NormalClosure, ""));
        }
        catch (Exception error) when (IsLineDead(error))
        {
            _ended.TrySetResult(Ending.Gone);
        }
    }

    private async Task CloseAsync(Ending ending, CancellationToken cut)
    {
        try
        {
            if (ending != Ending.Gone)
            {
                await socket.CloseOutputAsync(ending.Status, ending.Reason, cut).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (IsLineDead(error))
        {
            // Nobody is left to be told.
        }
    }

    private static bool IsLineDead(Exception error) => error is WebSocketException or OperationCanceledException or IOException;

    private sealed record Ending(WebSocketCloseStatus Status, string Reason)
    {
        /// <summary>The line broke.</summary>
        public static readonly Ending Gone = new(WebSocketCloseStatus.Empty, "");
    }
}

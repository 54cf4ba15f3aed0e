using System.Net;

namespace TradeActors.Ledger.Clients;

/// <summary>
/// Stands before the nodes as nginx does: requests go round, and one that a node did not take goes to the next, with the same body. What is sent here
/// may be delivered twice: it carries an id, or its body is recognised.
/// </summary>
/// <remarks>
/// A node did not take a request when it refused or reset the connection, answered 502 to 504, or kept it waiting for <see cref="Patience"/>. It is then
/// asked last for a while. Shared by all clients.
/// </remarks>
public sealed class Balancer
{
    private const int SetAsideMilliseconds = 5_000;

    private readonly IReadOnlyList<Uri> _nodes;
    private readonly long[] _asideUntil;
    private int _turn;

    public Balancer(params IReadOnlyList<Uri> nodes)
    {
        _nodes = nodes;
        _asideUntil = new long[nodes.Count];
    }

    /// <summary>How long a node may keep a request while there is another to ask. The last one that is asked has the rest of the client's own time.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(3);

    /// <summary>The nodes in the order in which a request is to try them.</summary>
    public IReadOnlyList<Uri> Order()
    {
        var turn = (int)((uint)Interlocked.Increment(ref _turn) % (uint)_nodes.Count);
        var now = Environment.TickCount64;
        var inTurn = Enumerable.Range(0, _nodes.Count).Select(i => (i + turn) % _nodes.Count);
        return [.. inTurn.OrderBy(i => Volatile.Read(ref _asideUntil[i]) > now).Select(i => _nodes[i])];
    }

    public void SetAside(Uri node) => Volatile.Write(ref _asideUntil[_nodes.ToList().IndexOf(node)], Environment.TickCount64 + SetAsideMilliseconds);
}

/// <summary>One client's way through the balancer.</summary>
internal sealed class NextNodeHandler(Balancer balancer, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private long _tries;

    /// <summary>Deliveries that were begun, whatever became of them.</summary>
    public long Tries => Interlocked.Read(ref _tries);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        var nodes = balancer.Order();
        foreach (var node in nodes.SkipLast(1))
        {
            request.RequestUri = new Uri(node, path);
            if (await TryAsync(request, cancellationToken) is { } reply)
            {
                return reply;
            }

            balancer.SetAside(node);
        }

        request.RequestUri = new Uri(nodes[^1], path);
        Interlocked.Increment(ref _tries);
        return await base.SendAsync(request, cancellationToken);
    }

    /// <returns>Null when the node did not take it.</returns>
    private async Task<HttpResponseMessage?> TryAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Balancer.Patience);
        try
        {
            Interlocked.Increment(ref _tries);
            var reply = await base.SendAsync(request, limit.Token);
            if (reply.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            {
                return reply;
            }

            reply.Dispose();
            return null;
        }
        catch (HttpRequestException)
        {
            return null; // Refused or reset.
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null; // It hangs.
        }
    }
}

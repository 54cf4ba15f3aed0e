using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>
/// Two connections that live and die together: a server short of memory stops reading from those that publish, and acknowledgements must still get through.
/// </summary>
internal sealed class RabbitLink : IAsyncDisposable
{
    /// <summary>How much of what was sent to this node alone may be on the way to its events.</summary>
    private const ushort OwnPrefetch = 500;

    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(1);

    private readonly RabbitOptions _options;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<ulong> _taken = Channel.CreateUnbounded<ulong>(new UnboundedChannelOptions { SingleReader = true }); // Bounded by the prefetch.
    private IConnection? _publishing;
    private IConnection? _consuming;

    private RabbitLink(RabbitOptions options) => _options = options;

    /// <summary>Ends, with the reason, when either connection, or a channel that both need, is gone.</summary>
    public Task<string> Lost => _lost.Task;

    public PublishSession Session { get; private set; } = null!;

    /// <exception cref="Exception">Whatever the client throws when the server is away or refuses. Nothing is left open.</exception>
    public static async Task<RabbitLink> OpenAsync(RabbitOptions options, EventRaiser events, Action<Outgoing> refuse, CancellationToken ct)
    {
        var link = new RabbitLink(options);
        try
        {
            await link.ConnectAsync(events, refuse, ct).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IChannel> OpenChannelAsync(ushort prefetch)
    {
        using var limit = new CancellationTokenSource(_options.AnswerWithin, _options.Time);
        return await OpenChannelAsync(prefetch, limit.Token).ConfigureAwait(false);
    }

    /// <summary>Waits for a server that does not answer only so long; what is left of it goes on by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        Session?.End("The connection is being closed.");
        _taken.Writer.TryComplete();
        await Task.WhenAll(CloseAsync(_consuming), CloseAsync(_publishing)).WaitAsync(CloseWithin * 2, _options.Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CloseAsync(IConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "Goodbye", CloseWithin, abort: true, CancellationToken.None).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (RabbitFailure.Is(error))
        {
            // It is gone either way.
        }
    }

    private async Task ConnectAsync(EventRaiser events, Action<Outgoing> refuse, CancellationToken ct)
    {
        var factory = Factory();
        _publishing = await ConnectAsync(factory, "publishing", ct).ConfigureAwait(false);
        _consuming = await ConnectAsync(factory, "consuming", ct).ConfigureAwait(false);
        Session = await PublishSession.OpenAsync(_publishing, _options, refuse, ct).ConfigureAwait(false);
        _ = LoseWithSessionAsync();
        var own = await OpenChannelAsync(OwnPrefetch, ct).ConfigureAwait(false);
        own.ChannelShutdownAsync += OnShutdownAsync;
        await Topology.DeclareAsync(own, _options, ct).ConfigureAwait(false);
        var replies = new OwnConsumer(own, this, message => events.Raise(to => to.Reply(message)));
        var announcements = new OwnConsumer(own, this, message => events.Raise(to => to.Announced(message)));
        _ = AcknowledgeAsync(own);
        await Topology.ConsumeOwnAsync(own, _options, replies, announcements, ct).ConfigureAwait(false);
    }

    private ConnectionFactory Factory() => new()
    {
        HostName = _options.Host,
        Port = _options.Port,
        UserName = _options.UserName,
        Password = _options.Password,
        VirtualHost = _options.VirtualHost,
        Ssl = new SslOption(_options.Host, enabled: _options.UseTls),
        // The client's own recovery waits 5 s, knows nothing of lost channels, and swallows stale acknowledgements.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = _options.Heartbeat,
        RequestedConnectionTimeout = _options.AnswerWithin,
        HandshakeContinuationTimeout = _options.AnswerWithin,
        ContinuationTimeout = _options.AnswerWithin,
        SocketReadTimeout = _options.AnswerWithin,
        SocketWriteTimeout = _options.AnswerWithin,
    };

    private async Task<IConnection> ConnectAsync(ConnectionFactory factory, string what, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_options.AnswerWithin, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var connection = await factory.CreateConnectionAsync($"{_options.Prefix} {_options.Node} {what}", either.Token).ConfigureAwait(false);
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        if (connection.CloseReason is { } reason)
        {
            _lost.TrySetResult(reason.ReplyText); // Before we listened.
        }

        return connection;
    }

    private async Task<IChannel> OpenChannelAsync(ushort prefetch, CancellationToken ct)
    {
        // Within a channel order is kept only while one call at a time is made.
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1);
        var channel = await _consuming!.CreateChannelAsync(options, ct).ConfigureAwait(false);
        await channel.BasicQosAsync(prefetchSize: 0, prefetch, global: false, ct).ConfigureAwait(false);
        return channel;
    }

    /// <summary>
    /// Acknowledges what was raised: not for safety, but so that no more than the prefetch is held in memory. What has come meanwhile is acknowledged together; one
    /// task dispatches the channel, so that everything with a lower tag was raised too.
    /// </summary>
    private async Task AcknowledgeAsync(IChannel own)
    {
        try
        {
            while (await _taken.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                ulong last = 0;
                while (_taken.Reader.TryRead(out var tag))
                {
                    last = tag;
                }

                await own.BasicAckAsync(last, multiple: true).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever it is: a channel on which nothing is acknowledged would stand still.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _lost.TrySetResult(error.Message);
        }
    }

    private async Task LoseWithSessionAsync() => _lost.TrySetResult(await Session.Ended.ConfigureAwait(false));

    private Task OnShutdownAsync(object sender, ShutdownEventArgs args)
    {
        _lost.TrySetResult(args.ReplyText);
        return Task.CompletedTask;
    }

    private sealed class OwnConsumer(IChannel channel, RabbitLink link, Action<TransportMessage> raise) : AsyncDefaultBasicConsumer(channel)
    {
        public override Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            raise(Wire.Read(properties, body));
            link._taken.Writer.TryWrite(deliveryTag);
            return Task.CompletedTask;
        }

        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            link._lost.TrySetResult("The node's queue is gone.");
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }
    }
}

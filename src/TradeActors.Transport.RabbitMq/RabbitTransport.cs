using System.Collections.Concurrent;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>The queues of one RabbitMQ server or cluster. Connects again by itself, with jittered back-off.</summary>
public sealed class RabbitTransport : INodeTransport
{
    private readonly RabbitOptions _options;
    private readonly EventRaiser _events;
    private readonly Publisher _publisher;
    private readonly ConcurrentDictionary<(int Shard, long Registration), ShardConsumer> _consumers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _publishing;
    private readonly Task _connecting;
    private readonly Lazy<Task> _disposal;
    private volatile RabbitLink? _link;

    private RabbitTransport(RabbitOptions options, ITransportEvents events)
    {
        _options = options;
        _events = new EventRaiser(events);
        _publisher = new Publisher(options, _events);
        _disposal = new Lazy<Task>(EndAsync);
        _publishing = Task.Run(_publisher.RunAsync);
        _connecting = Task.Run(ConnectAlwaysAsync);
        Completion = Task.WhenAll(_connecting, StopAfterEventsAsync());
    }

    /// <inheritdoc/>
    public Task Completion { get; }

    /// <summary>Begins to connect, and returns: whether the server can be reached is told by the events.</summary>
    public static RabbitTransport Start(RabbitOptions options, ITransportEvents events)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Prefix);
        ArgumentException.ThrowIfNullOrEmpty(options.Node);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ShardCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PublishWindow);
        return new RabbitTransport(options, events);
    }

    /// <inheritdoc/>
    public void Register(int shard, long registration)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, _options.ShardCount);
        var consumer = new ShardConsumer(shard, registration, _options, _link, _events);
        if (!_consumers.TryAdd((shard, registration), consumer))
        {
            throw new ArgumentException($"Registration {registration} of shard {shard} was used before.", nameof(registration));
        }

        consumer.Start();
        _ = ForgetWhenOverAsync((shard, registration), consumer);
    }

    /// <inheritdoc/>
    public void Close(int shard, long registration)
    {
        if (_consumers.TryGetValue((shard, registration), out var consumer))
        {
            consumer.Close();
        }
    }

    /// <inheritdoc/>
    public void Done(int shard, long registration, long tag)
    {
        if (_consumers.TryGetValue((shard, registration), out var consumer))
        {
            consumer.Done(tag);
        }
    }

    /// <inheritdoc/>
    public void Nudge(int shard)
    {
        var nudge = new TransportMessage(TransportMessage.NudgeType, ReadOnlyMemory<byte>.Empty) { LapsesAfter = TimeSpan.FromSeconds(1) };
        _publisher.Send(ToShard(shard, nudge) with { IsMissed = false });
    }

    /// <inheritdoc/>
    public void SendToShard(int shard, TransportMessage message) => _publisher.Send(ToShard(shard, message));

    /// <inheritdoc/>
    public void SendToNode(string node, TransportMessage message) =>
        _publisher.Send(new Outgoing(Exchange: "", Topology.Node(_options, node), IsMandatory: true, IsMissed: true, message));

    /// <inheritdoc/>
    public void Announce(TransportMessage message) =>
        _publisher.Send(new Outgoing(Topology.Live(_options), RoutingKey: "", IsMandatory: false, IsMissed: true, message));

    /// <summary>Closes the registrations, publishes what waits, closes the connections. Nothing is raised once it has returned. Not to be awaited within an event.</summary>
    public async ValueTask DisposeAsync() => await _disposal.Value.ConfigureAwait(false);

    private Outgoing ToShard(int shard, TransportMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, _options.ShardCount);
        return new Outgoing(Exchange: "", Topology.Shard(_options, shard), IsMandatory: true, IsMissed: true, message);
    }

    private async Task ForgetWhenOverAsync((int Shard, long Registration) key, ShardConsumer consumer)
    {
        await consumer.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _consumers.TryRemove(key, out _);
    }

    private async Task StopAfterEventsAsync()
    {
        try
        {
            await _events.Completion.ConfigureAwait(false);
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task ConnectAlwaysAsync()
    {
        var failed = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var link = await RabbitLink.OpenAsync(_options, _events, _publisher.Refuse, _stop.Token).ConfigureAwait(false);
                await using (link.ConfigureAwait(false))
                {
                    failed = 0;
                    await ServeAsync(link).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it is, the server may be back, or well again, at the next attempt.
                var reason = error is OperationCanceledException ? "The server does not answer." : error.GetBaseException().Message;
                _events.Raise(to => to.Disconnected(reason));
            }

            await Task.Delay(Backoff(failed++), _options.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns when the link is lost and that has been told.</summary>
    private async Task ServeAsync(RabbitLink link)
    {
        _publisher.Session = link.Session;
        _link = link; // First, so that whoever hears of it may register.
        try
        {
            _events.Raise(to => to.Connected());
            await link.Lost.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _link = null;
            _publisher.Session = null;
        }

        var reason = await link.Lost.ConfigureAwait(false);
        link.Session.End(reason);
        foreach (var consumer in _consumers.Values.Where(consumer => consumer.Link == link))
        {
            consumer.End(reason);
        }

        _events.Raise(to => to.Disconnected(reason));
    }

    private TimeSpan Backoff(int failed)
    {
        var doubled = _options.ReconnectAfter * Math.Pow(2, Math.Min(failed, 20));
        return (doubled < _options.ReconnectAtMost ? doubled : _options.ReconnectAtMost) * (0.5 + (_options.Random() / 2));
    }

    private async Task EndAsync()
    {
        foreach (var consumer in _consumers.Values)
        {
            consumer.Close();
        }

        await WithinAsync(Task.WhenAll(_consumers.Values.Select(consumer => consumer.Completion)), _options.AnswerWithin).ConfigureAwait(false);
        _publisher.Complete();
        await WithinAsync(_publishing, _options.FlushWithin).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WithinAsync(_publishing, _options.FlushWithin).ConfigureAwait(false); // What was not confirmed is told now.
        _events.Complete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WithinAsync(Task task, TimeSpan limit) =>
        await task.WaitAsync(limit, _options.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

using System.Collections.Concurrent;

namespace TradeActors.Transport.RabbitMq;

/// <summary>
/// Moves messages between the nodes of a cluster. Every shard has one queue, which gives its messages in order to one consumer at a time: the one that registered
/// first of those that are left. Every node has a queue of its own, and one for what is announced to all.
/// </summary>
/// <remarks>
/// No method but <see cref="DisposeAsync"/> waits for anything, and none throws because the server is away; all may be called from any thread. The order of two sends
/// is kept. What is delivered may be delivered again, to this node or another: the queue gives order, not exclusion.
/// </remarks>
public sealed class RabbitTransport : IAsyncDisposable
{
    private readonly RabbitOptions _options;
    private readonly EventLoop _events;
    private readonly Publisher _publisher;
    private readonly ConcurrentDictionary<(int Shard, long Registration), ShardConsumer> _consumers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _raising;
    private readonly Task _publishing;
    private readonly Task _connecting;
    private readonly Lazy<Task> _disposal;
    private volatile RabbitLink? _link;

    private RabbitTransport(RabbitOptions options, IRabbitEvents events)
    {
        _options = options;
        _events = new EventLoop(events);
        _publisher = new Publisher(options, _events);
        _disposal = new Lazy<Task>(EndAsync);
        _raising = Task.Run(_events.RunAsync);
        _publishing = Task.Run(_publisher.RunAsync);
        _connecting = Task.Run(ConnectAlwaysAsync);
        Completion = Task.WhenAll(_connecting, StopAfterEventsAsync());
    }

    /// <summary>Ends with disposing. Fails earlier if one of the events threw: the connections are closed then, so that others take the shards, and nothing is raised.</summary>
    public Task Completion { get; }

    /// <summary>Begins to connect, and returns: whether the server can be reached is told by the events.</summary>
    public static RabbitTransport Start(RabbitOptions options, IRabbitEvents events)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Prefix);
        ArgumentException.ThrowIfNullOrEmpty(options.Node);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ShardCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PublishWindow);
        return new RabbitTransport(options, events);
    }

    /// <summary>Answered with <see cref="IRabbitEvents.Registered"/> or <see cref="IRabbitEvents.Ended"/>.</summary>
    /// <param name="registration">A number that was not used for the shard before.</param>
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

    /// <summary>Ends a registration by closing its channel: what was delivered to it and not done goes to the next consumer, in order.</summary>
    public void Close(int shard, long registration)
    {
        if (_consumers.TryGetValue((shard, registration), out var consumer))
        {
            consumer.Close();
        }
    }

    /// <summary>The message was taken care of and shall not be delivered again. Without effect for a registration that is over, or twice.</summary>
    public void Done(int shard, long registration, long tag)
    {
        if (_consumers.TryGetValue((shard, registration), out var consumer))
        {
            consumer.Done(tag);
        }
    }

    /// <summary>Puts a message into the shard's queue that means nothing and lapses within a second, once it has come to the head of its queue.</summary>
    public void Nudge(int shard)
    {
        var nudge = new RabbitMessage(RabbitMessage.NudgeType, ReadOnlyMemory<byte>.Empty) { LapsesAfter = TimeSpan.FromSeconds(1) };
        _publisher.Send(ToShard(shard, nudge) with { IsMissed = false });
    }

    public void SendToShard(int shard, RabbitMessage message) => _publisher.Send(ToShard(shard, message));

    /// <summary>To be raised as <see cref="IRabbitEvents.Reply"/> there.</summary>
    public void SendToNode(string node, RabbitMessage message) =>
        _publisher.Send(new Outgoing(Exchange: "", Topology.Node(_options, node), IsMandatory: true, IsMissed: true, message));

    /// <summary>To be raised as <see cref="IRabbitEvents.Announced"/> at every node that is connected, this one too.</summary>
    public void Announce(RabbitMessage message) =>
        _publisher.Send(new Outgoing(Topology.Live(_options), RoutingKey: "", IsMandatory: false, IsMissed: true, message));

    /// <summary>Closes the registrations, publishes what waits, closes the connections. Nothing is raised once it has returned. Not to be awaited within an event.</summary>
    public async ValueTask DisposeAsync() => await _disposal.Value.ConfigureAwait(false);

    private Outgoing ToShard(int shard, RabbitMessage message)
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
            await _raising.ConfigureAwait(false);
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
                await _events.PostAsync(to => to.Disconnected(reason)).ConfigureAwait(false);
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
            await _events.PostAsync(to => to.Connected()).ConfigureAwait(false);
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
            await consumer.EndAsync(reason).ConfigureAwait(false);
        }

        await _events.PostAsync(to => to.Disconnected(reason)).ConfigureAwait(false);
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

using System.Collections.Concurrent;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>One registration at a shard's queue: a channel and a consumer, and the task that owns them.</summary>
/// <remarks>A channel is closed without a cancel before it: what is delivered and not done then goes to the next consumer in order.</remarks>
internal sealed class ShardConsumer(int shard, long registration, RabbitOptions options, RabbitLink? link, EventRaiser events)
{
    private readonly Channel<ulong> _done = Channel.CreateUnbounded<ulong>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Acknowledging anything else would end the channel. Bounds <see cref="_done"/> too.</summary>
    private readonly ConcurrentDictionary<ulong, bool> _unacknowledged = [];

    private int _isOver;
    private string _reason = "The channel is gone.";

    public RabbitLink? Link => link;

    /// <summary>Ends when the channel is closed.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    private bool IsOver => Volatile.Read(ref _isOver) != 0;

    public void Start() => Completion = Task.Run(RunAsync); // Not on the caller: opening a channel encodes and writes before it first waits.

    public void Done(long tag)
    {
        if (_unacknowledged.TryRemove((ulong)tag, out _))
        {
            _done.Writer.TryWrite((ulong)tag);
        }
    }

    /// <summary>What was done before is acknowledged before.</summary>
    public void Close()
    {
        Interlocked.Exchange(ref _isOver, 1);
        _done.Writer.TryComplete();
    }

    public void End(string reason)
    {
        _done.Writer.TryComplete();
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            events.Raise(to => to.Ended(shard, registration, reason));
        }
    }

    private async Task RunAsync()
    {
        IChannel? channel = null;
        try
        {
            if (link is null)
            {
                _reason = "Not connected.";
                return;
            }

            channel = await link.OpenChannelAsync(options.Prefetch).ConfigureAwait(false);
            channel.ChannelShutdownAsync += OnShutdownAsync;
            if (!IsOver)
            {
                await ConsumeAsync(channel).ConfigureAwait(false);
            }

            var done = new DoneTags();
            while (await _done.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_done.Reader.TryRead(out var tag))
                {
                    done.Add(tag);
                }

                foreach (var (tag, isWithAllBefore) in done.Take())
                {
                    await channel.BasicAckAsync(tag, isWithAllBefore).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (RabbitFailure.Is(error))
        {
            _reason = error.Message; // The region registers again.
        }
        finally
        {
            End(_reason);
            if (channel is not null)
            {
                await channel.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task ConsumeAsync(IChannel channel)
    {
        using var limit = new CancellationTokenSource(options.AnswerWithin, options.Time);
        await Topology.DeclareShardAsync(channel, options, shard, limit.Token).ConfigureAwait(false); // Somebody may have deleted it.
        await channel.BasicConsumeAsync(Topology.Shard(options, shard), autoAck: false, new Consumer(this, channel), limit.Token).ConfigureAwait(false);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs args)
    {
        _reason = args.ReplyText;
        _done.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private void Registered() => Raise(to => to.Registered(shard, registration));

    private void Delivered(ulong tag, TransportMessage message)
    {
        _unacknowledged.TryAdd(tag, true);
        Raise(to => to.Delivered(shard, registration, (long)tag, message));
    }

    /// <summary>Looked at when it is raised: nothing follows an end, and nothing comes after a close but what was being raised.</summary>
    private void Raise(Action<ITransportEvents> raise) => events.Raise(to =>
    {
        if (!IsOver)
        {
            raise(to);
        }
    });

    /// <summary>Called by the channel's one dispatching task, so that nothing is delivered before it is registered.</summary>
    private sealed class Consumer(ShardConsumer owner, IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        public override async Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            await base.HandleBasicConsumeOkAsync(consumerTag, cancellationToken).ConfigureAwait(false);
            owner.Registered();
        }

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
            owner.Delivered(deliveryTag, Wire.Read(properties, body));
            return Task.CompletedTask;
        }

        /// <summary>The server has ended the consumer: its queue was deleted.</summary>
        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            owner._reason = "The queue is gone.";
            owner._done.Writer.TryComplete();
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }
    }
}

using System.Threading.Channels;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <param name="IsMissed">Whether its sender wants to know that it was not taken.</param>
internal sealed record Outgoing(string Exchange, string RoutingKey, bool IsMandatory, bool IsMissed, TransportMessage Message);

/// <summary>Takes messages from callers without blocking them, and gives them to whatever session there is.</summary>
internal sealed class Publisher(RabbitOptions options, EventRaiser events)
{
    private readonly Channel<Outgoing> _waiting = Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(options.WaitingAtMost) { SingleReader = true });

    /// <summary>Only on its way to the events, which a caller cannot raise. Unbounded, since a caller cannot wait: it holds what was refused faster than events could be raised.</summary>
    private readonly Channel<TransportMessage> _refused = Channel.CreateUnbounded<TransportMessage>(new UnboundedChannelOptions { SingleReader = true });

    private volatile PublishSession? _session;

    /// <summary>Null while there is no connection.</summary>
    public PublishSession? Session
    {
        set => _session = value;
    }

    public void Send(Outgoing outgoing)
    {
        if (_session is not { IsTaking: true } || !_waiting.Writer.TryWrite(outgoing))
        {
            Refuse(outgoing);
        }
    }

    public void Refuse(Outgoing outgoing)
    {
        if (outgoing.IsMissed)
        {
            _refused.Writer.TryWrite(outgoing.Message);
        }
    }

    public Task RunAsync() => Task.WhenAll(PublishAsync(), TellRefusedAsync());

    /// <summary>Publishes what waits, and waits for the confirmations. Sending is over.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    private async Task PublishAsync()
    {
        try
        {
            await foreach (var outgoing in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                // Without a session what waits is refused here: nothing is kept for the next one.
                if (_session is not { } session || !await session.TryPublishAsync(outgoing).ConfigureAwait(false))
                {
                    Refuse(outgoing);
                }
            }

            await (_session?.SettledAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            _refused.Writer.TryComplete();
        }
    }

    private async Task TellRefusedAsync()
    {
        await foreach (var message in _refused.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            events.Raise(to => to.NotTaken(message));
        }
    }
}

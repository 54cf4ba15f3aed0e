using System.Threading.Channels;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>Raises all events, one after another, in the order in which they were posted.</summary>
internal sealed class EventLoop(ITransportEvents events)
{
    private const int Ahead = 1_024;

    private readonly Channel<Action<ITransportEvents>> _posted =
        Channel.CreateBounded<Action<ITransportEvents>>(new BoundedChannelOptions(Ahead) { SingleReader = true });

    /// <summary>Waits while too much is ahead: what comes from the server is held up there then. Does nothing once the loop has ended.</summary>
    public async ValueTask PostAsync(Action<ITransportEvents> raise)
    {
        try
        {
            await _posted.Writer.WriteAsync(raise).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
        }
    }

    /// <summary>Ends when <see cref="Complete"/> was called and everything is raised, or with the exception of the first event that throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await foreach (var raise in _posted.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                raise(events);
            }
        }
        finally
        {
            Complete();
        }
    }

    public void Complete() => _posted.Writer.TryComplete();
}

using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>
/// Raises events one after another, on the task that has something to tell: a task of its own would cost every message a change of threads, and events return at once.
/// </summary>
internal sealed class EventRaiser(ITransportEvents events)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when <see cref="Complete"/> was called, or with the exception of the first event that throws.</summary>
    public Task Completion => _over.Task;

    /// <summary>Does nothing once it is over. Not to be called by a caller of the transport.</summary>
    public void Raise(Action<ITransportEvents> raise)
    {
        lock (_lock)
        {
            if (Completion.IsCompleted)
            {
                return;
            }

            try
            {
                raise(events);
            }
#pragma warning disable CA1031 // A defect of the node's: it must end, and say why.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _over.TrySetException(error);
            }
        }
    }

    /// <summary>Waits for the event that is being raised; nothing is raised afterwards.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _over.TrySetResult();
        }
    }
}

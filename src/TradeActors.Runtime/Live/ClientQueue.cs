namespace TradeActors.Runtime.Live;

/// <summary>What waits for one client while it reads slowly, oldest first. The client's loop takes one thing after another.</summary>
/// <remarks>Not safe for concurrent use. Bounded: events by number; syncs, one for each follower that reads for itself; the rest by whoever adds it.</remarks>
/// <param name="mostEvents">Events that may wait.</param>
public sealed class ClientQueue(int mostEvents)
{
    private readonly Queue<Waiting> _waiting = new();
    private int _events;

    /// <returns>False when too many wait already: the event is not taken.</returns>
    public bool TryAddEvent(TopicFollower follower, object message)
    {
        if (_events == mostEvents)
        {
            return false;
        }

        _events++;
        _waiting.Enqueue(new Waiting(follower, message));
        return true;
    }

    /// <summary>The follower reads for itself when its turn has come.</summary>
    public void AddSync(TopicFollower follower) => _waiting.Enqueue(new Waiting(follower, null));

    /// <summary>Something that belongs to no topic.</summary>
    public void Add(object other) => _waiting.Enqueue(new Waiting(null, other));

    /// <summary>The next thing that is still wanted.</summary>
    public bool TryTake(out Waiting next)
    {
        while (_waiting.TryDequeue(out next))
        {
            _events -= next is { Follower: not null, Message: not null } ? 1 : 0;
            if (next.Follower is not { IsEnded: true })
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>An event of a topic; without a message a topic to be synchronised, without a follower something else.</summary>
public readonly record struct Waiting(TopicFollower? Follower, object? Message);

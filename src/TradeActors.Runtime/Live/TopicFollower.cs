using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Runtime.Live;

/// <summary>Where a follower's client takes what is for it. Called under the reader's lock: return at once.</summary>
public interface IFollowerOutput
{
    /// <returns>False when too much waits for the client already.</returns>
    bool TryQueue(TopicFollower follower, object message);

    /// <summary>Behind what waits, the follower must read for itself: the snapshot when <see cref="TopicFollower.Last"/> is null, else a page behind it.</summary>
    void QueueSync(TopicFollower follower);
}

/// <summary>
/// One client's view of one topic. It reads for itself, a snapshot and then pages, until it has everything; then it joins the topic's
/// <see cref="TopicReader"/> and takes what is handed out. After an overflow or a gap it reads for itself again.
/// </summary>
/// <remarks>
/// A follower belongs to its client's one loop while it reads for itself, and to the reader while it has joined; only <see cref="IsEnded"/> may be asked
/// by anyone. The client's loop asks it for leave before each thing that it sends.
/// </remarks>
/// <param name="after">The last event that the client has; null: it needs a snapshot.</param>
public class TopicFollower(IFollowerOutput output, long? after)
{
    private volatile bool _isEnded;

    /// <summary>The head as it was when the follower read last.</summary>
    private long? _head;

    /// <summary>The last event that the client has or that waits for it; null: it needs a snapshot.</summary>
    public long? Last { get; private set; } = after;

    /// <summary>The client no longer wants it, or has asked anew: what still waits is dropped.</summary>
    public bool IsEnded => _isEnded;

    internal bool HasCaughtUp => Last is not null && Last == _head;

    /// <summary>First of all: the client's loop begins to read.</summary>
    public void Synchronise() => output.QueueSync(this);

    /// <summary>A snapshot was read that was true when the topic stood at <paramref name="head"/>.</summary>
    /// <returns>Whether it is to be sent.</returns>
    public bool SnapshotRead(long head)
    {
        Last = _head = head;
        return !IsEnded;
    }

    /// <summary>
    /// A page behind <see cref="Last"/> was read: each of its events is sent if <see cref="TrySend"/> says so. Where it does not go on behind
    /// <see cref="Last"/>, nothing before it is kept any more, or the client has more than there is since the store was restored: a snapshot then comes first.
    /// </summary>
    public void PageRead(LivePage page)
    {
        _head = page.Head;
        if (page.Events.IsEmpty ? page.Head != Last : page.Events[0].Seq != Last + 1)
        {
            Last = null;
        }
    }

    /// <returns>Whether the event is to be sent; it then counts as had.</returns>
    public bool TrySend(long seq)
    {
        if (IsEnded || seq != Last + 1)
        {
            return false;
        }

        Last = seq;
        return true;
    }

    internal void End() => _isEnded = true;

    /// <summary>Takes an event that the reader hands out.</summary>
    /// <returns>False when it could not, and begins anew.</returns>
    internal bool TryTake(long seq, object message)
    {
        if (seq <= Last)
        {
            return true; // Read by the client itself before it joined.
        }

        if (seq == Last + 1 && output.TryQueue(this, message))
        {
            Last = seq;
            return true;
        }

        BeginAnew();
        return false;
    }

    internal void BeginAnew()
    {
        Last = null;
        Synchronise();
    }
}

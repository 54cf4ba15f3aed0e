using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Runtime.Live;

/// <summary>
/// Reads one topic for all clients of one node that follow it, so that each event is read once and encoded once. Does no I/O: a method that returns
/// true wants a page read behind <see cref="Cursor"/>, answered with <see cref="HandOut"/> for each of its events and then with
/// <see cref="PageRead"/>, or with <see cref="ReadFailed"/>.
/// </summary>
/// <remarks>
/// A follower joins when it has everything up to the head that it has seen. From then on it gets what lies behind the cursor, in order; what it has
/// already is dropped, and a gap makes it begin anew (PROTOCOL 14). What counts is the cursor, never an announcement: those may be lost, repeated or late.
/// Not safe for concurrent use.
/// </remarks>
/// <param name="pageSize">Events in a full page: behind one there may be more.</param>
public sealed class TopicReader(int pageSize)
{
    private readonly List<TopicFollower> _joined = [];
    private bool _isReading;

    /// <summary>What is being read now may have been committed too late for it.</summary>
    private bool _mustReadAgain;

    /// <summary>The last event that was handed out; null until somebody has joined.</summary>
    public long? Cursor { get; private set; }

    /// <summary>The topic's entity is said to have committed. A hint: there may be something to read.</summary>
    public bool Announced() => Cursor is not null && AskToRead();

    /// <param name="head">Where the topic stood a moment ago. Before the cursor: old news, or the store was restored; reading tells which.</param>
    public bool HeadSeen(long head) => Cursor is { } cursor && cursor != head && AskToRead();

    /// <summary>Takes a follower in that has caught up; one that has not, or no longer has, is sent back to its store.</summary>
    public bool Join(TopicFollower follower)
    {
        if (follower.IsEnded)
        {
            return false;
        }

        if (!follower.HasCaughtUp || Cursor > follower.Last)
        {
            follower.Synchronise();
            return follower.HasCaughtUp && HeadSeen(follower.Last!.Value);
        }

        _joined.Add(follower);
        if (Cursor is null)
        {
            Cursor = follower.Last;
            return Announced(); // Whatever was announced while there was no cursor found nobody to tell.
        }

        return HeadSeen(follower.Last!.Value);
    }

    /// <summary>The client no longer wants it, or has asked anew: what still waits for it is dropped.</summary>
    public void End(TopicFollower follower)
    {
        follower.End();
        _joined.Remove(follower);
    }

    /// <param name="message">The event as it is sent, the same for every follower.</param>
    public void HandOut(long seq, object message)
    {
        Cursor = seq;
        _joined.RemoveAll(follower => !follower.TryTake(seq, message));
    }

    /// <returns>Whether the next page must be read at once.</returns>
    public bool PageRead(LivePage page)
    {
        if (page.Head < Cursor)
        {
            BeginAnew();
        }

        return ReadEnded(goesOn: page.Events.Length == pageSize);
    }

    /// <returns>Whether to try again at once, since something was announced meanwhile. Else the next look at the heads tries again.</returns>
    public bool ReadFailed() => ReadEnded(goesOn: false);

    private bool AskToRead()
    {
        _mustReadAgain = _isReading;
        return !_isReading && (_isReading = true);
    }

    private bool ReadEnded(bool goesOn)
    {
        _isReading = Cursor is not null && (goesOn || _mustReadAgain); // Without a cursor there is nothing to read behind: who joins next sets one and reads.
        _mustReadAgain = false;
        return _isReading;
    }

    /// <summary>The store was restored: it holds less than was handed out, and whoever saw that must forget it.</summary>
    private void BeginAnew()
    {
        Cursor = null;
        foreach (var follower in _joined)
        {
            follower.BeginAnew();
        }

        _joined.Clear();
    }
}

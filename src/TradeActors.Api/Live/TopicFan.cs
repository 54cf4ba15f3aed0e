using System.Collections.Immutable;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Api.Live;

/// <summary>
/// Reads one topic for all clients of this node that watch it: each event is read once and written once. A client joins when it has everything up to
/// what was read here (PROTOCOL 14).
/// </summary>
/// <remarks>Safe from any thread. Locks are taken in the order fan, client.</remarks>
internal sealed class TopicFan(Watched watched, ILiveStore store, ILogger log)
{
    /// <summary>Events read at once.</summary>
    public const int PageSize = 200;

    private readonly Lock _gate = new();

    /// <summary>Those who get every event from the cursor on.</summary>
    private readonly List<TopicWatch> _joined = [];

    /// <summary>The last event that was handed out; null until somebody has joined.</summary>
    private long? _cursor;

    /// <summary>Calls of <see cref="Poke"/> that the reading under way may not have seen.</summary>
    private int _pokes;

    public Watched Watched => watched;

    /// <summary>Whether a topic that stands at <paramref name="head"/> has something to read.</summary>
    public bool IsBehind(long head)
    {
        lock (_gate)
        {
            return _cursor < head;
        }
    }

    /// <summary>There may be something to read. Returns at once; calls while a reading is under way make one more.</summary>
    public void Poke()
    {
        if (Interlocked.Increment(ref _pokes) == 1)
        {
            _ = Task.Run(ReadAsync);
        }
    }

    /// <summary>Takes a client in that has everything up to <paramref name="last"/>, the topic's head a moment ago.</summary>
    /// <returns>False when more than that has been handed out meanwhile: read on, and try again.</returns>
    public bool TryJoin(TopicWatch watch, long last)
    {
        lock (_gate)
        {
            if (watch.IsEnded || _cursor > last)
            {
                return watch.IsEnded;
            }

            _joined.Add(watch);
            if (_cursor is not null)
            {
                return true;
            }

            _cursor = last;
        }

        Poke(); // Whatever was announced while there was no cursor found nobody to tell.
        return true;
    }

    /// <summary>For a watch that has ended: it does not join again.</summary>
    public void Leave(TopicWatch watch)
    {
        lock (_gate)
        {
            _joined.Remove(watch);
        }
    }

    private async Task ReadAsync()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _pokes);
            try
            {
                await ReadOnAsync().ConfigureAwait(false);
            }
            catch (JournalUnavailableException error)
            {
                LiveLog.ReadFailed(log, error, watched.Tenant, watched.Name); // The next look at the heads tries again.
            }
#pragma warning disable CA1031 // The top of a reader: it must be able to start again.
            catch (Exception error)
#pragma warning restore CA1031
            {
                LiveLog.Unexpected(log, error);
            }
        }
        while (Interlocked.CompareExchange(ref _pokes, 0, seen) != seen);
    }

    private async Task ReadOnAsync()
    {
        ImmutableArray<LiveRow> events;
        do
        {
            long cursor;
            lock (_gate)
            {
                if (_cursor is not { } known)
                {
                    return;
                }

                cursor = known;
            }

            events = (await store.ReadAsync(watched.Topic, cursor, PageSize, CancellationToken.None).ConfigureAwait(false)).Events;
            foreach (var row in events)
            {
                HandOut(row);
            }
        }
        while (events.Length == PageSize);
    }

    private void HandOut(LiveRow row)
    {
        var message = HubMessages.Event(new LiveEvent(watched.Name, row.Seq, row.Type, row.At, row.Data));
        lock (_gate)
        {
            _cursor = row.Seq;
            _joined.RemoveAll(watch => !watch.TryTake(row.Seq, message));
        }
    }
}

/// <summary>One client's watch over one topic.</summary>
internal sealed class TopicWatch(LiveClient client, TopicFan fan, long? after)
{
    private volatile bool _isEnded;

    public TopicFan Fan => fan;

    /// <summary>The last event that the client has or that waits for it; null: it needs a snapshot.</summary>
    /// <remarks>The fan's while the watch has joined, else the client's.</remarks>
    public long? Last { get; set; } = after;

    /// <summary>The client no longer wants it, or has asked anew: what still waits is dropped.</summary>
    public bool IsEnded => _isEnded;

    public void End()
    {
        _isEnded = true;
        fan.Leave(this);
    }

    /// <summary>Called by the fan with every event, under its lock.</summary>
    /// <returns>False when the client could not take it and must begin again with a snapshot.</returns>
    public bool TryTake(long seq, SerializedHubMessage message)
    {
        if (seq <= Last)
        {
            return true; // Read by the client itself before it joined.
        }

        if (seq == Last + 1 && client.TryQueue(this, message))
        {
            Last = seq;
            return true;
        }

        Last = null;
        client.QueueSync(this);
        return false;
    }
}

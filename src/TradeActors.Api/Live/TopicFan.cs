using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Runtime.Live;

namespace TradeActors.Api.Live;

/// <summary>Runs a <see cref="TopicReader"/>: its lock, its reads, and the one message that all clients are sent for an event.</summary>
/// <remarks>Safe from any thread. Locks are taken in the order fan, client.</remarks>
internal sealed class TopicFan(Watched watched, ILiveStore store, ILogger log)
{
    /// <summary>Events read at once.</summary>
    public const int PageSize = 200;

    private readonly Lock _gate = new();
    private readonly TopicReader _reader = new(PageSize);

    /// <summary>1 while a call of <see cref="Poke"/> has not reached the reader.</summary>
    private int _poked;

    public Watched Watched => watched;

    /// <summary>There may be something to read. Returns at once, without waiting for a hand-out to many clients.</summary>
    public void Poke()
    {
        if (Interlocked.Exchange(ref _poked, 1) == 0)
        {
            _ = Task.Run(() =>
            {
                Volatile.Write(ref _poked, 0);
                return Tell(reader => reader.Announced()) ? ReadAsync() : Task.CompletedTask;
            });
        }
    }

    /// <param name="head">Where the topic stood a moment ago.</param>
    public void See(long head) => ReadIf(Tell(reader => reader.HeadSeen(head)));

    /// <summary>Takes in a follower that has caught up, or sends it back to read on.</summary>
    public void Join(TopicFollower follower) => ReadIf(Tell(reader => reader.Join(follower)));

    public void End(TopicFollower follower)
    {
        lock (_gate)
        {
            _reader.End(follower);
        }
    }

    private bool Tell(Func<TopicReader, bool> input)
    {
        lock (_gate)
        {
            return input(_reader);
        }
    }

    private void ReadIf(bool isWanted)
    {
        if (isWanted)
        {
            _ = Task.Run(ReadAsync);
        }
    }

    private async Task ReadAsync()
    {
        while (await ReadPageAsync().ConfigureAwait(false))
        {
            // The next page.
        }
    }

    private async Task<bool> ReadPageAsync()
    {
        try
        {
            var cursor = _reader.Cursor!.Value; // Moved by nobody else while a page is being read.
            var page = await store.ReadAsync(watched.Topic, cursor, PageSize, CancellationToken.None).ConfigureAwait(false);
            foreach (var row in page.Events)
            {
                HandOut(row);
            }

            return Tell(reader => reader.PageRead(page));
        }
        catch (JournalUnavailableException error)
        {
            LiveLog.ReadFailed(log, error, watched.Tenant, watched.Name);
        }
#pragma warning disable CA1031 // The top of a reader: it must be able to start again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LiveLog.Unexpected(log, error);
        }

        return Tell(reader => reader.ReadFailed());
    }

    private void HandOut(LiveRow row)
    {
        var message = HubMessages.Event(new LiveEvent(watched.Name, row.Seq, row.Type, row.At, row.Data));
        lock (_gate)
        {
            _reader.HandOut(row.Seq, message);
        }
    }
}

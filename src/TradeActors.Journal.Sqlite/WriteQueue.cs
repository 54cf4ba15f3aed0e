using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sqlite;

/// <summary>The one writer: a thread that takes all waiting calls, carries them out in one transaction, and answers them after its COMMIT.</summary>
/// <remarks>
/// A thread of its own, since an fsync would otherwise hold one of the few pool threads for most of the time. While one transaction is being
/// committed the next one's calls gather, so the group grows with the load and a lone call never waits for company.
/// </remarks>
internal sealed class WriteQueue : IAsyncDisposable
{
    /// <summary>Calls that may wait; callers beyond it wait for room.</summary>
    private const int Room = 1024;

    /// <summary>Rows after which a transaction takes no further call, so that the first one's answer does not wait for ever.</summary>
    private const int MaxWeight = 8192;

    /// <summary>32 MB of log at 8 KiB a page. It grows further only while a reader holds on to an old part.</summary>
    private const int CheckpointPages = 4096;

    private readonly WriteSession _session;
    private readonly SqliteStoreOptions _seams;
    private readonly Channel<WriteCall> _calls = Channel.CreateBounded<WriteCall>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _fault;

    public WriteQueue(WriteSession session, SqliteStoreOptions seams)
    {
        (_session, _seams) = (session, seams);
        new Thread(Loop) { IsBackground = true, Name = "journal writer" }.Start();
    }

    /// <summary>Set once, at the first failure after which the file may differ from what SQLite believes.</summary>
    public string? Fault => _fault;

    /// <summary>Calls that wait for their transaction; at <see cref="Room"/> callers wait too.</summary>
    public int Waiting => _calls.Reader.Count;

    /// <param name="work">Runs on the writer's thread inside a transaction, perhaps more than once.</param>
    /// <param name="ct">Ends the wait for room in the queue. A queued call is carried out, and its true outcome is returned.</param>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalUnknownOutcomeException">It may have been stored or not.</exception>
    public async Task<T> RunAsync<T>(Func<WriteSession, T> work, int weight, CancellationToken ct)
    {
        ThrowIfFaulted();
        var call = new WriteCall<T>(work, weight);
        try
        {
            await _calls.Writer.WriteAsync(call, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new JournalUnavailableException("The store is closed.", e);
        }

        return await call.Done.ConfigureAwait(false);
    }

    public void ThrowIfFaulted()
    {
        if (_fault is { } fault)
        {
            throw new JournalUnavailableException(fault);
        }
    }

    /// <summary>Takes no more calls, carries out those that wait, and ends the thread. The file stays open for <see cref="CloseFile"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _calls.Writer.TryComplete();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Empties the log and closes the file; after all readers, which would keep the log from being emptied.</summary>
    public void CloseFile()
    {
        try
        {
            if (_fault is null)
            {
                _session.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
            }
        }
        catch (SqliteException)
        {
            // Everything is safe in the log: the next start reads it there.
        }
        finally
        {
            _session.Dispose();
        }
    }

    private void Loop()
    {
        try
        {
            var group = new List<WriteCall>();
            while (_calls.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                Collect(group);
                Store(group);
                group.Clear();
                CheckpointWhenDue();
            }
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Collect(List<WriteCall> group)
    {
        var weight = 0;
        while (weight < MaxWeight && _calls.Reader.TryRead(out var call))
        {
            group.Add(call);
            weight += call.Weight;
        }
    }

    private void Store(List<WriteCall> group)
    {
        if (_fault is { } fault)
        {
            group.ForEach(call => call.Fail(new JournalUnavailableException(fault)));
            return;
        }

        try
        {
            _session.Begin();
            group.ForEach(call => call.Apply(_session));
            _seams.BeforeCommit?.Invoke();
        }
        catch (Exception e) // Whatever it was, nothing is stored: undo, and let every caller know.
        {
            Undo(e, atCommit: false);
            Refuse(group, e);
            return;
        }

        try
        {
            _session.Commit();
            _seams.AfterCommit?.Invoke();
        }
        catch (Exception e) // The log may hold the commit record or not: only reading can tell.
        {
            Undo(e, atCommit: true);
            group.ForEach(call => call.Fail(new JournalUnknownOutcomeException($"The commit gave no answer: {e.Message}", e)));
            return;
        }

        group.ForEach(call => call.Complete());
    }

    private void Refuse(List<WriteCall> group, Exception cause)
    {
        if (group.Count > 1 && IsOneCallsFault(cause))
        {
            // The others need not suffer for it: each on its own.
            foreach (var call in group)
            {
                Store([call]);
            }

            return;
        }

        group.ForEach(call => call.Fail(
            cause is ArgumentException ? cause : new JournalUnavailableException(_fault ?? $"Nothing was stored: {cause.Message}", cause)));
    }

    private void Undo(Exception cause, bool atCommit)
    {
        if (cause is SqliteException failure && IsFatal(failure, atCommit))
        {
            Break(failure);
        }

        try
        {
            _session.Rollback();
        }
        catch (SqliteException e)
        {
            Break(e);
        }
    }

    private void CheckpointWhenDue()
    {
        try
        {
            if (_fault is null && _session.PagesWritten() >= CheckpointPages)
            {
                _session.Checkpoint();
            }
        }
        catch (SqliteException e)
        {
            Break(e);
        }
    }

    // After a failed fsync the operating system may have dropped the pages: a second try would succeed and prove nothing.
    private void Break(SqliteException cause) =>
        _fault ??= $"The store failed ({cause.Message}) and takes no more writes. Check the disk, then restart the process: "
            + "it reads back what is stored.";

    private static bool IsFatal(SqliteException e, bool atCommit) => (e.SqliteErrorCode & 0xff) switch
    {
        raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => true,
        raw.SQLITE_FULL or raw.SQLITE_BUSY => false, // Space can be freed and locks end while the process runs.
        _ => atCommit,
    };

    private static bool IsOneCallsFault(Exception e) =>
        e is not SqliteException failure || (failure.SqliteErrorCode & 0xff) is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG;
}

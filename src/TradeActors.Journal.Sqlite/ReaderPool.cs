using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sqlite;

/// <summary>A few read-only connections. Readers of a write-ahead log neither wait for the writer nor hold it up.</summary>
/// <remarks>
/// Each read starts its own transaction after it was called, and thereby sees everything committed before. SQLite reads synchronously: a read of one
/// row takes microseconds and runs on the caller's thread; one of unknown length hops to the pool, so that a node's loop or a request
/// thread is not held by it.
/// </remarks>
internal sealed class ReaderPool : IAsyncDisposable
{
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private readonly SemaphoreSlim _free;
    private readonly int _count;
    private volatile bool _closed;

    public ReaderPool(string file, int count)
    {
        _count = count;
        _free = new SemaphoreSlim(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                _idle.Add(SqliteSession.OpenReader(file));
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>For a read of one row, or few: runs on the caller's thread.</summary>
    /// <exception cref="JournalUnavailableException">The store cannot be read now.</exception>
    public async Task<T> ReadShortAsync<T>(Func<SqliteSession, T> read, CancellationToken ct)
    {
        await _free.WaitAsync(ct).ConfigureAwait(false);
        return ReadAndRelease(read);
    }

    /// <summary>For a read of any length: runs on the thread pool.</summary>
    /// <exception cref="JournalUnavailableException">The store cannot be read now.</exception>
    public async Task<T> ReadLongAsync<T>(Func<SqliteSession, T> read, CancellationToken ct)
    {
        await _free.WaitAsync(ct).ConfigureAwait(false);
        return await Task.Run(() => ReadAndRelease(read), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Waits for the reads under way.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        for (var i = 0; i < _count; i++)
        {
            await _free.WaitAsync().ConfigureAwait(false);
        }

        Close();
        _free.Release(_count); // Whoever still waits is told that the store is closed.
    }

    public void Close()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private T ReadAndRelease<T>(Func<SqliteSession, T> read)
    {
        try
        {
            if (_closed || !_idle.TryTake(out var session))
            {
                throw new JournalUnavailableException("The store is closed.");
            }

            try
            {
                return read(session);
            }
            catch
            {
                session.ResetAll();
                throw;
            }
            finally
            {
                _idle.Add(session);
            }
        }
        catch (SqliteException e)
        {
            throw new JournalUnavailableException($"The store cannot be read now: {e.Message}", e);
        }
        finally
        {
            _free.Release();
        }
    }
}

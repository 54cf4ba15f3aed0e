using System.Data;
using Dapper;
using Microsoft.Data.Sqlite;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Sqlite;

/// <summary>The store of a one-process installation: a SQLite file with one writer and a few readers, behind all storage ports.</summary>
/// <remarks>
/// Every member of every port is safe from any thread. All writing goes through one thread, which merges what is waiting into one transaction.
/// Writes and reads of every port throw <see cref="JournalUnavailableException"/> and <see cref="JournalUnknownOutcomeException"/> as those of the
/// journal do.
/// </remarks>
public sealed class SqliteStore : IAsyncDisposable
{
    internal const string FileName = "tradeactors.db";

    private readonly DirectoryLock _directory;
    private readonly ReaderPool _readers;
    private readonly WriteQueue _writes;
    private bool _disposed;

    private SqliteStore(DirectoryLock directory, Installation installation, WriteQueue writes, ReaderPool readers)
    {
        (_directory, _writes, _readers) = (directory, writes, readers);
        Installation = installation;
        Journal = new SqliteJournal(writes, readers, installation.ShardCount);
        Reads = new SqliteReadStore(readers);
        Live = new SqliteLiveStore(writes, readers);
        Retention = new SqliteRowRetention(writes);
        Audit = new SqliteAuditLog(writes);
        var runner = new SqliteRunner(writes, readers);
        Quotes = new SqlQuoteStore(runner);
        Users = new SqlUserStore(runner);
        ApiKeys = new SqlApiKeyStore(runner);
        Candles = new SqlCandleStore(runner);
        Equity = new SqlEquityStore(runner);
        KeyRing = new SqlKeyRingStore(runner);
    }

    public Installation Installation { get; }

    public IJournal Journal { get; }

    public IReadStore Reads { get; }

    public ILiveStore Live { get; }

    public IRowRetention Retention { get; }

    public IQuoteStore Quotes { get; }

    public ICandleStore Candles { get; }

    public IEquityStore Equity { get; }

    public IUserStore Users { get; }

    public IApiKeyStore ApiKeys { get; }

    public IAuditLog Audit { get; }

    public IKeyRingStore KeyRing { get; }

    /// <summary>Why nothing can be written any more until the process restarts; null while all is well. For health checks.</summary>
    public string? Fault => _writes.Fault;

    /// <summary>Appends and other writes that wait for the writer.</summary>
    public int WaitingWrites => _writes.Waiting;

    /// <summary>Opens the store, making or upgrading it where needed.</summary>
    /// <exception cref="StoreOpenException">A person must change something first; the message says what.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static Task<SqliteStore> OpenAsync(SqliteStoreOptions options, CancellationToken ct)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.DataDirectory);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShardCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Readers, 1);
        // Off the caller's thread: after a crash the first connection replays the write-ahead log.
        return Task.Run(() => Open(options), ct);
    }

    /// <summary>Carries out what is queued, empties the write-ahead log into the database and frees the folder.</summary>
    /// <remarks>Safe to call twice; the second call does not wait.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _writes.DisposeAsync().ConfigureAwait(false);
        await _readers.DisposeAsync().ConfigureAwait(false);
        _writes.CloseFile();
        _directory.Dispose();
    }

    private static SqliteStore Open(SqliteStoreOptions options)
    {
        SQLitePCL.Batteries_V2.Init();
        var directory = DirectoryLock.Take(options.DataDirectory);
        SqliteSession? session = null;
        ReaderPool? readers = null;
        var file = Path.Combine(directory.Path, FileName);
        try
        {
            session = SqliteSession.OpenWriter(file);
            Migrations.Apply(session.Connection, file);
            var installation = Install(session.Connection, options);
            readers = new ReaderPool(file, options.Readers);
            var writes = new WriteQueue(new WriteSession(session, installation.ShardCount), options);
            return new SqliteStore(directory, installation, writes, readers);
        }
        catch (Exception e)
        {
            readers?.Close();
            session?.Dispose();
            directory.Dispose();
            if (e is SqliteException failure)
            {
                throw new StoreOpenException(Explain(failure, file), e);
            }

            throw;
        }
    }

    private static Installation Install(IDbConnection connection, SqliteStoreOptions options)
    {
        using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
        var stored = connection.QuerySingleOrDefault<(string Incarnation, long ShardCount)?>(
            "SELECT incarnation, shard_count FROM installation", transaction: transaction);
        if (stored is { } known)
        {
            return known.ShardCount == options.ShardCount
                ? new(known.Incarnation, options.ShardCount)
                : throw new StoreOpenException(
                    $"The store in '{options.DataDirectory}' was made with {known.ShardCount} shards, but {options.ShardCount} are configured. "
                    + $"The number is fixed at the first start: set it back to {known.ShardCount}.");
        }

        var made = new Installation(CheckedIncarnation(options.NewIncarnation()), options.ShardCount);
        connection.Execute(
            "INSERT INTO installation (one, incarnation, shard_count, created_at) VALUES (1, @Incarnation, @ShardCount, @At)",
            new { made.Incarnation, made.ShardCount, At = UnixMs.From(options.TimeProvider.GetUtcNow()) }, transaction);
        connection.Execute(
            "INSERT INTO shards (shard, epoch, node, inbox_last) VALUES (@shard, 0, '', 0)",
            Enumerable.Range(0, made.ShardCount).Select(shard => new { shard }), transaction);
        transaction.Commit();
        return made;
    }

    private static string CheckedIncarnation(string text) =>
        text is { Length: 4 } && text.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789") < 0
            ? text
            : throw new ArgumentException($"An incarnation is 4 lower-case letters or digits, not '{text}'.");

    private static string Explain(SqliteException failure, string file) => (failure.SqliteErrorCode & 0xff) switch
    {
        SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM =>
            $"The database '{file}' cannot be written by user '{Environment.UserName}'. Give that user write access to the file and its folder.",
        SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CORRUPT =>
            $"'{file}' is damaged or not a database. Move it away and restore a backup.",
        SQLitePCL.raw.SQLITE_BUSY =>
            $"The database '{file}' is locked by another program. Close what has it open (a database browser, a backup) and start again.",
        SQLitePCL.raw.SQLITE_FULL => $"The disk of '{file}' is full. Free some space and start again.",
        _ => $"The database '{file}' cannot be opened: {failure.Message}",
    };
}

using Microsoft.Data.Sqlite;
using SQLitePCL;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sqlite;

namespace TradeActors.Contracts.Sqlite;

/// <summary>The SQLite engine with failures put into the writer's seams.</summary>
internal sealed class SqliteStoreUnderTest : IStoreUnderTest
{
    private readonly SqliteStoreOptions _options;

    private SqliteStoreUnderTest(SqliteStore store, SqliteStoreOptions options) => (Store, _options) = (store, options);

    public SqliteStore Store { get; }

    public Installation Installation => Store.Installation;
    public IJournal Journal => Store.Journal;
    public IReadStore Reads => Store.Reads;
    public ILiveStore Live => Store.Live;
    public IQuoteStore Quotes => Store.Quotes;
    public ICandleStore Candles => Store.Candles;
    public IEquityStore Equity => Store.Equity;
    public IUserStore Users => Store.Users;
    public IApiKeyStore ApiKeys => Store.ApiKeys;
    public IAuditLog Audit => Store.Audit;
    public IKeyRingStore KeyRing => Store.KeyRing;

    public static async Task<SqliteStoreUnderTest> OpenAsync(string directory, int shardCount)
    {
        var options = Options(directory, shardCount);
        return new(await SqliteStore.OpenAsync(options, default), options);
    }

    public static SqliteStoreOptions Options(string directory, int shardCount) =>
        new() { DataDirectory = directory, ShardCount = shardCount, NewIncarnation = () => "k3x9", TimeProvider = TimeProvider.System };

    public void FailNextTransaction() => FailBeforeCommit(new SqliteException("database or disk is full", raw.SQLITE_FULL));

    public void LoseNextAnswer() => FailAfterCommit(new TimeoutException("The answer was lost."));

    public void FailBeforeCommit(Exception failure) => _options.BeforeCommit = () =>
    {
        _options.BeforeCommit = null;
        throw failure;
    };

    public void FailAfterCommit(Exception failure) => _options.AfterCommit = () =>
    {
        _options.AfterCommit = null;
        throw failure;
    };

    public IDisposable HoldNextTransaction()
    {
        var release = new Release();
        _options.BeforeCommit = () =>
        {
            _options.BeforeCommit = null;
            release.Wait();
        };
        return release;
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private sealed class Release : IDisposable
    {
        private readonly TaskCompletionSource _released = new();

        public void Wait() => _released.Task.Wait();

        public void Dispose() => _released.TrySetResult();
    }
}

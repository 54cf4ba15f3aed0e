using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Postgres;

namespace TradeActors.Contracts.Postgres;

/// <summary>The PostgreSQL engine over a real server, with failures put around its transactions.</summary>
internal sealed class PostgresStoreUnderTest : IStoreUnderTest
{
    private readonly PostgresStoreOptions _options;

    private PostgresStoreUnderTest(PostgresStore store, PostgresStoreOptions options) => (Store, _options) = (store, options);

    public PostgresStore Store { get; }

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

    public static async Task<PostgresStoreUnderTest> OpenAsync(string connectionString, int shardCount)
    {
        var options = new PostgresStoreOptions { ConnectionString = connectionString, ShardCount = shardCount, NewIncarnation = () => "k3x9" };
        return new(await PostgresStore.OpenAsync(options, default), options);
    }

    public void FailNextTransaction() => _options.BeforeCommit = () =>
    {
        _options.BeforeCommit = null;
        return Task.FromException(new TimeoutException("The server is away."));
    };

    public void LoseNextAnswer() => _options.AfterCommit = () =>
    {
        _options.AfterCommit = null;
        return Task.FromException(new TimeoutException("The answer was lost."));
    };

    public IDisposable HoldNextTransaction()
    {
        var release = new Release();
        _options.BeforeCommit = () =>
        {
            _options.BeforeCommit = null;
            return release.Released;
        };
        return release;
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private sealed class Release : IDisposable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Released => _released.Task;

        public void Dispose() => _released.TrySetResult();
    }
}

using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Postgres;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Hosting;

/// <summary>A database that other nodes may use too. Its server may go and come back while the node runs, and may come after it.</summary>
internal sealed class PostgresNodeStore : NodeStore
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly PostgresStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PostgresWatch _watch;
    private readonly Task _watching;
    private bool _isDisposed;

    private PostgresNodeStore(PostgresStore store, TimeProvider time, ILogger log)
    {
        (_store, _time, _log) = (store, time, log);
        _watch = new PostgresWatch(store.PingAsync, time, log);
        _watching = _watch.RunAsync(_stop.Token);
    }

    public override string Place => _store.Place;

    public override Installation Installation => _store.Installation;

    public override IJournal Journal => _store.Journal;

    public override IClusterBoard? Board => _store.Board;

    public override IReadStore Reads => _store.Reads;

    public override ILiveStore Live => _store.Live;

    public override IRowRetention Retention => _store.Retention;

    public override IQuoteStore Quotes => _store.Quotes;

    public override ICandleStore Candles => _store.Candles;

    public override IEquityStore Equity => _store.Equity;

    public override IUserStore Users => _store.Users;

    public override IApiKeyStore ApiKeys => _store.ApiKeys;

    public override IAuditLog Audit => _store.Audit;

    public override IKeyRingStore KeyRing => _store.KeyRing;

    public override int WaitingWrites => _store.WaitingWrites;

    public override string? Fault => _watch.Fault;

    /// <summary>Waits until the server is there.</summary>
    /// <exception cref="StoreOpenException">A person must change something first; the message says what.</exception>
    public static async Task<PostgresNodeStore> ConnectAsync(NodeSettings settings, TimeProvider time, ILogger log, CancellationToken ct)
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = settings.Cluster.Postgres!,
            ShardCount = settings.ShardCount,
            NewIncarnation = Backup.NewIncarnation,
        };
        return new PostgresNodeStore(await WhenThereAsync(() => PostgresStore.OpenAsync(options, ct), time, log, ct), time, log);
    }

    public override Task WhenThereAsync(Func<Task> step, CancellationToken ct) => WhenThereAsync(
        async () =>
        {
            await step();
            return true;
        }, _time, _log, ct);

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _stop.CancelAsync();
        await _watching;
        await _store.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Nodes and servers of a cluster start in any order: a node that gave up would only be started again by somebody.</summary>
    private static async Task<T> WhenThereAsync<T>(Func<Task<T>> step, TimeProvider time, ILogger log, CancellationToken ct)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var result = await step();
                if (!isFirst)
                {
                    NodeLog.StoreIsThere(log);
                }

                return result;
            }
            catch (Exception error) when (error is JournalUnavailableException or JournalUnknownOutcomeException)
            {
                if (isFirst)
                {
                    NodeLog.WaitingForStore(log, error.GetBaseException().Message, Between.TotalSeconds);
                }

                await Task.Delay(Between, time, ct);
            }
        }
    }
}

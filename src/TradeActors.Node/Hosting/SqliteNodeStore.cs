using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sqlite;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Hosting;

/// <summary>A file in the data directory.</summary>
/// <param name="place">The data directory.</param>
internal sealed class SqliteNodeStore(SqliteStore store, string place) : NodeStore
{
    public override string Place => place;

    public override Installation Installation => store.Installation;

    public override IJournal Journal => store.Journal;

    public override IClusterBoard? Board => null;

    public override IReadStore Reads => store.Reads;

    public override ILiveStore Live => store.Live;

    public override IRowRetention Retention => store.Retention;

    public override IQuoteStore Quotes => store.Quotes;

    public override ICandleStore Candles => store.Candles;

    public override IEquityStore Equity => store.Equity;

    public override IUserStore Users => store.Users;

    public override IApiKeyStore ApiKeys => store.ApiKeys;

    public override IAuditLog Audit => store.Audit;

    public override IKeyRingStore KeyRing => store.KeyRing;

    public override int WaitingWrites => store.WaitingWrites;

    public override string? Fault => store.Fault;

    /// <exception cref="StoreOpenException">The data directory cannot be used; the message says why.</exception>
    public static async Task<SqliteNodeStore> OpenAsync(NodeSettings settings, TimeProvider time, CancellationToken ct)
    {
        var options = new SqliteStoreOptions
        {
            DataDirectory = settings.DataDirectory,
            ShardCount = settings.ShardCount,
            NewIncarnation = Backup.NewIncarnation,
            TimeProvider = time,
        };
        return new SqliteNodeStore(await SqliteStore.OpenAsync(options, ct), settings.DataDirectory);
    }

    public override ValueTask DisposeAsync() => store.DisposeAsync();
}

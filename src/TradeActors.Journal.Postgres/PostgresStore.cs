using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <summary>The store of a cluster: one PostgreSQL database behind all storage ports, used by every node at once.</summary>
/// <remarks>
/// Every member of every port is safe from any thread. A server that goes and comes back needs no restart here: while it is away calls throw
/// <see cref="JournalUnavailableException"/> or, when what was sent may have been carried out, <see cref="JournalUnknownOutcomeException"/>.
/// </remarks>
public sealed class PostgresStore : IAsyncDisposable
{
    private const int RuntimeConnections = 10;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _runtime;
    private readonly PostgresDb _db;
    private readonly AppendQueue _appends;
    private readonly LoadQueue _loads;

    private PostgresStore(NpgsqlDataSource source, PostgresDb db, PostgresStoreOptions options, Installation installation)
    {
        (_source, _db, Installation) = (source, db, installation);
        Place = PlaceOf(new NpgsqlConnectionStringBuilder(source.ConnectionString));
        // Connections of its own: requests that take all others must not keep entities from storing, nor the node from saying that it lives.
        _runtime = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Settings(options.ConnectionString)) { MaxPoolSize = RuntimeConnections });
        var runtime = new PostgresDb(_runtime, options);
        (_appends, _loads) = (new AppendQueue(runtime), new LoadQueue(runtime));
        var journal = new PostgresJournal(runtime, _appends, _loads, installation.ShardCount, options.Time);
        (Journal, Board) = (journal, journal);
        Reads = new PostgresReadStore(db);
        Live = new PostgresLiveStore(db);
        Retention = new PostgresRowRetention(db);
        Audit = new PostgresAuditLog(db);
        Quotes = new SqlQuoteStore(db);
        Candles = new SqlCandleStore(db);
        Equity = new SqlEquityStore(db);
        Users = new SqlUserStore(db);
        ApiKeys = new SqlApiKeyStore(db);
        KeyRing = new SqlKeyRingStore(db);
    }

    /// <summary>The database and its server, for people; without user and password.</summary>
    public string Place { get; }

    public Installation Installation { get; }

    public IJournal Journal { get; }

    public IClusterBoard Board { get; }

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

    /// <summary>Appends that wait for their transaction.</summary>
    public int WaitingWrites => _appends.Waiting;

    /// <summary>Opens the store, making or upgrading it where needed. Several nodes may do so at once.</summary>
    /// <exception cref="StoreOpenException">A person must change something first; the message says what.</exception>
    /// <exception cref="JournalUnavailableException">The database cannot be reached now.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task<PostgresStore> OpenAsync(PostgresStoreOptions options, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShardCount, 1);
        var source = NpgsqlDataSource.Create(Settings(options.ConnectionString));
        try
        {
            var db = new PostgresDb(source, options);
            var installation = await PrepareAsync(db, options, ct).ConfigureAwait(false);
            return new PostgresStore(source, db, options, installation);
        }
        catch (Exception e)
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw Explained(e);
        }
    }

    /// <summary>Asks the server for an answer. For health checks.</summary>
    /// <exception cref="JournalUnavailableException">It gave none.</exception>
    public Task PingAsync(CancellationToken ct) => _db.ReadAsync(
        async (connection, token) =>
        {
            var batch = connection.CreateBatch();
            await using (batch.ConfigureAwait(false))
            {
                batch.Add("SELECT 1");
                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }, ct);

    /// <summary>Carries out the appends that are queued and closes the connections. Safe to call twice.</summary>
    public async ValueTask DisposeAsync()
    {
        await _appends.DisposeAsync().ConfigureAwait(false);
        await _loads.DisposeAsync().ConfigureAwait(false);
        await _runtime.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    /// <exception cref="StoreOpenException">Not a connection string.</exception>
    private static string Settings(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StoreOpenException(
                $"The connection string of PostgreSQL cannot be read: {e.Message} An example: Host=db;Database=tradeactors;Username=tradeactors;Password=…", e);
        }

        void Default(string key, object value)
        {
            if (!settings.ContainsKey(key))
            {
                settings[key] = value;
            }
        }

        Default("GSS Encryption Mode", "Disable"); // It is tried before everything else, and costs a round trip per connection.
        Default("Max Auto Prepare", 64);
        Default("Timeout", 5); // Seconds to connect; a statement has ten.
        Default("Command Timeout", 10);
        Default("Keepalive", 5);
        Default("Maximum Pool Size", 20);
        // A node that hangs in the middle of a transaction must not keep its locks.
        Default("Options", "-c idle_in_transaction_session_timeout=5000");
        Default("Application Name", "TradeActors");
        return settings.ConnectionString;
    }

    private static string PlaceOf(NpgsqlConnectionStringBuilder settings) => $"PostgreSQL database {settings.Database ?? settings.Username} at {settings.Host}";

    private static Task<Installation> PrepareAsync(PostgresDb db, PostgresStoreOptions options, CancellationToken ct) => db.ReadAsync(
        async (connection, token) =>
        {
            await Migrations.ApplyAsync(connection, token).ConfigureAwait(false);
            var incarnation = CheckedIncarnation(options.NewIncarnation());
            var batch = connection.CreateBatch();
            await using (batch.ConfigureAwait(false))
            {
                // Whoever comes first makes it; the statements are one transaction.
                batch.Add(
                    "INSERT INTO installation (one, incarnation, shard_count, created_at) VALUES (1, $1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) "
                    + "ON CONFLICT (one) DO NOTHING").Next(incarnation).Next(options.ShardCount);
                batch.Add(
                    "INSERT INTO shards (shard, epoch, node, inbox_last) SELECT generate_series(0, shard_count - 1), 0, '', 0 FROM installation "
                    + "ON CONFLICT (shard) DO NOTHING");
                batch.Add("SELECT incarnation, shard_count FROM installation");
                var stored = (await PostgresReadStore.ReadAsync(batch, reader => new Installation(reader.GetString(0), reader.GetInt32(1)), token)
                    .ConfigureAwait(false)).Single();
                return stored.ShardCount == options.ShardCount
                    ? stored
                    : throw new StoreOpenException(
                        $"The database '{connection.Database}' was made with {stored.ShardCount} shards, but {options.ShardCount} are configured. "
                        + $"The number is fixed at the first start: set it back to {stored.ShardCount}.");
            }
        }, ct);

    private static string CheckedIncarnation(string text) =>
        text is { Length: 4 } && text.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789") < 0
            ? text
            : throw new ArgumentException($"An incarnation is 4 lower-case letters or digits, not '{text}'.");

    private static Exception Explained(Exception e) => e is JournalUnavailableException { InnerException: PostgresException refused }
        ? refused.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                new StoreOpenException($"PostgreSQL lets nobody in with this user and password: {refused.MessageText}. Correct ConnectionStrings:Postgres.", e),
            PostgresErrorCodes.InvalidCatalogName =>
                new StoreOpenException($"PostgreSQL has no such database: {refused.MessageText}. Make it (CREATE DATABASE), or correct ConnectionStrings:Postgres.", e),
            PostgresErrorCodes.InsufficientPrivilege =>
                new StoreOpenException(
                    $"The database user may not make what is needed: {refused.MessageText}. Let it own the database, and once, as an administrator: "
                    + $"CREATE ROLE {Migrations.TenantRole} NOLOGIN; GRANT {Migrations.TenantRole} TO <user> WITH ADMIN OPTION;", e),
            _ => e,
        }
        : e;
}

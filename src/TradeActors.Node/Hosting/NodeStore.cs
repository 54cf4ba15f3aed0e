using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Hosting;

/// <summary>The storage ports of this node, whichever engine is behind them. Every member of every port is safe from any thread.</summary>
internal abstract class NodeStore : IAsyncDisposable
{
    /// <summary>Where the data is, for people; without user and password.</summary>
    public abstract string Place { get; }

    public abstract Installation Installation { get; }

    public abstract IJournal Journal { get; }

    /// <summary>What nodes tell each other through the store; null where only one node can use it.</summary>
    public abstract IClusterBoard? Board { get; }

    public abstract IReadStore Reads { get; }

    public abstract ILiveStore Live { get; }

    public abstract IRowRetention Retention { get; }

    public abstract IQuoteStore Quotes { get; }

    public abstract ICandleStore Candles { get; }

    public abstract IEquityStore Equity { get; }

    public abstract IUserStore Users { get; }

    public abstract IApiKeyStore ApiKeys { get; }

    public abstract IAuditLog Audit { get; }

    public abstract IKeyRingStore KeyRing { get; }

    /// <summary>Writes that wait for their turn.</summary>
    public abstract int WaitingWrites { get; }

    /// <summary>Why nothing can be stored now, for an operator; null while all is well.</summary>
    public abstract string? Fault { get; }

    /// <summary>Opens the store that the settings name, making or upgrading it where needed. Waits for a server that does not answer yet.</summary>
    /// <exception cref="StoreOpenException">A person must change something first; the message says what.</exception>
    public static async Task<NodeStore> OpenAsync(NodeSettings settings, TimeProvider time, ILogger log, CancellationToken ct) =>
        settings.Cluster.Postgres is null ? await SqliteNodeStore.OpenAsync(settings, time, ct) : await PostgresNodeStore.ConnectAsync(settings, time, log, ct);

    /// <summary>A step of the start that needs the store: made again and again while the store is a server that does not answer.</summary>
    /// <param name="step">May be made again after it has thrown.</param>
    public virtual Task WhenThereAsync(Func<Task> step, CancellationToken ct) => step();

    /// <summary>Stores what is queued, then closes. Safe to call twice.</summary>
    public abstract ValueTask DisposeAsync();
}

using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Secrets;
using TradeActors.Abstractions.Stored;
using TradeActors.Api.Health;
using TradeActors.Api.Operators;
using TradeActors.Brokers.Core;
using TradeActors.Domain.Market;
using TradeActors.Entities;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Connections;
using TradeActors.Entities.Operations;
using TradeActors.Entities.Recorders;
using TradeActors.Market;
using TradeActors.Market.Feeds;
using TradeActors.Node.Configuration;
using TradeActors.Node.Secrets;
using TradeActors.Node.Telemetry;
using TradeActors.PaperExchange;
using TradeActors.Runtime.Core;
using TradeActors.Runtime.Shell;
using TradeActors.Transport.RabbitMq;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Everything of a node behind its front door: store, entities, broker calls, market. Started before the first request is taken and stopped after the
/// last one; stopping stores what has been judged and leaves the rest to the next start.
/// </summary>
internal sealed class NodeHost : INodeReadiness, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger<NodeHost> _log;
    private readonly NodeSettings _settings;
    private readonly TimeProvider _time;
    private readonly SignalTracer _traces;
    private readonly QuoteSharing? _sharing;
    private Task _feeding = Task.CompletedTask;
    private Task _tidying = Task.CompletedTask;
    private Task _sampling = Task.CompletedTask;
    private Task _sharingQuotes = Task.CompletedTask;
    private volatile bool _isStarted;
    private volatile bool _isStopping;
    private bool _isDisposed;

    private NodeHost(
        NodeSettings settings, TimeProvider time, NodeStore store, ISecretBox secrets, EntityNode entities, BrokerEffects effects,
        MarketPipeline market, CandleKeeper candles, EquitySampler equity, IMarketFeed feed, IBrokerAdapter paper, SignalTracer traces,
        ILogger<NodeHost> log)
    {
        (_settings, _time, _traces) = (settings, time, traces);
        (Store, Secrets, Entities, Effects, Market, Candles, Equity, Feed, Paper, _log) =
            (store, secrets, entities, effects, market, candles, equity, feed, paper, log);
        _sharing = entities is ClusterNode cluster ? new QuoteSharing(cluster.Calls, market, store.Quotes, log) : null;
        Cluster = new ClusterStatus(entities, () => store.WaitingWrites, () => market.Waiting);
    }

    public NodeStore Store { get; }

    public ISecretBox Secrets { get; }

    public EntityNode Entities { get; }

    public IClusterStatus Cluster { get; }

    public MarketPipeline Market { get; }

    public ICandleHistory Candles { get; }

    public IBrokerAdapter Paper { get; }

    private BrokerEffects Effects { get; }

    private IMarketFeed Feed { get; }

    private EquitySampler Equity { get; }

    /// <summary>Opens the store, waiting for its server if need be, and puts the parts together. Nothing runs yet.</summary>
    /// <exception cref="StoreOpenException">The data directory or the database cannot be used; the message says why.</exception>
    /// <exception cref="SettingException">The file of a replay cannot be used.</exception>
    public static async Task<NodeHost> OpenAsync(
        NodeSettings settings, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers, CancellationToken ct)
    {
        var marketOptions = MarketOptionsOf(settings);
        var secrets = SecretBox.Open(settings);
        var log = loggers.CreateLogger<NodeHost>();
        var store = await NodeStore.OpenAsync(settings, time, log, ct);
        var wiring = new MarketWiring();
        bool IsKeeper() => wiring.Node.IsKeeper;
        var candles = new CandleKeeper(
            new KeptCandles(store.Candles, IsKeeper, time), TimeSpan.FromSeconds(settings.History.LatenessSeconds), time, meters, loggers.CreateLogger<CandleKeeper>());
        wiring.Pipeline = new MarketPipeline(
            marketOptions, new KeptQuotes(store.Quotes, IsKeeper, time), wiring, time, meters, loggers.CreateLogger<MarketPipeline>(), candles);
        var gateway = new LateGateway();
        var paper = new PaperBrokerAdapter(gateway, gateway, wiring.Pipeline, time);
        var metrics = new TradeMetrics(meters);
        var traces = new SignalTracer(store.Reads, time, metrics, loggers.CreateLogger<SignalTracer>());
        var observer = new NodeObserver(metrics, new TradeLog(loggers), traces);
        var effects = new BrokerEffects([paper], time, observer, loggers.CreateLogger<BrokerEffects>());
        metrics.Observe(() => effects.OrdersAskedFor, () => store.WaitingWrites);
        var parts = new EntityParts(settings, time, meters, store, effects, wiring, observer, log);
        wiring.Node = gateway.Node = settings.Cluster.RabbitMq is null ? SingleOf(parts) : OneOfSeveral(parts, settings.Cluster.RabbitMq);
        var feed = MarketFeeds.Create(marketOptions, wiring.Pipeline, time, meters, loggers);
        var equity = new EquitySampler(
            store.Reads, store.Equity, wiring.Pipeline, wiring.Node, wiring.Node.Owns, TimeSpan.FromSeconds(settings.History.EquitySeconds), time, meters, log);
        return new NodeHost(settings, time, store, secrets, wiring.Node, effects, wiring.Pipeline, candles, equity, feed, paper, traces, log);
    }

    private sealed record EntityParts(
        NodeSettings Settings, TimeProvider Time, IMeterFactory Meters, NodeStore Store, BrokerEffects Effects, MarketWiring Market, NodeObserver Observer, ILogger Log)
    {
        public EntityNodeOptions Options => new()
        {
            NodeName = Settings.NodeName,
            Loops = Settings.Loops,
            Core = new CoreOptions { ShardCount = Settings.ShardCount },
        };

        public IEntityBehavior[] Kinds => Behaviors(Store.Installation, Market.Pipeline, Settings.SessionHours);

        public void Notice(CoreNotice notice) => NodeLog.Notice(Log, notice);
    }

    private static SingleNode SingleOf(EntityParts parts) => new(
        parts.Options, parts.Kinds, Types(), parts.Store.Journal, parts.Effects, parts.Market, parts.Time, parts.Notice, parts.Observer, parts.Meters);

    private static ClusterNode OneOfSeveral(EntityParts parts, RabbitAddress rabbit)
    {
        var options = rabbit.ToOptions(
            parts.Settings.Cluster.Name, parts.Settings.NodeName, parts.Settings.ShardCount, Random.Shared.NextDouble, parts.Time);
        var cluster = new ClusterOptions
        {
            Board = parts.Store.Board!, // The settings let only a database with a board have several nodes.
            Connect = events => RabbitTransport.Start(options, events),
            Life = Guid.NewGuid().ToString("N"),
        };
        return new ClusterNode(
            parts.Options, cluster, parts.Kinds, Types(), parts.Store.Journal, parts.Effects, parts.Market, parts.Time, parts.Notice,
            notice => NodeLog.Notice(parts.Log, notice), parts.Observer, parts.Meters);
    }

    /// <exception cref="SettingException">The file of a replay cannot be used. Before the store is opened, so that a wrong name changes nothing.</exception>
    private static MarketOptions MarketOptionsOf(NodeSettings settings)
    {
        ReplaySettings.Check(settings.Replay);
        return new MarketOptions
        {
            Feed = Enum.Parse<MarketFeedKind>(settings.Feed, ignoreCase: true),
            Seed = settings.MarketSeed,
            QuotesPerSecond = settings.QuotesPerSecond,
            SessionHours = settings.SessionHours,
            Replay = settings.Replay,
        };
    }

    /// <summary>Every kind of entity of this program.</summary>
    public static IEntityBehavior[] Behaviors(Installation installation, ILastQuotes quotes, bool keepsSessionHours = false) =>
        [
            new RecorderBehavior(quotes), new AccountBehavior(installation, quotes), new ConnectionBehavior(), new OperationBehavior(),
            new PaperExchangeBehavior(new CatalogInstruments(keepsSessionHours)),
        ];

    /// <summary>Every stored name of this program.</summary>
    public static StoredTypes Types() => new StoredTypes().AddRuntime().AddEntities().AddPaperExchange();

    public async Task StartAsync(CancellationToken ct)
    {
        await Store.WhenThereAsync(() => Market.StartAsync(ct), ct);
        await Store.WhenThereAsync(() => Entities.StartAsync(ct), ct);
        _feeding = FeedAsync();
        _tidying = new Housekeeping(Store, _settings, () => Entities.IsKeeper, _time, _log).RunAsync(_stop.Token);
        _sampling = Equity.RunAsync(_stop.Token);
        _sharingQuotes = _sharing?.RunAsync(_stop.Token) ?? Task.CompletedTask;
        _isStarted = true;
    }

    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!_isStarted)
        {
            problems.Add(_isStopping ? "The node is stopping." : "The node is starting.");
        }
        else if (!Entities.IsAlive)
        {
            problems.Add("The node's loop has stalled.");
        }

        if (Store.Fault is { } fault)
        {
            problems.Add(fault);
        }

        if (Entities is ClusterNode cluster && problems.Count == 0)
        {
            problems.AddRange(ProblemsOf(cluster));
        }

        return problems;
    }

    /// <summary>In a single process whatever can fail keeps it from storing signals, and is a problem.</summary>
    public IReadOnlyList<string> Warnings()
    {
        var warnings = new List<string>();
        if (Entities is ClusterNode { Disconnected: { } reason })
        {
            warnings.Add($"RabbitMQ cannot be reached ({reason}). Signals are stored, and carried out where their recorders live or when it is back.");
        }

        if (Entities is ClusterNode { IsLeaving: true })
        {
            warnings.Add("The node has handed its shards over to others, or is about to, and takes none.");
        }

        return warnings;
    }

    private static IEnumerable<string> ProblemsOf(ClusterNode cluster)
    {
        if (!cluster.IsClockRight)
        {
            yield return $"The node's clock is {cluster.Skew.TotalSeconds:0.0} s off the database's. Set it, best with NTP on both.";
        }
        else if (!cluster.IsReady && !cluster.IsLeaving)
        {
            yield return "The node has not heard of the other nodes for some seconds: their table in the database does not answer.";
        }
    }

    /// <summary>Feeds a quote to this node and all others.</summary>
    public async ValueTask PublishAsync(Quote quote, CancellationToken ct)
    {
        await Market.PublishAsync(quote, ct);
        _sharing?.Share(quote);
    }

    /// <summary>Before the front door closes: shards go to other nodes in good order, while this one still answers. Returns within some seconds.</summary>
    public async Task LeaveAsync()
    {
        if (Entities is ClusterNode cluster)
        {
            (_isStopping, _isStarted) = (true, false); // Whoever sends requests shall send them elsewhere.
            NodeLog.Leaving(_log, _settings.NodeName);
            await cluster.LeaveAsync();
        }
    }

    /// <summary>Stops and stores everything. Safe to call twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _isStarted = false;
        await _stop.CancelAsync();
        await _feeding;
        await _tidying;
        await _sampling;
        await _sharingQuotes;
        await Market.StopAsync(CancellationToken.None);
        await Entities.DisposeAsync();
        await Effects.DisposeAsync();
        await _traces.DisposeAsync();
        await Market.DisposeAsync();
        await Store.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FeedAsync()
    {
        try
        {
            await Feed.RunAsync(Market, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping.
        }
#pragma warning disable CA1031 // The top of the feed: orders go on at the last quotes, and the operator is told.
        catch (Exception error)
#pragma warning restore CA1031
        {
            NodeLog.FeedEnded(_log, error, Feed.Name);
        }
    }

    /// <summary>The entities for the brokers that the entities themselves call: known once both are made.</summary>
    private sealed class LateGateway : IEntityGateway, IEntityWatch
    {
        public EntityNode Node { get => field ?? throw new InvalidOperationException("The node is not wired yet."); set; }

        public Task<object> AskAsync(Domain.Common.EntityId to, object message, CancellationToken ct) => Node.AskAsync(to, message, ct);

        public Task<object> AskOrLeaveAsync(Domain.Common.EntityId to, object message, string inboxId, CancellationToken ct) =>
            Node.AskOrLeaveAsync(to, message, inboxId, ct);

        public IDisposable Watch(Domain.Common.EntityId id, Action<long> onCommitted) => Node.Watch(id, onCommitted);
    }
}

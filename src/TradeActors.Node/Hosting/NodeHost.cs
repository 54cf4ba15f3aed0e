using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Secrets;
using TradeActors.Abstractions.Stored;
using TradeActors.Api.Health;
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
    private Task _feeding = Task.CompletedTask;
    private Task _tidying = Task.CompletedTask;
    private Task _sampling = Task.CompletedTask;
    private volatile bool _isStarted;
    private bool _isDisposed;

    private NodeHost(
        NodeSettings settings, TimeProvider time, NodeStore store, ISecretBox secrets, EntityNode entities, BrokerEffects effects,
        MarketPipeline market, CandleKeeper candles, EquitySampler equity, IMarketFeed feed, IBrokerAdapter paper, SignalTracer traces,
        ILogger<NodeHost> log)
    {
        (_settings, _time, _traces) = (settings, time, traces);
        (Store, Secrets, Entities, Effects, Market, Candles, Equity, Feed, Paper, _log) =
            (store, secrets, entities, effects, market, candles, equity, feed, paper, log);
    }

    public NodeStore Store { get; }

    public ISecretBox Secrets { get; }

    public EntityNode Entities { get; }

    public MarketPipeline Market { get; }

    public ICandleHistory Candles { get; }

    public IBrokerAdapter Paper { get; }

    private BrokerEffects Effects { get; }

    private IMarketFeed Feed { get; }

    private EquitySampler Equity { get; }

    /// <summary>Opens the store, waiting for its server if need be, and puts the parts together. Nothing runs yet.</summary>
    /// <exception cref="StoreOpenException">The data directory or the database cannot be used; the message says why.</exception>
    /// <exception cref="SettingException">The file of a replay cannot be used, or nodes are to be connected, which is not built yet.</exception>
    public static async Task<NodeHost> OpenAsync(
        NodeSettings settings, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers, CancellationToken ct)
    {
        if (settings.Cluster.RabbitMq is not null)
        {
            throw new SettingException($"{KnownSettings.Cluster.Key} = 'rabbitmq' is not built yet in this version. Use none: one node on its database.");
        }

        var marketOptions = MarketOptionsOf(settings);
        var secrets = SecretBox.Open(settings);
        var log = loggers.CreateLogger<NodeHost>();
        var store = await NodeStore.OpenAsync(settings, time, log, ct);
        var wiring = new MarketWiring();
        var candles = new CandleKeeper(
            store.Candles, TimeSpan.FromSeconds(settings.History.LatenessSeconds), time, meters, loggers.CreateLogger<CandleKeeper>());
        wiring.Pipeline = new MarketPipeline(marketOptions, store.Quotes, wiring, time, meters, loggers.CreateLogger<MarketPipeline>(), candles);
        var gateway = new LateGateway();
        var paper = new PaperBrokerAdapter(gateway, gateway, wiring.Pipeline, time);
        var metrics = new TradeMetrics(meters);
        var traces = new SignalTracer(store.Reads, time, metrics, loggers.CreateLogger<SignalTracer>());
        var observer = new NodeObserver(metrics, new TradeLog(loggers), traces);
        var effects = new BrokerEffects([paper], time, observer, loggers.CreateLogger<BrokerEffects>());
        metrics.Observe(() => effects.OrdersAskedFor, () => store.WaitingWrites);
        wiring.Node = gateway.Node = new EntityNode(
            new EntityNodeOptions { NodeName = settings.NodeName, Loops = settings.Loops, Core = new CoreOptions { ShardCount = settings.ShardCount } },
            Behaviors(store.Installation, wiring.Pipeline, settings.SessionHours), Types(), store.Journal, effects, wiring, time,
            notice => NodeLog.Notice(log, notice), observer, meters);
        var feed = MarketFeeds.Create(marketOptions, wiring.Pipeline, time, meters, loggers);
        var equity = new EquitySampler(
            store.Reads, store.Equity, wiring.Pipeline, wiring.Node, TimeSpan.FromSeconds(settings.History.EquitySeconds), time, meters, log);
        return new NodeHost(settings, time, store, secrets, wiring.Node, effects, wiring.Pipeline, candles, equity, feed, paper, traces, log);
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
        _tidying = new Housekeeping(Store, _settings, _time, _log).RunAsync(_stop.Token);
        _sampling = Equity.RunAsync(_stop.Token);
        _isStarted = true;
    }

    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!_isStarted)
        {
            problems.Add("The node is starting.");
        }
        else if (!Entities.IsAlive)
        {
            problems.Add("The node's loop has stalled.");
        }

        if (Store.Fault is { } fault)
        {
            problems.Add(fault);
        }

        return problems;
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

        public IDisposable Watch(Domain.Common.EntityId id, Action<long> onCommitted) => Node.Watch(id, onCommitted);
    }
}

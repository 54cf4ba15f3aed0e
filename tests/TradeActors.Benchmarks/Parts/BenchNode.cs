using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api;
using TradeActors.Api.Health;
using TradeActors.Api.Operators;
using TradeActors.Brokers.Core;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Journal.Sqlite;
using TradeActors.Market;
using TradeActors.Node.Hosting;
using TradeActors.Node.Secrets;
using TradeActors.Node.Telemetry;
using TradeActors.PaperExchange;
using TradeActors.Runtime.Core;
using TradeActors.Runtime.Shell;

namespace TradeActors.Benchmarks.Parts;

/// <summary>
/// A whole node: the parts of <see cref="NodeHost"/> and its front door on a free loopback port, with the journal observed, a manual market and no
/// log output.
/// </summary>
internal sealed class BenchNode
    : INodeReadiness, IEntityGateway, IEntityWatch, IQuoteBook, IQuoteStream, IQuotePublisher, IAsyncDisposable
{
    public const string Tenant = "bench";

    /// <summary>How many set-up questions are out at once.</summary>
    private const int AtOnce = 64;

    private readonly SqliteStore _store;
    private readonly MarketPipeline _market;
    private readonly CandleKeeper _candles;
    private readonly EntityNode _entities;
    private readonly BrokerEffects _effects;
    private readonly PaperBrokerAdapter _paper;
    private readonly SignalTracer _traces;
    private readonly WebApplication _web;

    private BenchNode(SqliteStore store, string directory)
    {
        _store = store;
        Journal = new ObservedJournal(store.Journal);
        _web = BuildWeb(directory);
        var wiring = new MarketWiring();
        _candles = new CandleKeeper(
            store.Candles, TimeSpan.FromMinutes(1), TimeProvider.System, _web.Services.GetRequiredService<IMeterFactory>(), NullLogger<CandleKeeper>.Instance);
        _market = wiring.Pipeline = new MarketPipeline(
            new MarketOptions { Feed = MarketFeedKind.Manual }, store.Quotes, wiring, TimeProvider.System,
            _web.Services.GetRequiredService<IMeterFactory>(), NullLogger<MarketPipeline>.Instance, _candles);
        var gateway = new LateGateway(this);
        _paper = new PaperBrokerAdapter(gateway, gateway, _market, TimeProvider.System);
        var meters = _web.Services.GetRequiredService<IMeterFactory>();
        var metrics = new TradeMetrics(meters);
        _traces = new SignalTracer(store.Reads, TimeProvider.System, metrics, NullLogger<SignalTracer>.Instance);
        var observer = new NodeObserver(metrics, new TradeLog(_web.Services.GetRequiredService<ILoggerFactory>()), _traces);
        _effects = new BrokerEffects([_paper], TimeProvider.System, observer, NullLogger<BrokerEffects>.Instance);
        _entities = wiring.Node = new SingleNode(
            new EntityNodeOptions { NodeName = "bench" }, NodeHost.Behaviors(store.Installation, wiring.Pipeline), NodeHost.Types(), Journal, _effects, wiring,
            TimeProvider.System, notice => Console.Error.WriteLine(notice), observer, meters);
    }

    public ObservedJournal Journal { get; }

    public string Address => _web.Urls.First();

    public static async Task<BenchNode> StartAsync(string directory, CancellationToken ct)
    {
        var node = new BenchNode(await Stores.OpenAsync(directory), directory);
        await node._market.StartAsync(ct);
        await node._entities.StartAsync(ct);
        await node._web.StartAsync(ct);
        return node;
    }

    /// <returns>The path of its webhook.</returns>
    public async Task<string> AddRecorderAsync(string key, CancellationToken ct)
    {
        var token = $"token-of-{key}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        await AskAsync(new EntityId(Tenant, EntityKind.Recorder, key), Setup.Recorder(hash), ct);
        return $"/webhook/{token}";
    }

    /// <summary>Paper accounts that all take the recorder's signals.</summary>
    public Task AddAccountsAsync(string recorder, int count, CancellationToken ct) => Parallel.ForEachAsync(
        Enumerable.Range(1, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (number, stop) =>
        {
            var account = Setup.Account(Tenant, number);
            await AskAsync(account, Setup.Open(account, _paper.Name, _paper.Traits), stop);
            await AskAsync(new EntityId(Tenant, EntityKind.Recorder, recorder), Setup.Subscribe(account), stop);
        });

    /// <summary>A quote of the contract that the signals of <see cref="Setup"/> mean now.</summary>
    public async Task QuoteAsync(CancellationToken ct)
    {
        var symbol = InstrumentCatalog.Resolve(Setup.Symbol, TimeProvider.System.GetUtcNow()).Contract!.Symbol;
        await PublishAsync(new Quote(symbol, 6000m, 6000.25m, 6000.25m, null, null, null, TimeProvider.System.GetUtcNow()), ct);
        while (_market.Last(symbol) is null)
        {
            await Task.Delay(10, ct);
        }
    }

    public IReadOnlyList<string> Problems() => [];

    public IReadOnlyList<string> Warnings() => [];

    public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => _entities.AskAsync(to, message, ct);

    public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) =>
        _entities.AskOrLeaveAsync(to, message, inboxId, ct);

    public IDisposable Watch(EntityId id, Action<long> onCommitted) => _entities.Watch(id, onCommitted);

    public IDisposable Subscribe(Action<Quote> onQuote) => _market.Subscribe(onQuote);

    public Quote? Last(string symbol) => _market.Last(symbol);

    public IReadOnlyList<Quote> All() => _market.All();

    public string? Refusal(Quote quote) => _market.Refusal(quote);

    public ValueTask PublishAsync(Quote quote, CancellationToken ct) => _market.PublishAsync(quote, ct);

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _market.StopAsync(CancellationToken.None);
        await _entities.DisposeAsync();
        await _effects.DisposeAsync();
        await _traces.DisposeAsync();
        await _market.DisposeAsync();
        await _store.DisposeAsync();
        await _web.DisposeAsync();
    }

    private WebApplication BuildWeb(string directory)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<INodeReadiness>(this);
        builder.Services.AddSingleton<IClusterStatus>(_ => new ClusterStatus(_entities, () => _store.WaitingWrites, () => _market.Waiting));
        builder.Services.AddSingleton<IEntityGateway>(this);
        builder.Services.AddSingleton<IEntityWatch>(this);
        builder.Services.AddSingleton<IQuoteBook>(this);
        builder.Services.AddSingleton<IQuoteStream>(this);
        builder.Services.AddSingleton<IQuotePublisher>(this);
        builder.Services.AddSingleton<ICandleHistory>(_ => _candles);
        builder.Services.AddStore(_ => new SqliteNodeStore(_store, directory));
        builder.Services.AddSingleton<ISecretBox>(_ => new SecretBox(FileKeys.Open(directory)));
        builder.Services.AddSingleton<IBrokerAdapter>(_ => _paper);
        builder.Services.AddTradeActorsApi(options => options.Limits.Enabled = false);
        var app = builder.Build();
        app.UseTradeActorsApi();
        return app;
    }

    /// <summary>The entities for the paper broker, which is made before them.</summary>
    private sealed class LateGateway(BenchNode node) : IEntityGateway, IEntityWatch
    {
        public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => node._entities.AskAsync(to, message, ct);

        public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) => node.AskOrLeaveAsync(to, message, inboxId, ct);

        public IDisposable Watch(EntityId id, Action<long> onCommitted) => node._entities.Watch(id, onCommitted);
    }
}

/// <summary>The entities and signals that every scenario uses.</summary>
internal static class Setup
{
    public const string Symbol = "MES";

    private static long _lastSignal;

    public static CreateRecorder Recorder(string tokenHash) =>
        new("Benchmark", Symbol, new Settings(new SizingSettings(Initial: 1m, Add: 1m, SizingUnit.Contracts)), tokenHash);

    public static EntityId Account(string tenant, int number) =>
        new(tenant, EntityKind.Account, string.Create(CultureInfo.InvariantCulture, $"account{number:00000}"));

    public static OpenAccount Open(EntityId account, string broker, BrokerTraits traits)
    {
        var settings = new PaperSettings(StartingBalance: 100_000m, CommissionPerUnit: 0.62m, ChecksMargin: false); // It buys for ever.
        return new OpenAccount(
            account.Key, settings.Currency, settings.StartingBalance, AccountLimits.None, account with { Kind = EntityKind.Connection },
            new BrokerSettings(broker, settings), traits);
    }

    public static PutSubscription Subscribe(EntityId account) => new($"sub{account.Key}", account, 1m, true, null);

    /// <summary>A new signal of about 300 bytes, as a TradingView alert with a chart's comment has.</summary>
    public static byte[] Signal() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""
        {"action":"buy","symbol":"{{Symbol}}","quantity":1,"price":6000.25,"orderType":"market","id":"alert-{{Interlocked.Increment(ref _lastSignal):000000000000}}","comment":"Opening range breakout, long above the first five minutes' high; volume above its average of twenty bars, trend up on the daily chart."}
        """));
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Market;
using TradeActors.Journal.Postgres;
using TradeActors.Runtime.Core;
using TradeActors.Runtime.Shell;
using TradeActors.Runtime.Tests.Core;
using TradeActors.Servers.Postgres;
using TradeActors.Servers.RabbitMq;
using TradeActors.Transport.RabbitMq;

namespace TradeActors.Runtime.Tests.Shell;

/// <summary>Nodes of one cluster in this process, each with its own connections to real servers.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const int Shards = 12;

    private readonly string _database;
    private readonly RabbitMqFixture _rabbit;
    private readonly string _prefix;
    private readonly List<TestClusterNode> _nodes = [];

    private TestCluster(string database, RabbitMqFixture rabbit) => (_database, _rabbit, _prefix) = (database, rabbit, rabbit.NewPrefix());

    public static async Task<TestCluster> CreateAsync(PostgresFixture postgres, RabbitMqFixture rabbit) => new(await postgres.CreateDatabaseAsync(), rabbit);

    /// <param name="port">Of RabbitMQ; null for the fixture's own.</param>
    public async Task<TestClusterNode> StartAsync(string name, int? port = null)
    {
        var store = await PostgresStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = _database, ShardCount = Shards, NewIncarnation = () => "test" }, CancellationToken.None);
        var node = new TestClusterNode(name, store, new RabbitOptions
        {
            Host = "127.0.0.1",
            Port = port ?? _rabbit.Server.Port,
            Prefix = _prefix,
            Node = name,
            ShardCount = Shards,
            ReconnectAtMost = TimeSpan.FromMilliseconds(500),
            Random = () => 0.5,
            Time = TimeProvider.System,
        });
        _nodes.Add(node);
        await node.Node.StartAsync(CancellationToken.None);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}

internal sealed class TestClusterNode : IAsyncDisposable, IEffectRunner, IQuoteInterest, IEntityObserver, IMeterFactory
{
    private readonly PostgresStore _store;
    private readonly List<Meter> _meters = [];
    private bool _isDisposed;

    public TestClusterNode(string name, PostgresStore store, RabbitOptions rabbit)
    {
        _store = store;
        Node = new ClusterNode(
            new EntityNodeOptions { NodeName = name, Core = new CoreOptions { ShardCount = TestCluster.Shards } },
            new ClusterOptions { Board = store.Board, Connect = events => RabbitTransport.Start(rabbit, events), Life = Guid.NewGuid().ToString("N") },
            [new LedgerBehavior { TakesInbox = true }], LedgerTypes.Create().AddRuntime(), store.Journal, this, this, TimeProvider.System, _ => { }, Notices.Enqueue, this, this);
    }

    public ClusterNode Node { get; }

    public ConcurrentQueue<ClusterNotice> Notices { get; } = [];

    public IJournal Journal => _store.Journal;

    /// <summary>The shards that the board says are its own.</summary>
    public IReadOnlyList<int> Owned => [.. (Node.View?.Shards ?? []).Where(row => row.Owner == Node.NodeName).Select(row => row.Shard)];

    /// <summary>What this node's gauges of such names show now, by name.</summary>
    public (string Name, int Value)[] Gauges(string prefix)
    {
        var seen = new List<(string, int)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (_meters.Contains(instrument.Meter) && instrument.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen.Add((instrument.Name, value)));
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. seen.Order()];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await Node.DisposeAsync();
            await _store.DisposeAsync();
            _meters.ForEach(meter => meter.Dispose());
        }
    }

    void IEffectRunner.Start(EffectRun run)
    {
    }

    void IEffectRunner.Stop(Domain.Common.EntityId entity, string key)
    {
    }

    Quote? IQuoteInterest.Began(string symbol) => null;

    void IQuoteInterest.Ended(string symbol)
    {
    }

    void IEntityObserver.Stored(in StoredStep step)
    {
    }

    Meter IMeterFactory.Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    void IDisposable.Dispose()
    {
    }
}

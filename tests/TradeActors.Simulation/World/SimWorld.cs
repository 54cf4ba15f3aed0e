using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Entities;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Connections;
using TradeActors.Entities.Operations;
using TradeActors.Entities.Recorders;
using TradeActors.PaperExchange;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Clients;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.Model;

namespace TradeActors.Simulation.World;

/// <summary>Everything of one run: clock, journal, processes, brokers, clients, and the model that watches them.</summary>
internal sealed class SimWorld
{
    public const string Tenant = "acme";

    private readonly Scheduler _scheduler;
    private readonly Pcg32 _random;
    private readonly ulong _seed;
    private readonly Pcg32 _sharedDraws;

    public SimWorld(SimOptions options)
    {
        Defect = options.Defect;
        _scheduler = new Scheduler(new Pcg32(options.Seed, 1));
        _random = new Pcg32(options.Seed, 2);
        _seed = options.Seed;
        _sharedDraws = new Pcg32(options.Seed, 709);
        Faults = new Faults(new Pcg32(options.Seed, 3), new Pcg32(options.Seed, 701), options.NoFaults);
        Trace = new Trace(() => _scheduler.Elapsed, () => _scheduler.Steps, options.Trace);
        Types = new StoredTypes().AddRuntime().AddEntities().AddPaperExchange();
        Instruments = new SimInstruments(Now, new Pcg32(options.Seed, 702));
        Rules = MakeRules(NoQuotes.Instance);
        CoreOptions = DrawCoreOptions();
        Journal = new SimJournal(ShardCount, Defect);
        Model = new WorldModel(this);
        Paper = new PaperLinks(this, new Pcg32(options.Seed, 703));
        Journal.Stored = Model.Stored;
        Links = new BrokerLinks(this);
        var nodes = options.Nodes > 0 ? options.Nodes : _random.Next(2) + 1;
        Market = new SimMarket(this, nodes, new Pcg32(options.Seed, 704));
        Nodes = [.. Enumerable.Range(0, nodes).Select(number => new SimNode(this, number, new Pcg32(options.Seed, 100 + (ulong)number)))];
        Owners = [.. Enumerable.Range(0, ShardCount).Select(shard => shard % nodes)];
        Door = new Door(this, new Pcg32(options.Seed, 4));
        Workload = new Workload(this, new Pcg32(options.Seed, 5), new Pcg32(options.Seed, 6), new PaperWorkload(this, new Pcg32(options.Seed, 705), new Pcg32(options.Seed, 706)));
        Brokers = [];
        foreach (var (i, account) in Workload.Accounts.Index())
        {
            Brokers.Add(account.Connection, new SimBroker(account.Connection, account.Traits, _random.Chance(0.7), _random.Chance(0.5), this, new Pcg32(options.Seed, 200 + (ulong)i)));
        }
    }

    public const int ShardCount = 8;

    /// <summary>No seed needs a third of it: more is a loop.</summary>
    private const long MostSteps = 500_000;

    public Defect Defect { get; }
    public Faults Faults { get; }
    public Trace Trace { get; }
    public StoredTypes Types { get; }

    /// <summary>The real behaviours, without the failures that are thrown in.</summary>
    public ImmutableArray<IEntityBehavior> Rules { get; }
    public SimInstruments Instruments { get; }
    public SimMarket Market { get; }
    public PaperLinks Paper { get; }
    public CoreOptions CoreOptions { get; }
    public SimJournal Journal { get; }
    public BrokerLinks Links { get; }
    public WorldModel Model { get; }
    public ImmutableArray<SimNode> Nodes { get; }
    public SortedDictionary<EntityId, SimBroker> Brokers { get; }
    public Door Door { get; }
    public Workload Workload { get; }

    /// <summary>By shard: the node that the arbiter names as its owner. Nodes may not know it yet.</summary>
    public int[] Owners { get; }

    public long FanOutDeliveries { get; set; }
    public long Steps => _scheduler.Steps;
    public DateTimeOffset Now => _scheduler.Now;
    public TimeSpan Elapsed => _scheduler.Elapsed;

    /// <summary>When the faults stopped; null before.</summary>
    public TimeSpan? SettlesSince { get; private set; }

    public void At(DateTimeOffset time, Action action) => _scheduler.At(time, action);

    /// <summary>As <see cref="After"/>, leaving the order of everything else as it was.</summary>
    public void AfterQuietly(Pcg32 random, double fromMilliseconds, double toMilliseconds, Action action)
    {
        var share = random.NextDouble();
        _scheduler.AfterQuietly(TimeSpan.FromMilliseconds(fromMilliseconds + ((toMilliseconds - fromMilliseconds) * share * share)), random, action);
    }

    public void AtQuietly(Pcg32 random, DateTimeOffset time, Action action) => _scheduler.AfterQuietly(time - Now, random, action);

    /// <summary>Draws for one node's quotes.</summary>
    public Pcg32 MarketRandom(int node) => new(_seed, 710 + (ulong)node);

    /// <summary>What one process runs: the real behaviours, that know the quotes which it has received, and fail now and then.</summary>
    public ImmutableArray<IEntityBehavior> MakeBehaviors(ILastQuotes quotes) =>
        [.. MakeRules(quotes).Select(rules => new FlakyBehavior(PaperDefects.In(rules, Defect, _sharedDraws), Faults))];

    private ImmutableArray<IEntityBehavior> MakeRules(ILastQuotes quotes) =>
    [
        new RecorderBehavior(quotes), new AccountBehavior(new Installation("sim1", ShardCount), quotes), new ConnectionBehavior(), new OperationBehavior(),
        new PaperExchangeBehavior(Instruments),
    ];

    /// <summary>The book behind a connection, wherever it is kept.</summary>
    public IBrokerBook Book(EntityId connection) => Paper.Settings(connection) is { } settings
        ? Model.PaperBook(connection, settings)
        : Brokers[connection];

    /// <summary>After a seeded delay, more often short than long.</summary>
    public void After(Pcg32 random, double fromMilliseconds, double toMilliseconds, Action action)
    {
        var share = random.NextDouble();
        _scheduler.After(TimeSpan.FromMilliseconds(fromMilliseconds + ((toMilliseconds - fromMilliseconds) * share * share)), action);
    }

    /// <summary>Starts everything and runs while things go wrong.</summary>
    public void RunFaulty()
    {
        foreach (var node in Nodes)
        {
            node.Start();
        }

        Market.Start();
        Workload.Start();
        while (_scheduler.RunNext(Workload.Until) && Steps <= MostSteps)
        {
            if (Faults.Fire(Fault.ShardMoved))
            {
                MoveShard(_random.Next(ShardCount), _random.Next(Nodes.Length));
            }
        }
    }

    /// <summary>Stops the faults and lets the world come to rest.</summary>
    /// <returns>What is still open after the bound; null when nothing is.</returns>
    public string? Settle()
    {
        Faults.Active = false;
        SettlesSince = Elapsed;
        Trace.Add("settle");
        if (_random.Chance(0.5))
        {
            // Nobody speaks to the system any more: what is pending must complete by itself (PROTOCOL 4).
            Door.GiveUp();
            foreach (var node in Nodes.Where(node => node.IsUp))
            {
                Restart(node);
            }
        }

        string? open = null;
        for (var i = 0; i < 60; i++)
        {
            var until = Elapsed + TimeSpan.FromSeconds(10);
            while (_scheduler.RunNext(until))
            {
                if (Steps > MostSteps)
                {
                    return $"{Steps} steps and no rest in sight. {Model.Unsettled()}";
                }
            }

            open = Model.Unsettled();
            if (open is null)
            {
                return null;
            }
        }

        return open;
    }

    public void CrashNow(SimNode node)
    {
        Restart(node);
        if (Nodes.Length > 1 && _random.Chance(0.5))
        {
            var heir = (node.Number + 1) % Nodes.Length;
            foreach (var shard in Enumerable.Range(0, ShardCount).Where(shard => Owners[shard] == node.Number).ToArray())
            {
                MoveShard(shard, heir);
            }
        }
    }

    /// <summary>One message on the wire: may be lost, doubled, late, and overtaken.</summary>
    public void Transmit(Pcg32 random, EntityId to, Action<SimNode> deliver)
    {
        if (Faults.Fire(Fault.MessageDropped))
        {
            return;
        }

        var copies = Faults.Fire(Fault.MessageRepeated) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            After(random, 0.05, Faults.Fire(Fault.MessageLate) ? 5_000 : 3, () => deliver(OwnerOf(to)));
        }
    }

    public SimNode OwnerOf(EntityId id) => Nodes[Owners[id.ShardHash(ShardCount)]];

    private void Restart(SimNode node)
    {
        node.Crash();
        After(_random, 5, 5_000, () =>
        {
            if (!node.IsUp)
            {
                node.Start();
            }
        });
    }

    private void MoveShard(int shard, int to)
    {
        var from = Owners[shard];
        Trace.Add("move", shard, $"n{from}", $"n{to}");
        Owners[shard] = to;
        if (from != to && !Faults.Fire(Fault.ShardLossUnnoticed))
        {
            Nodes[from].LoseShard(shard);
        }

        if (Nodes[to].IsUp)
        {
            Nodes[to].Claim([shard]);
        }
    }

    private CoreOptions DrawCoreOptions() => new()
    {
        ShardCount = ShardCount,
        PassivateAfter = TimeSpan.FromMilliseconds(Pick(50, 500, 5_000, 120_000)),
        SnapshotEvery = Pick(2, 10, 50, 200),
        MaxBatchEvents = Pick(1, 10, 4_000),
        MaxWaiting = Pick(40, 40, 10_000, 10_000), // More than a sender repeats at once: else what is next may never find room.
        ResendAfter = TimeSpan.FromMilliseconds(Pick(50, 500, 500)),
        AckFlushAfter = TimeSpan.FromMilliseconds(Pick(1, 200, 200)),
    };

    private int Pick(params ReadOnlySpan<int> values) => values[_random.Next(values.Length)];
}

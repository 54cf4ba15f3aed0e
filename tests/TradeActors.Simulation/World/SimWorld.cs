using System.Collections.Immutable;
using System.Runtime.CompilerServices;
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
    private readonly Pcg32 _disturbing;
    private readonly ConditionalWeakTable<object, object> _overTheWire = [];
    private readonly ConditionalWeakTable<byte[], object> _read = [];
    private readonly Streams _streams;
    private readonly Pcg32 _sharedDraws;
    private readonly bool _mixesReleases;
    private readonly Dictionary<EntityId, SimAccount> _accounts;

    public SimWorld(SimOptions options)
    {
        Defect = options.Defect;
        _scheduler = new Scheduler(new Pcg32(options.Seed, 1));
        var streams = new Streams(options.Seed);
        _random = streams.For("world");
        Profile = options.Profile ?? (streams.For("profile").Chance(FanOutShare) ? Profile.FanOut : Profile.Ordinary);
        Faults = new Faults(options, streams, Profile);
        Trace = new Trace(() => _scheduler.Elapsed, () => _scheduler.Steps, options.Trace);
        Types = new StoredTypes().AddRuntime().AddEntities().AddPaperExchange();
        _streams = streams;
        _sharedDraws = streams.For("shared-draws");
        Instruments = new SimInstruments(Now, streams.For("instruments"));
        Rules = MakeRules(NoQuotes.Instance);
        CoreOptions = DrawCoreOptions(streams.For("core"), Profile, Defect);
        Journal = new SimJournal(ShardCount, Defect, () => Now);
        Model = new WorldModel(this);
        Journal.Stored = Model.Stored;
        Journal.SnapshotStored = Model.Snapshotted;
        Journal.Claimed = Model.Claimed;
        Rows = new RowModel(this);
        Journal.PartStored = Model.Appended;
        Journal.PartStored += Rows.Stored;
        Paper = new PaperLinks(this, streams.For("paper-links"));
        Queues = new SimQueues(this, streams.For("queues"));
        _disturbing = streams.For("disturbing");
        var drawn = _random.Next(4) + 1;
        var nodes = options.Nodes > 0 ? options.Nodes : drawn;
        Market = new SimMarket(this, nodes, streams.For("market"));
        Nodes = [.. Enumerable.Range(0, nodes).Select(number => new SimNode(this, number, new Pcg32(options.Seed, 100 + (ulong)number)))];
        Door = new Door(this, new Pcg32(options.Seed, 4));
        Workload = new Workload(this, Tenant, options, streams, Profile);
        _mixesReleases = streams.For("releases").Chance(0.2);
        Workloads = options.Tenants > 1 || (options.Tenants == 0 && Profile != Profile.FanOut && streams.For("tenants").Chance(0.25))
            ? [Workload, new Workload(this, OtherTenant, options, streams.Within(OtherTenant), Profile)]
            : [Workload];
        Live = new SimLive(this, nodes, options.Seed);
        Journal.PartStored += Live.Model.Stored;
        Brokers = [];
        _accounts = Workloads.SelectMany(workload => workload.Accounts).ToDictionary(account => account.Connection);
        foreach (var account in _accounts.Values)
        {
            Brokers.Add(account.Connection, new SimBroker(account.Connection, account.Profile, this, streams.Within(account.Id.Tenant).For("broker", account.Number)));
        }
    }

    /// <summary>In some seeds a second tenant works with entities of the very same keys.</summary>
    public const string OtherTenant = "zeta";

    public const int ShardCount = 8;

    /// <summary>How many of the seeds play a copy-trading group: each takes as long as dozens of others.</summary>
    private const double FanOutShare = 0.02;

    public const string Incarnation = "sim1";


    /// <summary>No seed needs a third of it: more is a loop.</summary>
    private long MostSteps => Profile == Profile.FanOut ? 20_000_000 : 500_000;

    public Profile Profile { get; }
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
    public WorldModel Model { get; }
    public RowModel Rows { get; }
    public ImmutableArray<SimNode> Nodes { get; }
    public SimQueues Queues { get; }
    public Dictionary<EntityId, SimBroker> Brokers { get; }
    public Door Door { get; }

    /// <summary>Of the first tenant, which is always there.</summary>
    public Workload Workload { get; }

    /// <summary>Hubs and whoever watches through them. Changes nothing of the rest of a run.</summary>
    public SimLive Live { get; }

    /// <summary>One for each tenant.</summary>
    public ImmutableArray<Workload> Workloads { get; }

    /// <summary>Parts of signal fan-outs that an account has stored as taken, or as set aside with the reason, for the first time.</summary>
    public long Deliveries { get; set; }

    /// <summary>Parts of fan-outs that were sent, repeats among them.</summary>
    public long Transmissions { get; set; }

    public Coverage Coverage { get; } = new();
    public long Steps => _scheduler.Steps;
    public DateTimeOffset Now => _scheduler.Now;
    public TimeSpan Elapsed => _scheduler.Elapsed;

    /// <summary>After a seeded delay, for what only looks on (<see cref="Scheduler.Aside"/>).</summary>
    public void Aside(Pcg32 random, double fromMilliseconds, double toMilliseconds, Action action)
    {
        var share = random.NextDouble();
        _scheduler.Aside(TimeSpan.FromMilliseconds(fromMilliseconds + ((toMilliseconds - fromMilliseconds) * share * share)), random, action);
    }

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
    public Pcg32 MarketRandom(int node) => _streams.For("quotes", node);

    private ImmutableArray<IEntityBehavior> MakeRules(ILastQuotes quotes) =>
    [
        new RecorderBehavior(quotes), new AccountBehavior(new Installation(Incarnation, ShardCount), quotes), new ConnectionBehavior(), new OperationBehavior(),
        new PaperExchangeBehavior(Instruments),
    ];

    /// <summary>Whether entities store the world's time, and soon after they have read it: no process has slept.</summary>
    public bool ClocksAgree => Faults.Fired[(int)Fault.NodeFreezes] == 0 && Defect != Defect.TimeRunsBackwards;

    /// <summary>The book behind a connection, wherever it is kept.</summary>
    public IBrokerBook Book(EntityId connection) => Paper.Settings(connection) is { } settings ? Model.PaperBook(connection, settings) : Brokers[connection];

    /// <summary>The node that has claimed the entity's shard last; null when it is down.</summary>
    public SimNode? OwnerOf(EntityId id) =>
        Nodes.FirstOrDefault(node => node.Name == Journal.OwnerOf(id.ShardHash(ShardCount))) is { IsUp: true } owner && owner.Owns(id.ShardHash(ShardCount)) ? owner : null;

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
            if (node.Number == 0 || _disturbing.Chance(0.7))
            {
                node.Start();
            }
            else
            {
                StartLater(node, 20_000); // It joins a cluster that is at work.
            }
        }

        Disturb();
        Market.Start();
        foreach (var workload in Workloads)
        {
            workload.Start();
        }

        Live.Start();
        var until = Workloads.Max(workload => workload.Until);
        while (_scheduler.RunNext(until) && Steps <= MostSteps)
        {
        }
    }

    /// <summary>What befalls whole nodes and the queues, ten times a second.</summary>
    private void Disturb()
    {
        if (!Faults.Active)
        {
            return;
        }

        foreach (var node in Nodes)
        {
            if (Faults.Fire(Fault.NodeFreezes))
            {
                node.Freeze(Duration(100, 35_000));
            }

            if (Faults.Fire(Fault.CutFromQueues))
            {
                node.CutFromQueues(Duration(200, 25_000));
            }

            if (Faults.Fire(Fault.CutFromJournal))
            {
                node.CutFromJournal(Duration(200, 20_000));
            }

            if (Faults.Fire(Fault.ClockJumps))
            {
                node.SetClock(TimeSpan.FromMilliseconds(_disturbing.Chance(0.5) ? _disturbing.Next(1_600) - 800 : _disturbing.Next(60_000) - 30_000));
            }

            if (node.IsUp && Faults.Fire(Fault.ConnectionLost))
            {
                Trace.Add("connection-lost", node.Name);
                Queues.CloseConnection(node, node.Life);
            }

            if (node is { IsUp: true, IsLeaving: false } && Faults.Fire(Fault.NodeLeaves))
            {
                node.Leave();
                StopWhenLeft(node, node.Life, Now.AddSeconds(20));
            }
        }

        if (Faults.Fire(Fault.QueuesRestart))
        {
            Trace.Add("queues-restart");
            Queues.RestartEmpty();
        }

        _scheduler.After(TimeSpan.FromMilliseconds(100), Disturb);
    }

    private double Duration(double from, double to)
    {
        var share = _disturbing.NextDouble();
        return from + ((to - from) * share * share);
    }

    /// <summary>The second half of a rolling upgrade.</summary>
    private void StopWhenLeft(SimNode node, long life, DateTimeOffset atLatest) => After(_disturbing, 100, 500, () =>
    {
        if (node.Life != life || !node.IsUp)
        {
            return;
        }

        if (node.HasLeft || Now > atLatest)
        {
            Restart(node);
        }
        else if (_disturbing.Chance(0.05))
        {
            node.Stay();
        }
        else
        {
            StopWhenLeft(node, life, atLatest);
        }
    });

    /// <summary>Stops the faults and lets the world come to rest.</summary>
    /// <returns>What is still open after the bound; null when nothing is.</returns>
    public string? Settle()
    {
        Faults.Active = false;
        SettlesSince = Elapsed;
        Live.Calm();
        Trace.Add("settle");
        var daysEnd = _streams.For("days-end");
        foreach (var broker in Brokers.Values.Where(broker => Journal.Head(broker.Connection) > 0))
        {
            broker.EndDay(daysEnd);
        }

        foreach (var node in Nodes)
        {
            node.Heal();
        }

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

    /// <summary>Lets everybody who looks on see what there is: for as long as it takes, while something still arrives (a line carries a dozen events a second).</summary>
    /// <returns>What has not been seen after the bound; null when everything has.</returns>
    public string? SettleLive()
    {
        Live.Model.Rest();
        string? open = null;
        for (var i = 0; i < 30; i++)
        {
            var (seen, until) = (Live.Events + Live.Resets, Elapsed + SimLive.Patience);
            while (_scheduler.RunNext(until))
            {
                // Timers of entities; the heads of a moment ago are what counts.
            }

            open = Live.Unsettled();
            if (open is null || Live.Events + Live.Resets == seen)
            {
                return open;
            }
        }

        return open;
    }

    public void CrashNow(SimNode node) => Restart(node);

    /// <summary>A stored event as it is read back: once, whoever looks at it.</summary>
    public object Read(EventRow row)
    {
        if (!_read.TryGetValue(row.Payload, out var @event))
        {
            _read.Add(row.Payload, @event = Types.Decode(row.Type, row.Payload));
        }

        return @event;
    }

    /// <summary>A message as it is read on the other side. Messages never change, so that what is sent again is not written and read again.</summary>
    public object OverTheWire(object message)
    {
        if (!_overTheWire.TryGetValue(message, out var read))
        {
            var (name, body) = Types.Encode(message);
            _overTheWire.Add(message, read = Types.Decode(name, body));
        }

        return read;
    }

    /// <summary>The rules as a process runs them that has just started: now and then those of another release.</summary>
    public IEnumerable<IEntityBehavior> BehaviorsOf(SimNode node, ILastQuotes quotes, Pcg32 random)
    {
        var behaviors = MakeRules(quotes).Select<IEntityBehavior, IEntityBehavior>(rules => new FlakyBehavior(
            PaperDefects.In(DefectiveConnection.Wrap(Defect == Defect.RowOfTwoWriters ? new SecondWriter(rules) : rules, Defect), Defect, _sharedDraws), Faults));
        behaviors = _mixesReleases && random.Chance(0.5) ? behaviors.Select(behavior => new OtherRelease(behavior)) : behaviors;
        return Defect == Defect.None ? behaviors : behaviors.Select(behavior => new DefectiveBehavior(behavior, this, node));
    }

    public SimAccount AccountOf(EntityId connection) => _accounts[connection];

    /// <summary>What a client meant by this delivery; null for what nobody has delivered.</summary>
    public Meaning? DeliveryOf(string signalId)
    {
        foreach (var workload in Workloads)
        {
            if (workload.Deliveries.TryGetValue(signalId, out var meaning))
            {
                return meaning;
            }
        }

        return null;
    }

    private void Restart(SimNode node)
    {
        node.Crash();
        StartLater(node, 5_000);
    }

    private void StartLater(SimNode node, double slowest) => After(_random, 5, slowest, () =>
    {
        if (!node.IsUp)
        {
            node.Start();
        }
    });

    private static CoreOptions DrawCoreOptions(Pcg32 random, Profile profile, Defect defect) => new()
    {
        ShardCount = ShardCount,
        // In a group every account is loaded as often as one of a few, and there are hundreds of them.
        PassivateAfter = TimeSpan.FromMilliseconds(profile == Profile.FanOut ? Pick(random, 500, 5_000, 120_000) : Pick(random, 50, 500, 5_000, 120_000)),
        SnapshotEvery = profile == Profile.FanOut ? Pick(random, 10, 20, 50) : Pick(random, 2, 10, 50, 200),
        MaxBatchEvents = Pick(random, 1, 10, 4_000),
        MaxWaiting = Pick(random, 40, 40, 10_000, 10_000), // More than a sender repeats at once: else what is next may never find room.
        ResendAfter = TimeSpan.FromMilliseconds(Pick(random, 50, 500, 500)),
        AckFlushAfter = TimeSpan.FromMilliseconds(Pick(random, 1, 200, 200)),
        AttemptsBeforeParking = defect == Defect.ParkedNumberBlocksLane ? int.MaxValue : 3,
    };

    private static int Pick(Pcg32 random, params ReadOnlySpan<int> values) => values[random.Next(values.Length)];
}

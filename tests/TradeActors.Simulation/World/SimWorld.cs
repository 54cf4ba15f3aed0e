using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Entities;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Connections;
using TradeActors.Entities.Operations;
using TradeActors.Entities.Recorders;
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
    private readonly Pcg32 _daysEnd;

    public SimWorld(SimOptions options)
    {
        Defect = options.Defect;
        _scheduler = new Scheduler(new Pcg32(options.Seed, 1));
        _random = new Pcg32(options.Seed, 2);
        _daysEnd = new Pcg32(options.Seed, 8);
        Faults = new Faults(new Pcg32(options.Seed, 3), options.NoFaults);
        Trace = new Trace(() => _scheduler.Elapsed, () => _scheduler.Steps, options.Trace);
        Types = new StoredTypes().AddRuntime().AddEntities();
        var quotes = new SimQuotes(() => Now, Now);
        Rules = [new RecorderBehavior(quotes), new AccountBehavior(new Installation("sim1", ShardCount), quotes), new ConnectionBehavior(), new OperationBehavior()];
        Behaviors = [.. Rules.Select(rules => new FlakyBehavior(DefectiveConnection.Wrap(rules, Defect), Faults))];
        CoreOptions = DrawCoreOptions();
        Journal = new SimJournal(ShardCount, Defect);
        Model = new WorldModel(this);
        Journal.Stored = Model.Stored;
        var nodes = options.Nodes > 0 ? options.Nodes : _random.Next(2) + 1;
        Nodes = [.. Enumerable.Range(0, nodes).Select(number => new SimNode(this, number, new Pcg32(options.Seed, 100 + (ulong)number)))];
        Owners = [.. Enumerable.Range(0, ShardCount).Select(shard => shard % nodes)];
        Door = new Door(this, new Pcg32(options.Seed, 4));
        Workload = new Workload(this, new Pcg32(options.Seed, 5), new Pcg32(options.Seed, 6), new Pcg32(options.Seed, 7));
        Brokers = [];
        foreach (var (i, account) in Workload.Accounts.Index())
        {
            Brokers.Add(account.Connection, new SimBroker(account.Connection, account.Profile, this, new Pcg32(options.Seed, 200 + (ulong)i)));
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
    public ImmutableArray<IEntityBehavior> Behaviors { get; }
    public CoreOptions CoreOptions { get; }
    public SimJournal Journal { get; }
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

    public void At(DateTimeOffset time, Action action) => _scheduler.At(time, action);

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
        Trace.Add("settle");
        foreach (var broker in Brokers.Values)
        {
            broker.EndDay(_daysEnd);
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

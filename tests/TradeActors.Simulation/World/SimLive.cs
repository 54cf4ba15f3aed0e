using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Clients;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.Model;

namespace TradeActors.Simulation.World;

/// <summary>
/// Everything between the store and the screens: the hub of each node, the announcements between nodes, retention, and the clients. It looks on: nothing of
/// what it draws or does reaches an entity.
/// </summary>
internal sealed class SimLive
{
    /// <summary>How long after the end of all trouble a client may be behind (PROTOCOL 14).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SimWorld _world;
    private readonly Pcg32 _random;
    private readonly ImmutableArray<SimHub> _hubs;

    /// <summary>In some seeds no announcement ever arrives: a client must see everything all the same, a little later.</summary>
    private readonly bool _isMute;
    private readonly ImmutableArray<LiveClient> _clients;

    public SimLive(SimWorld world, int nodes, ulong seed)
    {
        _world = world;
        _random = new Pcg32(seed, 400);
        Model = new LiveModel(world);
        _isMute = _random.Chance(0.25);
        PageSize = _random.Next(8) + 1;
        MostQueued = _random.Chance(0.5) ? _random.Next(6) + 1 : 1_000;
        _hubs = [.. Enumerable.Range(0, nodes).Select(number => new SimHub(world, this, number, new Pcg32(seed, 410 + (ulong)number)))];
        _clients = [.. Enumerable.Range(0, _random.Next(4)).Select(number => new LiveClient($"c{number}", world, this, new Pcg32(seed, 450 + (ulong)number)))];
    }

    public LiveModel Model { get; }

    /// <summary>Small, so that pages and overflows are common.</summary>
    public int PageSize { get; }

    public int MostQueued { get; }

    public int Events { get; set; }

    public int Resets { get; set; }

    public void Start()
    {
        EverySecond();
        foreach (var client in _clients)
        {
            client.Start();
        }
    }

    /// <summary>Nobody leaves any more, and everybody reads quickly.</summary>
    public void Calm()
    {
        foreach (var client in _clients)
        {
            client.Calm();
        }
    }

    /// <summary>The first client that does not know everything; null when all do.</summary>
    public string? Unsettled() => _clients.Select(client => client.Unsettled()).FirstOrDefault(open => open is not null);

    public SimHub? AnyHub(Pcg32 random)
    {
        var up = _hubs.Where(hub => hub.IsUp).ToArray();
        return up.Length == 0 ? null : up[random.Next(up.Length)];
    }

    // What nodes tell.

    public void NodeStarted(int number) => _hubs[number].Start();

    public void NodeCrashed(int number) => _hubs[number].Crash();

    public void OwnerChanged()
    {
        foreach (var hub in _hubs)
        {
            hub.MayHaveMissed();
        }
    }

    /// <summary>Told to every node: to the own one within the process, to the others over a transport that promises nothing.</summary>
    public void Committed(int node, EntityId id)
    {
        foreach (var hub in _isMute ? [] : _hubs)
        {
            if (hub.Number == node)
            {
                _world.Aside(_random, 0, 0.1, () => hub.Announced(id));
            }
            else if (!hub.IsCutOff && !_world.Faults.Fire(Fault.AnnouncementLost))
            {
                Transmit(hub, id);
            }
        }
    }

    /// <summary>What is handed to the journal, as a shell with a deliberate defect hands it on.</summary>
    public ImmutableArray<EntityAppend> Appending(int node, ImmutableArray<EntityAppend> parts)
    {
        if (_world.Defect == Defect.LiveBeforeCommit)
        {
            foreach (var part in parts)
            {
                foreach (var change in part.Rows.Where(change => change.Key.Table == ReadTable.LiveEvents))
                {
                    _world.Journal.Live.Foresee(change.Put!);
                }

                Committed(node, part.Id);
            }
        }

        return _world.Defect == Defect.SnapshotSpeculative ? [.. parts.Select(Speculative)] : parts;
    }

    private void Transmit(SimHub hub, EntityId id)
    {
        var copies = _world.Faults.Fire(Fault.AnnouncementRepeated) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            _world.Aside(_random, 0.1, _world.Faults.Fire(Fault.AnnouncementLate) ? 10_000 : 3, () => hub.Announced(id));
        }
    }

    private void EverySecond()
    {
        foreach (var hub in _hubs)
        {
            if (_world.Faults.Fire(Fault.HubCrashed))
            {
                hub.CrashAlone();
            }

            if (_world.Faults.Fire(Fault.HubCutOff))
            {
                hub.CutOff();
            }
        }

        if (_world.Faults.Fire(Fault.LiveEventsPruned))
        {
            Prune();
        }

        _world.Aside(_random, 500, 1_500, EverySecond);
    }

    private void Prune()
    {
        var most = _random.Next(40) + 1;
        foreach (var topic in _world.Journal.Live.Topics)
        {
            Model.Pruned(topic, _world.Journal.Live.Trim(topic, most));
        }
    }

    private EntityAppend Speculative(EntityAppend part)
    {
        if (part.Snapshot is not { } snapshot || part.Events.IsEmpty)
        {
            return part;
        }

        var rules = _world.Rules.First(rules => rules.Kind == part.Id.Kind);
        var json = JsonNode.Parse(snapshot.State)!.AsObject();
        var state = _world.Types.Decode((string)json["type"]!, Encoding.UTF8.GetBytes(json["state"]!.ToJsonString()));
        foreach (var @event in part.Events.Select(row => _world.Types.Decode(row.Type, row.Payload)).Where(@event => @event is not RuntimeEvent))
        {
            state = rules.Apply(state, @event);
        }

        json["state"] = JsonNode.Parse(_world.Types.Encode(state).Item2);
        return part with { Snapshot = snapshot with { State = Encoding.UTF8.GetBytes(json.ToJsonString()) } };
    }
}

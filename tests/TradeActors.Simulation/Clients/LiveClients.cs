using TradeActors.Domain.Common;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

/// <summary>
/// One screen: watches accounts and recorders, reads quickly or slowly, leaves and comes back to any node with the last sequences that it has, and now and
/// then asks anew or for less.
/// </summary>
internal sealed class LiveClient(string name, SimWorld world, SimLive live, Pcg32 random)
{
    /// <summary>What it wants to see, and the last sequence that it has of it; null: nothing yet.</summary>
    private readonly SortedDictionary<EntityId, long?> _wanted = [];

    /// <summary>Asked for and not answered yet: what to do with the answer, true for a refusal.</summary>
    private readonly SortedDictionary<long, Action<bool>> _requests = [];
    private HubLine? _line;
    private long _lastRequest;
    private bool _isCalm;

    public string Name => name;

    /// <summary>Milliseconds, at most, from one message to the next.</summary>
    public double ReadsWithin { get; private set; } = 1;

    private EntityId[] Everything => [.. world.Workload.Accounts.Select(account => account.Id), .. world.Workload.Recorders.Select(recorder => recorder.Id)];

    public void Start()
    {
        foreach (var topic in Everything.Where(_ => random.Chance(0.7)))
        {
            _wanted.Add(topic, null);
        }

        world.Aside(random, 0, 5_000, Connect);
        world.Aside(random, 100, 4_000, Live);
    }

    public void Calm() => (_isCalm, ReadsWithin) = (true, 1);

    /// <summary>What it should have seen by now and has not.</summary>
    public string? Unsettled() => _wanted.Keys
        .Where(topic => world.Journal.Lookup(SimHub.RowOf(topic)) is not null)
        .Select(topic => _line is null ? $"{name} has found no hub." : live.Model.Unsettled(name, topic))
        .FirstOrDefault(open => open is not null);

    public void LineLost(HubLine line) => world.Aside(random, 1, 1_000, () =>
    {
        if (line == _line)
        {
            Leave();
            Connect();
        }
    });

    public void Take(HubLine line, LivePush push)
    {
        if (line != _line)
        {
            return;
        }

        switch (push)
        {
            case LivePush.Event e:
                world.Trace.Add("live", name, $"{e.Topic.Kind}/{e.Topic.Key}", e.Seq);
                live.Events++;
                live.Model.Event(name, e.Topic, e.Seq, e.Row);
                Has(e.Topic, e.Seq);
                break;
            case LivePush.Reset e:
                world.Trace.Add("live reset", name, $"{e.Topic.Kind}/{e.Topic.Key}", e.Seq);
                live.Resets++;
                live.Model.Reset(name, e.Topic, e.Seq, e.Row, e.IsOverflow);
                Has(e.Topic, e.Seq);
                break;
            case LivePush.Answer answer:
                _requests.Remove(answer.Request, out var take);
                take!(answer.IsRefused);
                break;
        }
    }

    private void Has(EntityId topic, long seq)
    {
        if (_wanted.ContainsKey(topic))
        {
            _wanted[topic] = seq;
        }
    }

    private void Connect()
    {
        if (_line is not null)
        {
            return;
        }

        if (live.AnyHub(random) is not { } hub)
        {
            world.Aside(random, 100, 1_000, Connect);
            return;
        }

        world.Trace.Add("live line", name, $"n{hub.Number}");
        var line = _line = hub.Open(this);
        foreach (var topic in _wanted.Keys.ToArray())
        {
            Subscribe(line, topic);
        }
    }

    private void Leave()
    {
        _line?.Drop();
        _line = null;
        _requests.Clear();
        live.Model.Left(name);
    }

    private void Subscribe(HubLine line, EntityId topic)
    {
        if (line != _line || !_wanted.TryGetValue(topic, out var last))
        {
            return;
        }

        // The number of a timeline that a restored store no longer has: further ahead than any topic comes.
        var after = random.Chance(0.1) ? null : last is not null && world.Faults.Fire(Fault.LivePositionAhead) ? last + 1_000_000 : last;
        var request = ++_lastRequest;
        _requests.Add(request, isRefused =>
        {
            if (isRefused)
            {
                world.Aside(random, 200, 1_000, () => Subscribe(line, topic)); // Does not exist yet.
            }
            else
            {
                live.Model.Subscribed(name, topic, after);
            }
        });
        line.Subscribe(request, topic, after);
    }

    /// <summary>What people do.</summary>
    private void Live()
    {
        if (_isCalm)
        {
            return;
        }

        if (_line is { } line)
        {
            Act(line);
        }

        world.Aside(random, 100, 6_000, Live);
    }

    private void Act(HubLine line)
    {
        var topic = Everything[random.Next(Everything.Length)];
        switch (random.Next(8))
        {
            case 0 or 1:
                Leave();
                world.Aside(random, 1, 5_000, Connect);
                break;
            case 2 or 3:
                ReadsWithin = random.Chance(0.5) ? 1 : 20 * (random.Next(20) + 1);
                break;
            case 4:
                _wanted.TryAdd(topic, null);
                Subscribe(line, topic); // Also what it sees already: begins anew behind what it has, or with a snapshot.
                break;
            case 5 when _wanted.Count > 1:
                Unsubscribe(line, topic);
                break;
        }
    }

    private void Unsubscribe(HubLine line, EntityId topic)
    {
        _wanted.Remove(topic);
        var request = ++_lastRequest;
        _requests.Add(request, _ => live.Model.Unsubscribed(name, topic));
        line.Unsubscribe(request, topic);
    }
}

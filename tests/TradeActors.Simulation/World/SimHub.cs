using System.Collections.Immutable;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Live;
using TradeActors.Simulation.Clients;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The hub of one node: the real readers and followers (Runtime/Live) in a simulated shell.</summary>
internal sealed class SimHub(SimWorld world, SimLive live, int number, Pcg32 random)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<EntityId, HubTopic> _topics = [];
    private readonly List<HubLine> _lines = [];
    private long _life;
    private long _cuts;

    public int Number => number;

    public bool IsUp { get; private set; }

    /// <summary>Hears nothing of other nodes.</summary>
    public bool IsCutOff { get; private set; }

    public void Start()
    {
        (IsUp, IsCutOff) = (true, false);
        LookAgain(++_life);
    }

    public void Crash()
    {
        (IsUp, _life) = (false, _life + 1);
        foreach (var line in _lines.ToArray())
        {
            line.Close();
        }

        _lines.Clear();
        _topics.Clear();
    }

    /// <summary>The front door alone: the entities of its node live on.</summary>
    public void CrashAlone()
    {
        if (IsUp)
        {
            Crash();
            var life = _life;
            world.Aside(random, 5, 3_000, () =>
            {
                if (life == _life)
                {
                    Start();
                }
            });
        }
    }

    public void CutOff()
    {
        var cut = ++_cuts;
        IsCutOff = true;
        world.Aside(random, 100, 8_000, () =>
        {
            if (cut == _cuts)
            {
                IsCutOff = false;
                MayHaveMissed();
            }
        });
    }

    /// <summary>The transport has connected again, or shards have another owner.</summary>
    public void MayHaveMissed()
    {
        var life = _life;
        world.Aside(random, 0, 5, () => Look(life));
    }

    public void Announced(EntityId id)
    {
        if (_topics.TryGetValue(id, out var topic))
        {
            topic.ReadIf(topic.Reader.Announced());
        }
    }

    public HubLine Open(LiveClient client)
    {
        var line = new HubLine(world, live, this, client, random);
        _lines.Add(line);
        return line;
    }

    public void Forget(HubLine line) => _lines.Remove(line);

    public HubTopic Borrow(EntityId id)
    {
        if (!_topics.TryGetValue(id, out var topic))
        {
            _topics.Add(id, topic = new HubTopic(id, live.PageSize, this));
        }

        topic.Borrowers++;
        return topic;
    }

    public void Return(HubTopic topic)
    {
        if (--topic.Borrowers == 0)
        {
            _topics.Remove(topic.Id);
        }
    }

    /// <summary>Asks the store: one moment's answer, after a while; or none.</summary>
    public void Read<T>(Func<T> read, Action<T> done, Action failed)
    {
        var life = _life;
        world.Aside(random, 0.1, world.Faults.Fire(Fault.LiveReadSlow) ? 3_000 : 2, () =>
        {
            var isFailed = world.Faults.Fire(Fault.LiveReadFailed);
            var answer = isFailed ? default : read();
            world.Aside(random, 0.1, 1, () =>
            {
                if (life != _life)
                {
                    return;
                }

                if (isFailed)
                {
                    failed();
                }
                else
                {
                    done(answer!);
                }
            });
        });
    }

    /// <summary>The next thing that this hub's threads come to.</summary>
    public void Next(Action action)
    {
        var life = _life;
        world.Aside(random, 0, 0.05, () =>
        {
            if (life == _life)
            {
                action();
            }
        });
    }

    public LivePage Page(EntityId id, long after) => world.Journal.Live.Read(TopicOf(id), after, live.PageSize);

    public long Head(EntityId id) => world.Journal.Live.Head(TopicOf(id));

    public LiveState State(EntityId id) => new(Head(id), world.Journal.Lookup(RowOf(id)));

    public static RowKey RowOf(EntityId id) => new(id.Kind == EntityKind.Account ? ReadTable.Accounts : ReadTable.Recorders, id.Tenant, "", id.Key);

    private static LiveTopic TopicOf(EntityId id) => new(id.Tenant, $"{id.Kind}:{id.Key}");

    private void LookAgain(long life)
    {
        if (life == _life)
        {
            Look(life);
            world.Aside(random, LookEvery.TotalMilliseconds, LookEvery.TotalMilliseconds, () => LookAgain(life));
        }
    }

    private void Look(long life)
    {
        if (life != _life || _topics.Count == 0 || world.Defect == Defect.LastLiveMessageLost)
        {
            return;
        }

        HubTopic[] topics = [.. _topics.Values];
        Read(
            () => topics.Select(topic => Head(topic.Id)).ToImmutableArray(),
            heads =>
            {
                foreach (var (topic, head) in topics.Zip(heads))
                {
                    topic.ReadIf(topic.Reader.HeadSeen(head));
                }
            },
            () => { });
    }
}

/// <summary>One topic that clients of a hub watch.</summary>
internal sealed class HubTopic(EntityId id, int pageSize, SimHub hub)
{
    public EntityId Id => id;

    public TopicReader Reader { get; } = new(pageSize);

    public int Borrowers { get; set; }

    public void ReadIf(bool isWanted)
    {
        if (isWanted)
        {
            var cursor = Reader.Cursor!.Value;
            hub.Read(() => hub.Page(id, cursor), page => HandOut(page, 0), () => ReadIf(Reader.ReadFailed()));
        }
    }

    /// <summary>Between two events of a page clients join and leave.</summary>
    private void HandOut(LivePage page, int place)
    {
        if (place == page.Events.Length)
        {
            ReadIf(Reader.PageRead(page));
            return;
        }

        var row = page.Events[place];
        Reader.HandOut(row.Seq, new LivePush.Event(id, row.Seq, RowJson.Serialize(row)));
        hub.Next(() => HandOut(page, place + 1));
    }
}

using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Live;
using TradeActors.Simulation.Clients;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>What a hub tells a client.</summary>
internal abstract record LivePush
{
    private LivePush() { }

    /// <param name="Row">The stored row.</param>
    public sealed record Event(EntityId Topic, long Seq, byte[] Row) : LivePush;

    /// <param name="Row">Of the account or recorder.</param>
    /// <param name="IsOverflow">More had waited than may. For the model alone: a client is not told.</param>
    public sealed record Reset(EntityId Topic, long Seq, byte[] Row, bool IsOverflow) : LivePush;

    /// <summary>The answer to a request: what was asked for counts from here on, unless it was refused.</summary>
    public sealed record Answer(long Request, bool IsRefused) : LivePush;
}

/// <summary>One client's connection: what it watches, and a loop that writes to it and waits while the client reads slowly.</summary>
internal sealed class HubLine(SimWorld world, SimLive live, SimHub hub, LiveClient client, Pcg32 random) : IFollowerOutput
{
    private readonly SortedDictionary<EntityId, Following> _followings = [];
    private readonly ClientQueue _queue = new(live.MostQueued);

    /// <summary>In the order of writing; the first is being read by the client.</summary>
    private readonly Queue<(LivePush Push, Action? Written)> _wire = new();

    /// <summary>What the client has asked for, in its order.</summary>
    private readonly Queue<Action> _requests = new();
    private bool _isServing;

    public bool IsOpen { get; private set; } = true;

    /// <param name="after">The last sequence that the client has; null for a snapshot first.</param>
    public void Subscribe(long request, EntityId topic, long? after) => Request(() =>
    {
        var isKnown = world.Journal.Lookup(SimHub.RowOf(topic)) is not null;
        if (isKnown)
        {
            Unfollow(topic);
            var following = new Following(this, hub.Borrow(topic), world.Defect == Defect.LiveRepeatsAfterReconnect && after > 0 ? after - 1 : after);
            _followings.Add(topic, following);
            following.Synchronise();
        }

        Write(new LivePush.Answer(request, !isKnown), null);
    });

    public void Unsubscribe(long request, EntityId topic) => Request(() =>
    {
        Unfollow(topic);
        Write(new LivePush.Answer(request, IsRefused: false), null);
    });

    /// <summary>The client has gone.</summary>
    public void Drop()
    {
        if (IsOpen)
        {
            IsOpen = false;
            foreach (var topic in _followings.Keys.ToArray())
            {
                Unfollow(topic);
            }

            hub.Forget(this);
        }
    }

    /// <summary>By the hub: the client finds out by and by.</summary>
    public void Close()
    {
        Drop();
        client.LineLost(this);
    }

    public bool TryQueue(TopicFollower follower, object message)
    {
        var isTaken = _queue.TryAddEvent(follower, message);
        ((Following)follower).HasOverflowed |= !isTaken;
        Serve();
        return isTaken;
    }

    public void QueueSync(TopicFollower follower)
    {
        _queue.AddSync(follower);
        Serve();
    }

    private void Request(Action carryOut)
    {
        _requests.Enqueue(carryOut);
        world.Aside(random, 0.1, 5, () =>
        {
            var first = _requests.Dequeue();
            if (IsOpen)
            {
                first();
            }
        });
    }

    private void Unfollow(EntityId id)
    {
        if (_followings.Remove(id, out var following))
        {
            following.Topic.Reader.End(following);
            hub.Return(following.Topic);
        }
    }

    private void Serve()
    {
        if (!_isServing)
        {
            _isServing = true;
            hub.Next(ServeNext);
        }
    }

    private void ServeNext()
    {
        if (!IsOpen || !_queue.TryTake(out var next))
        {
            _isServing = false;
            return;
        }

        switch (next)
        {
            case { Message: LivePush push }:
                Write(push, ServeNext);
                break;
            case { Follower: Following { Last: { } last } following }:
                hub.Read(() => hub.Page(following.Topic.Id, last), page => CatchUp(following, page), Close);
                break;
            case { Follower: Following following }:
                hub.Read(() => hub.State(following.Topic.Id), state => Reset(following, state), Close);
                break;
        }
    }

    private void Reset(Following following, LiveState state)
    {
        if (following.SnapshotRead(state.Head))
        {
            Write(new LivePush.Reset(following.Topic.Id, state.Head, state.Row!.Doc, following.HasOverflowed), () => Join(following));
            following.HasOverflowed = false;
        }
        else
        {
            ServeNext();
        }
    }

    private void CatchUp(Following following, LivePage page)
    {
        following.PageRead(page);
        Send(following, page, 0);
    }

    private void Send(Following following, LivePage page, int place)
    {
        if (place < page.Events.Length && page.Events[place] is var row && following.TrySend(row.Seq))
        {
            Write(new LivePush.Event(following.Topic.Id, row.Seq, RowJson.Serialize(row)), () => Send(following, page, place + 1));
        }
        else
        {
            Join(following);
        }
    }

    private void Join(Following following)
    {
        if (world.Defect == Defect.LiveJoinsAfterReading && !following.IsEnded && following.Last == hub.Head(following.Topic.Id))
        {
            JoinAtHead(following);
            return;
        }

        following.Topic.ReadIf(following.Topic.Reader.Join(following));
        ServeNext();
    }

    /// <summary>By a deliberate defect: what was committed since the last page is neither read nor handed out.</summary>
    private void JoinAtHead(Following following)
    {
        world.Aside(random, 1, 200, () =>
        {
            if (IsOpen && !following.IsEnded)
            {
                following.SnapshotRead(hub.Head(following.Topic.Id));
                following.Topic.ReadIf(following.Topic.Reader.Join(following));
            }

            ServeNext();
        });
    }

    private void Write(LivePush push, Action? written)
    {
        _wire.Enqueue((push, written));
        if (_wire.Count == 1)
        {
            Carry();
        }
    }

    private void Carry() => world.Aside(random, 0.05, client.ReadsWithin, () =>
    {
        if (!IsOpen)
        {
            return;
        }

        var (push, written) = _wire.Dequeue();
        client.Take(this, push);
        if (_wire.Count > 0)
        {
            Carry();
        }

        written?.Invoke();
    });

    private sealed class Following(HubLine line, HubTopic topic, long? after) : TopicFollower(line, after)
    {
        public HubTopic Topic => topic;

        public bool HasOverflowed { get; set; }
    }
}

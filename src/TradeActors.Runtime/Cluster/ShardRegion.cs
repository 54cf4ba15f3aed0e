using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Cluster;

/// <summary>
/// Which shards this node writes, and when it must stop. The queue of a shard says who should own it; the epoch in the database is the truth. Without I/O, as
/// <see cref="EntityCore"/>, to which everything passes through here.
/// </summary>
/// <remarks>
/// A registration at a queue claims its shard at most once, at its first delivery: a node that wakes after it has lost its shards cannot take them back with what
/// was delivered to it before (PROTOCOL 9). Not safe for concurrent use.
/// </remarks>
public sealed class ShardRegion(string node, EntityCore core, RegionOptions options)
{
    private readonly SortedDictionary<int, Consumer> _consumers = [];
    private readonly SortedDictionary<int, long> _epochs = [];

    /// <summary>What came while the node did not know whether it still owns anything.</summary>
    private readonly Queue<CoreInput> _held = [];

    private IRegionOutput _out = null!;
    private DateTimeOffset _wallNow;

    /// <summary>The database's clock at a moment of this process's monotonic one. Null before the board was read.</summary>
    private (DateTimeOffset At, TimeSpan Uptime)? _clock;
    private TimeSpan _uptime;
    private long _lastStepTicks = long.MinValue;
    private TimeSpan? _lastView;
    private TimeSpan _nextBeat;
    private (long Number, TimeSpan Since, DateTimeOffset SentAt)? _beat;
    private long _lastBeat;
    private volatile bool _isUnsure = true;
    private bool _isLeaving;
    private long _lastRegistration;
    private long _refused;

    private enum Phase
    {
        Registering,
        /// <summary>Registered, and nothing has been delivered: another consumer comes first.</summary>
        Waiting,
        Claiming,
        /// <summary>The node holds an epoch from before this registration, and looks whether it is still the shard's.</summary>
        Checking,
        Active,
        Draining,
    }

    private sealed class Consumer(long registration)
    {
        public long Registration { get; } = registration;

        public Phase Phase { get; set; } = Phase.Registering;

        public TimeSpan DrainingSince { get; set; }

        /// <summary>Delivered while the claim is out.</summary>
        public List<(CoreInput? Input, long Tag)> Held { get; } = [];
    }

    /// <summary>Whether the board was seen within the lease and this node's clock is right: only then may it take requests.</summary>
    public bool IsReady => _lastView is { } seen && _uptime - seen < options.Lease && IsClockRight && !_isLeaving;

    /// <summary>Whether this node may still act for its shards. To be asked immediately before anything is done in the world, from any thread.</summary>
    /// <param name="uptime">The monotonic clock that <see cref="Step"/> is given.</param>
    public bool MayAct(TimeSpan uptime) =>
        !_isUnsure && Volatile.Read(ref _lastStepTicks) is not long.MinValue and var last && uptime.Ticks - last < options.Lease.Ticks;

    /// <summary>
    /// What time it is for the entities: the database's clock as the board last showed it, carried on by the monotonic one. The same on every node but for the
    /// time that an answer needs; setting a node's clock changes nothing of it.
    /// </summary>
    public DateTimeOffset TimeAt(TimeSpan uptime) => _clock is { } clock ? clock.At + (uptime - clock.Uptime) : DateTimeOffset.MinValue;

    /// <summary>How far this node's clock is ahead of the database's at least: the time that the answer needed is not counted.</summary>
    public TimeSpan Skew { get; private set; }

    /// <summary>The board as it was last read.</summary>
    public ClusterView? View { get; private set; }

    /// <summary>The shards whose epoch this node holds.</summary>
    public IEnumerable<int> Owned => _epochs.Keys;

    public bool Owns(int shard) => _epochs.ContainsKey(shard);

    /// <summary>The node was told to leave and nothing is left that others could not take.</summary>
    public bool HasLeft => _isLeaving && _epochs.Count == 0;

    private bool IsClockRight => Skew.Duration() <= options.SkewAtMost;

    /// <summary>As <see cref="EntityCore.NextAlarm"/>; null also while nothing may be done.</summary>
    public DateTimeOffset? NextAlarm => _isUnsure ? null : core.NextAlarm;

    public bool CanFlush => !_isUnsure && core.CanFlush;

    /// <summary>Takes one input.</summary>
    /// <param name="now">This node's clock, UTC: only to see whether it is right.</param>
    /// <param name="uptime">A monotonic clock of this process: never set, never slewed.</param>
    public void Step(RegionInput input, DateTimeOffset now, TimeSpan uptime, IRegionOutput output)
    {
        (_out, _wallNow, _uptime) = (output, now, uptime);
        if (_lastStepTicks != long.MinValue && uptime.Ticks - _lastStepTicks >= options.Lease.Ticks)
        {
            LookBeforeActing();
        }

        Volatile.Write(ref _lastStepTicks, uptime.Ticks);
        switch (input)
        {
            case RegionInput.Local local:
                Pass(local.Input);
                break;
            case RegionInput.Registered registered:
                TakeRegistered(registered);
                break;
            case RegionInput.Ended ended:
                TakeEnded(ended);
                break;
            case RegionInput.Delivered delivered:
                TakeDelivered(delivered);
                break;
            case RegionInput.Claimed claimed:
                TakeClaimed(claimed);
                break;
            case RegionInput.BoardRead read when read.Beat == _beat?.Number:
                TakeBoard(read.View);
                break;
            case RegionInput.BoardRead:
                break; // Of before the node looked again: it may have lost everything since.
            case RegionInput.Leave:
                _isLeaving = true;
                _nextBeat = uptime;
                break;
            case RegionInput.Stay:
                _isLeaving = false;
                _nextBeat = uptime;
                break;
            case RegionInput.Tick:
                break;
        }

        FinishDrains();
        LookAtTime();
    }

    /// <summary>As <see cref="EntityCore.Flush"/>.</summary>
    public void Flush(IRegionOutput output)
    {
        if (CanFlush)
        {
            _out = output;
            core.Flush(output);
        }
    }

    private Consumer? Current(int shard, long registration) =>
        _consumers.TryGetValue(shard, out var consumer) && consumer.Registration == registration ? consumer : null;

    private void Pass(CoreInput input)
    {
        if (_isUnsure)
        {
            _held.Enqueue(input);
            return;
        }

        core.Step(input, TimeAt(_uptime), _out);
        if (core.ShardsRefused != _refused)
        {
            _refused = core.ShardsRefused;
            foreach (var shard in _epochs.Keys.Where(shard => !core.Owns(shard)).ToArray())
            {
                Lose(shard);
            }
        }
    }

    // Registrations.

    private void Register(int shard)
    {
        var consumer = new Consumer(++_lastRegistration);
        _consumers.Add(shard, consumer);
        _out.Register(shard, consumer.Registration);
    }

    private void Close(int shard)
    {
        if (_consumers.Remove(shard, out var consumer))
        {
            _out.Close(shard, consumer.Registration);
        }
    }

    private void TakeRegistered(RegionInput.Registered registered)
    {
        if (Current(registered.Shard, registered.Registration) is { Phase: Phase.Registering } consumer)
        {
            consumer.Phase = Phase.Waiting;
            _out.Nudge(registered.Shard);
            _nextBeat = _uptime; // The owner waits to see who stands by.
        }
    }

    private void TakeEnded(RegionInput.Ended ended)
    {
        if (Current(ended.Shard, ended.Registration) is not { } consumer)
        {
            return;
        }

        _consumers.Remove(ended.Shard);
        if (consumer.Phase == Phase.Draining)
        {
            Lose(ended.Shard);
        }
    }

    private void TakeDelivered(RegionInput.Delivered delivered)
    {
        if (Current(delivered.Shard, delivered.Registration) is not { } consumer)
        {
            return; // Its channel is closed: it has gone to another.
        }

        switch (consumer.Phase)
        {
            case Phase.Active:
                PassDelivered(delivered.Input, delivered.Tag);
                break;
            case Phase.Draining:
                break; // For the next owner.
            default:
                consumer.Held.Add((delivered.Input, delivered.Tag));
                if (consumer.Phase is Phase.Registering or Phase.Waiting)
                {
                    Claim(delivered.Shard, consumer);
                }

                break;
        }
    }

    private void PassDelivered(CoreInput? input, long tag)
    {
        if (input is null)
        {
            _out.Done(tag);
        }
        else
        {
            Pass(input);
        }
    }

    private void Claim(int shard, Consumer consumer)
    {
        if (_epochs.ContainsKey(shard))
        {
            // The connection was lost, not the shard, as far as is known: entities and calls under way go on if nobody has claimed it since.
            consumer.Phase = Phase.Checking;
            _nextBeat = _uptime;
            return;
        }

        consumer.Phase = Phase.Claiming;
        _out.Claim(shard, consumer.Registration);
    }

    private void TakeClaimed(RegionInput.Claimed claimed)
    {
        if (Current(claimed.Shard, claimed.Registration) is not { Phase: Phase.Claiming } consumer)
        {
            return; // Given up meanwhile. An epoch that nobody uses is passed over by the next claim.
        }

        if (claimed.Claim is not { } claim)
        {
            Close(claimed.Shard);
            return;
        }

        _epochs[claimed.Shard] = claim.Epoch;
        Pass(new CoreInput.ShardsClaimed([claim]));
        Activate(consumer);
    }

    private void Activate(Consumer consumer)
    {
        consumer.Phase = Phase.Active;
        foreach (var (input, tag) in consumer.Held)
        {
            PassDelivered(input, tag);
        }

        consumer.Held.Clear();
    }

    /// <summary>Somebody else has the shard, or will.</summary>
    private void Lose(int shard)
    {
        _epochs.Remove(shard);
        Pass(new CoreInput.ShardLost(shard));
        Close(shard);
    }

    // The board.

    /// <summary>Stops everything until the board says what is still this node's.</summary>
    private void LookBeforeActing()
    {
        foreach (var (shard, consumer) in _consumers.ToArray())
        {
            if (consumer.Phase == Phase.Draining)
            {
                Lose(shard); // Nothing begins in it any more.
            }
            else
            {
                Close(shard);
            }
        }

        _isUnsure = true;
        _beat = null;
        _nextBeat = _uptime;
    }

    private void TakeBoard(ClusterView? read)
    {
        var (_, since, sentAt) = _beat!.Value;
        _beat = null;
        if (read is not { } view)
        {
            return;
        }

        _lastView = _uptime;
        View = view;
        Skew = view.At > _wallNow ? _wallNow - view.At : view.At < sentAt ? sentAt - view.At : TimeSpan.Zero;
        SetClock(view.At, _uptime - since);
        _isUnsure = false;
        foreach (var row in view.Shards)
        {
            if (_epochs.TryGetValue(row.Shard, out var epoch) && row.Epoch > epoch)
            {
                Lose(row.Shard);
            }
            else if (row.InboxLast > core.InboxSeen(row.Shard) && _epochs.ContainsKey(row.Shard))
            {
                Pass(new CoreInput.InboxGrew(row.Shard, row.InboxLast));
            }
        }

        while (_held.TryDequeue(out var input))
        {
            Pass(input);
        }

        Follow(view, ShardPlan.Of(view, options.DeadAfter));
    }

    /// <summary>The answer was written some time between the question and now: only what lies outside is wrong.</summary>
    private void SetClock(DateTimeOffset written, TimeSpan asked)
    {
        var now = TimeAt(_uptime);
        if (_clock is null || now < written)
        {
            _clock = (written, _uptime);
        }
        else if (now > written + asked)
        {
            _clock = (written + asked, _uptime); // Entities stand still until it has come that far: time never runs backwards for them.
        }
    }

    private void Follow(ClusterView view, ShardPlan plan)
    {
        foreach (var row in view.Shards)
        {
            var shard = row.Shard;
            var isWanted = plan.Owner(shard) == node || plan.Standby(shard) == node;
            if (!_consumers.TryGetValue(shard, out var consumer))
            {
                if (isWanted && IsClockRight && !_isLeaving)
                {
                    Register(shard);
                }

                continue;
            }

            switch (consumer.Phase)
            {
                case Phase.Waiting when !isWanted:
                    Close(shard);
                    _nextBeat = _uptime;
                    break;
                case Phase.Checking when _epochs.ContainsKey(shard):
                    Activate(consumer);
                    break;
                case Phase.Active when plan.Owner(shard) != node && plan.Owner(shard).Length > 0 && row.Standby == plan.Owner(shard) && row.Owner == node:
                    consumer.Phase = Phase.Draining;
                    consumer.DrainingSince = _uptime;
                    Pass(new CoreInput.DrainShard(shard));
                    break;
            }
        }
    }

    private void FinishDrains()
    {
        foreach (var (shard, consumer) in _consumers.Where(pair => pair.Value.Phase == Phase.Draining).ToArray())
        {
            if (core.IsDrained(shard) || _uptime - consumer.DrainingSince > options.DrainAtMost)
            {
                Lose(shard);
                _out.Nudge(shard);
                _nextBeat = _uptime;
            }
        }
    }

    private void LookAtTime()
    {
        if (_lastView is { } seen && _uptime - seen >= options.Lease && !_isUnsure)
        {
            // Cut off from the database: the queues must find others who are not.
            LookBeforeActing();
        }

        if (_uptime < _nextBeat || (_beat is { } beat && _uptime - beat.Since < options.Beat * 3))
        {
            return;
        }

        _nextBeat = _uptime + options.Beat;
        _beat = (++_lastBeat, _uptime, _wallNow);
        foreach (var (shard, _) in _consumers.Where(pair => pair.Value.Phase == Phase.Waiting))
        {
            _out.Nudge(shard);
        }

        _out.Beat(_lastBeat, new NodeBeat(node, IsClockRight && !_isLeaving, StandsBy()));
    }

    private ImmutableArray<int> StandsBy() => [.. _consumers.Where(pair => pair.Value.Phase == Phase.Waiting).Select(pair => pair.Key)];
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

internal enum CellPhase
{
    /// <summary>Stream requested, not here yet.</summary>
    Loading,
    Active,
    /// <summary>The first waiting message needs a stored row; nothing else is judged meanwhile. See <see cref="Cell.WantedRow"/>.</summary>
    LookingUp,
    /// <summary>The first waiting message failed, or the stream could not be loaded; tried again at <see cref="Cell.RetryAt"/>.</summary>
    BackingOff,
}

/// <summary>An entity's domain state and delivery state at one point of its stream, with the work that follows from it.</summary>
internal readonly record struct CellState(object Domain, Delivery Delivery, Pending Pending);

/// <summary>What is told to the queue when everything that came under it is done. What is handed back is never done, and so is the whole.</summary>
internal sealed class QueueTag(long number, int parts)
{
    private int _left = parts;

    public long Number { get; } = number;

    /// <returns>Whether it was the last part.</returns>
    public bool TakeOne() => --_left == 0;

    /// <param name="number">See <see cref="ICoreOutput.Done"/>; 0 for none.</param>
    public static QueueTag? Of(long number, int parts = 1) => number == 0 ? null : new(number, parts);
}

/// <summary>One message on its way through a cell.</summary>
internal sealed class WorkItem
{
    public required object Message { get; init; }
    public long? AskId { get; init; }
    public (EntityId Sender, string Lane, long Number, long Previous)? Source { get; init; }

    /// <summary>What it came under, if by a queue.</summary>
    public QueueTag? Tag { get; init; }

    /// <summary>Its number in the shard's inbox; 0 for what came otherwise.</summary>
    public long InboxNumber { get; init; }
    public int Attempts { get; set; }

    /// <summary>For a quote that was judged before a reload: the last sequence that its decision rested on or made.</summary>
    public long? JudgedBy { get; set; }

    /// <summary>How many of the rows that its behaviour names have been read.</summary>
    public int RowsRead { get; set; }
    public Row? LookedUp { get; set; }
}

/// <summary>A shard that this node may write.</summary>
internal sealed class OwnedShard(int shard, long epoch)
{
    public int Shard { get; } = shard;

    public long Epoch { get; } = epoch;

    /// <summary>Up to here its inbox has been read.</summary>
    public long InboxSeen { get; set; }

    /// <summary>Its inbox is being read: what could be overtaken by others waits.</summary>
    public bool IsReadingInbox { get; set; }

    public bool HasInboxFailed { get; set; }

    public bool IsDraining { get; set; }
}

/// <summary>A judged message whose answers wait until everything they rest on is committed.</summary>
/// <param name="After">The last sequence that the answers rest on.</param>
/// <param name="Events">Of this message; what an observer is told when they are stored.</param>
internal sealed record Judged(
    WorkItem Item,
    long After,
    DateTimeOffset At,
    ImmutableArray<object> Events,
    CellState State,
    object? Reply,
    AskFailure? Failure,
    IReadOnlyList<Envelope> Sends,
    Acknowledgement? Acknowledge)
{
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>A fan-out under way.</summary>
internal sealed class FanOutRun(FanOut fanOut, DateTimeOffset startedAt)
{
    public FanOut FanOut { get; } = fanOut;

    /// <summary>Since the load at the earliest.</summary>
    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>Each member once, with the lane that it is reached by.</summary>
    public List<(FanOutMember Member, FanOutLane Lane)> Members { get; } = new(fanOut.Members.Length);

    /// <summary>How many members have not acknowledged it.</summary>
    public int Open { get; set; }
}

/// <summary>When unacknowledged messages of one way are sent again. Each way backs off by itself: one that is down is not repeated for as often as others answer.</summary>
internal sealed class Repeats(DateTimeOffset due)
{
    /// <summary>In a row, without a sign of life from the receiver.</summary>
    public int Count { get; set; }

    public DateTimeOffset Due { get; set; } = due;
}

/// <param name="Since">When the receiver last acknowledged something of it. Looked at by operators alone.</param>
internal sealed record Unacknowledged(DateTimeOffset Since, Repeats Repeats);

/// <summary>One subscription's way to its account: what it has not acknowledged, in order.</summary>
/// <remarks>
/// The receiver takes fan-outs in order and drops what comes early. So a lane that has lost one, or of which nothing is known after a load, is brought up
/// from its first open one on: as many at once as it has lately taken, the next as soon as those are acknowledged.
/// </remarks>
internal sealed class FanOutLane(int shard, bool isLoading)
{
    /// <summary>The most that are out at once while a lane is brought up.</summary>
    private const int MostAtOnce = 32;

    // After a load one fan-out asks the receiver what it has: its acknowledgement tells.
    private int _window = isLoading ? 1 : MostAtOnce;
    private bool _hasMoved;
    private long _newest;
    private long _sent;
    private int _room;

    public int Shard { get; } = shard;

    public Queue<FanOutRun> Open { get; } = new();

    public Repeats Repeats { get; } = new(DateTimeOffset.MaxValue);

    /// <summary>Something open has not been sent since it last proved to be lost.</summary>
    public bool HasMore => _newest > _sent;

    /// <summary>Adds one, and says whether it is sent at once: not when so many are open before it that the receiver cannot take it yet.</summary>
    public bool Add(FanOutRun run, bool isLoading)
    {
        var isNext = Open.Count == 0 || !HasMore;
        Open.Enqueue(run);
        _newest = run.FanOut.Number;
        if (isLoading ? Open.Count > 1 : Open.Count > MostAtOnce)
        {
            return false;
        }

        _sent = isNext ? _newest : _sent;
        return true;
    }

    /// <summary>Everything up to this number has been acknowledged, and something new with it: more may follow.</summary>
    public void Move(long number)
    {
        _window = Math.Min(_window * 2, MostAtOnce);
        _sent = Math.Max(_sent, number);
        _hasMoved = true;
    }

    /// <summary>The receiver lacks the first open one.</summary>
    public void Lose() => (_hasMoved, _sent) = (false, 0);

    /// <summary>Prepares a repeat: of what follows what is out or, where nothing has been acknowledged since, of the same again and less of it.</summary>
    /// <returns>Whether it is the former.</returns>
    public bool BeginRepeat()
    {
        var follows = _hasMoved && HasMore;
        _hasMoved = false;
        if (follows)
        {
            _room = _window - Open.TakeWhile(run => run.FanOut.Number <= _sent).Count();
            return true;
        }

        _sent = 0;
        _window = Math.Max(1, _window / 2);
        _room = _window;
        return false;
    }

    /// <summary>Whether this fan-out is sent in the repeat that is being made. Asked in order.</summary>
    public bool TakesRepeat(long number)
    {
        if (_room <= 0 || number <= _sent || Open.Count == 0 || number < Open.Peek().FanOut.Number)
        {
            return false;
        }

        _room--;
        _sent = number;
        return true;
    }

    public void EndRepeat() => _room = 0;
}

/// <summary>One loaded entity: its committed and its speculative state, what waits to be judged and what waits to be committed.</summary>
/// <remarks>
/// Invariants: <see cref="Unanswered"/> is ordered by <see cref="Judged.After"/>, which lies between <see cref="CommittedSeq"/> and
/// <see cref="Head"/>; <see cref="QueuedEvents"/> are the events behind what is in flight, up to <see cref="Head"/>.
/// </remarks>
internal sealed class Cell(EntityId id, IEntityBehavior behavior, OwnedShard shard)
{
    public EntityId Id { get; } = id;
    public IEntityBehavior Behavior { get; } = behavior;
    public OwnedShard Owned { get; } = shard;
    public int Shard => Owned.Shard;

    /// <summary>Unique per load within the core: results of an earlier load are recognised and dropped.</summary>
    public long Activation { get; set; }
    public CellPhase Phase { get; set; }
    public DateTimeOffset RetryAt { get; set; }
    public bool RetryIsLoad { get; set; }
    public int LoadAttempts { get; set; }

    public CellState Committed { get; set; }
    public long CommittedSeq { get; set; }
    public CellState Speculative { get; set; }
    public long Head { get; set; }

    /// <summary>The time last given to it, or stored with its last event: nodes' clocks differ, and its own never runs backwards (PROTOCOL 13).</summary>
    public DateTimeOffset Clock { get; set; }

    /// <summary>Of what is committed.</summary>
    public DateTimeOffset CommittedAt { get; set; }
    public long SnapshotSeq { get; set; }
    public bool SnapshotDue { get; set; }

    /// <summary>Size of the last snapshot written or read.</summary>
    public int SnapshotBytes { get; set; }

    /// <summary>To be looked up for the first waiting message once everything judged before it is committed.</summary>
    public RowKey? WantedRow { get; set; }

    public LinkedList<WorkItem> Waiting { get; } = new();
    public Queue<Judged> Unanswered { get; } = new();

    public List<EventRow> QueuedEvents { get; } = [];
    public List<RowChange> QueuedRows { get; } = [];
    public bool IsDirty { get; set; }
    public long? InFlightHead { get; set; }

    /// <summary>What the wake row holds, once <see cref="WakeKnown"/>; null for no row.</summary>
    public DateTimeOffset? StoredWake { get; set; }
    public bool WakeKnown { get; set; }

    /// <summary>
    /// An append gave no answer and may be carried out later still, after the load that was to tell: nothing may rest on what was loaded until something is stored
    /// over it, which the late append then cannot pass.
    /// </summary>
    public bool IsInDoubt { get; set; }

    /// <summary>False until <see cref="Activated"/> has been judged and committed: no effect starts before.</summary>
    public bool IsSettled { get; set; }
    public SortedDictionary<string, Effect> Effects { get; } = new(StringComparer.Ordinal);
    public SortedSet<string> Interest { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, DateTimeOffset> FiredTimers { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<long, FanOutRun> FanOuts { get; } = [];
    public Dictionary<(EntityId, string), FanOutLane> Lanes { get; } = [];
    public ImmutableArray<EntityTimer> Timers { get; set; } = [];

    /// <summary>Acknowledged but not yet stored; rides on the next append.</summary>
    public SortedDictionary<EntityId, long> UnstoredAcks { get; } = [];
    public DateTimeOffset? AckFlushAt { get; set; }

    /// <summary>Set by a load: what was outstanding is sent again at once, not only when its time is up.</summary>
    public bool ResendNow { get; set; }
    public DateTimeOffset? ResendAt { get; set; }

    /// <summary>For each receiver with sends that are not acknowledged.</summary>
    public SortedDictionary<EntityId, Unacknowledged> Sends { get; } = [];

    /// <summary>Set by a load: of the fan-outs that were under way, some members may have stored some long ago.</summary>
    public bool HasOldFanOuts { get; set; }

    /// <summary>What effects, interest, fan-outs and timers have been brought in line with; null for nothing yet.</summary>
    public Pending? Applied { get; set; }

    public DateTimeOffset LastUsed { get; set; }
    public DateTimeOffset? AlarmAt { get; set; }

    public bool HasWorkLeft =>
        Waiting.Count > 0 || Unanswered.Count > 0 || IsDirty || InFlightHead is not null || Effects.Count > 0 || FanOuts.Count > 0
        || Interest.Count > 0 || UnstoredAcks.Count > 0 || Committed.Delivery is { Unacknowledged: > 0 };
}

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

/// <summary>One message on its way through a cell.</summary>
internal sealed class WorkItem
{
    public required object Message { get; init; }
    public long? AskId { get; init; }
    public (EntityId Sender, string Lane, long Number, long Previous)? Source { get; init; }
    public int Attempts { get; set; }

    /// <summary>For a quote that was judged before a reload: the last sequence that its decision rested on or made.</summary>
    public long? JudgedBy { get; set; }

    /// <summary>How many of the rows that its behaviour names have been read.</summary>
    public int RowsRead { get; set; }
    public Row? LookedUp { get; set; }
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

/// <summary>A fan-out under way: who has not acknowledged it yet.</summary>
internal sealed class FanOutRun
{
    public FanOutRun(FanOut fanOut, DateTimeOffset startedAt)
    {
        (FanOut, StartedAt) = (fanOut, startedAt);
        foreach (var member in fanOut.Members)
        {
            Remaining[(member.To, member.Lane)] = member;
        }
    }

    public FanOut FanOut { get; }

    /// <summary>Since the load at the earliest.</summary>
    public DateTimeOffset StartedAt { get; }
    public SortedDictionary<(EntityId, string), FanOutMember> Remaining { get; } = new(MemberOrder.Instance);

    private sealed class MemberOrder : IComparer<(EntityId To, string Lane)>
    {
        public static readonly MemberOrder Instance = new();

        public int Compare((EntityId To, string Lane) x, (EntityId To, string Lane) y)
        {
            var byEntity = x.To.CompareTo(y.To);
            return byEntity != 0 ? byEntity : string.CompareOrdinal(x.Lane, y.Lane);
        }
    }
}

/// <summary>One loaded entity: its committed and its speculative state, what waits to be judged and what waits to be committed.</summary>
/// <remarks>
/// Invariants: <see cref="Unanswered"/> is ordered by <see cref="Judged.After"/>, which lies between <see cref="CommittedSeq"/> and
/// <see cref="Head"/>; <see cref="QueuedEvents"/> are the events behind what is in flight, up to <see cref="Head"/>.
/// </remarks>
internal sealed class Cell(EntityId id, IEntityBehavior behavior, int shard)
{
    public EntityId Id { get; } = id;
    public IEntityBehavior Behavior { get; } = behavior;
    public int Shard { get; } = shard;

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

    /// <summary>False until <see cref="Activated"/> has been judged and committed: no effect starts before.</summary>
    public bool IsSettled { get; set; }
    public SortedDictionary<string, Effect> Effects { get; } = new(StringComparer.Ordinal);
    public SortedSet<string> Interest { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, DateTimeOffset> FiredTimers { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<long, FanOutRun> FanOuts { get; } = [];
    public ImmutableArray<EntityTimer> Timers { get; set; } = [];

    /// <summary>Acknowledged but not yet stored; rides on the next append.</summary>
    public SortedDictionary<EntityId, long> UnstoredAcks { get; } = [];
    public DateTimeOffset? AckFlushAt { get; set; }

    /// <summary>Set by a load: what was outstanding is sent again at once, not only when its time is up.</summary>
    public bool ResendNow { get; set; }
    public DateTimeOffset? ResendAt { get; set; }
    public int ResendCount { get; set; }

    /// <summary>For each receiver with sends that are not acknowledged, since when it has acknowledged none. Looked at by operators alone.</summary>
    public SortedDictionary<EntityId, DateTimeOffset> SendsSince { get; } = [];

    public DateTimeOffset LastUsed { get; set; }
    public DateTimeOffset? AlarmAt { get; set; }

    public bool HasWorkLeft =>
        Waiting.Count > 0 || Unanswered.Count > 0 || IsDirty || InFlightHead is not null || Effects.Count > 0 || FanOuts.Count > 0
        || Interest.Count > 0 || UnstoredAcks.Count > 0 || Committed.Delivery is { Unacknowledged: > 0 };
}

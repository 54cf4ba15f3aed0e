using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Entities;

/// <summary>
/// The rules of one kind of entity, as any engine runs them. A behaviour holds no state of its own and does no I/O; every method is a pure
/// function of its arguments, may be called again for the same input, and is called for one message of an entity at a time.
/// </summary>
/// <remarks>State is an immutable object. Events, messages, replies and state are types that the <see cref="Stored.StoredTypes"/> catalog knows.</remarks>
public interface IEntityBehavior
{
    /// <summary>One of <see cref="EntityKind"/>.</summary>
    string Kind { get; }

    /// <summary>The version of the state's shape. A snapshot with another number is ignored and the events are read instead.</summary>
    int SnapshotSchema { get; }

    /// <summary>
    /// Whether doors may leave messages for this kind in the shard's inbox (PROTOCOL 6). Its appends are then refused while something lies there unread, and
    /// it knows a repeat of such a message by the id inside.
    /// </summary>
    bool TakesInbox => false;

    /// <summary>The state before the first event.</summary>
    object Empty { get; }

    /// <summary>
    /// Judges one message. A refusal by a rule is a reply, not an exception; an exception means a defect: the entity is reloaded and the message
    /// tried again with back-off, then parked.
    /// </summary>
    Reaction Decide(object state, object message, in EntityContext context);

    /// <summary>Folds one stored event into the state. Never refuses: the event has happened.</summary>
    object Apply(object state, object @event);

    /// <summary>What must still happen in the world, derived from committed state alone, so that a restart carries on where a crash cut in.</summary>
    Pending Pending(EntityId self, object state);

    /// <summary>The read-model rows that change with this event. Each row has exactly one writing entity.</summary>
    void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows);

    /// <summary>
    /// Names stored rows that must be read before this message can be judged (a ClOrdID that may have left the state). They are read in order, and the
    /// first that exists is given to <see cref="Decide"/> as <see cref="EntityContext.LookedUp"/>.
    /// </summary>
    ImmutableArray<ReadModel.RowKey> Lookup(EntityId self, object state, object message) => [];

    /// <summary>
    /// This message has failed too often and is set aside. What is returned is sent with that: a sender that waits for more than an acknowledgement
    /// must hear that nothing will come (PROTOCOL 5). The state is not given: it may be what the rules failed on.
    /// </summary>
    ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => [];
}

/// <summary>An event with its place in the entity's stream.</summary>
/// <param name="Seq">1 for the first event of the entity; gapless.</param>
/// <param name="At">The writing node's clock when it was decided, UTC; never runs backwards within one stream.</param>
public readonly record struct StampedEvent(long Seq, DateTimeOffset At, object Event);

/// <summary>What a decision may know besides state and message.</summary>
/// <param name="Now">UTC, the node's clock; never runs backwards for one entity, on whatever node it has been before.</param>
/// <param name="Sender">The entity that sent the message by numbered delivery; null for asks, timers and effects.</param>
/// <param name="Lane">For a fan-out: the lane (subscription) it came by.</param>
/// <param name="LookedUp">The row that <see cref="IEntityBehavior.Lookup"/> named; null when there is none.</param>
public readonly record struct EntityContext(
    EntityId Self, DateTimeOffset Now, EntityId? Sender = null, string? Lane = null, ReadModel.Row? LookedUp = null);

/// <summary>Takes the row changes of a projection.</summary>
public interface IRowSink
{
    void Put(ReadModel.RowKey key, long sort, string state, object doc);

    void Drop(ReadModel.RowKey key);
}

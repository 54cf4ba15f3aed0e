using System.Collections.Immutable;

namespace TradeActors.Domain.Common;

/// <summary>What an entity makes of a message. Reply and sends leave the node only when everything they rest on is committed.</summary>
public sealed record Reaction(ImmutableArray<object> Events, ImmutableArray<Outgoing> Sends, object? Reply)
{
    public static readonly Reaction Nothing = new([], [], null);

    /// <summary>Text too large or too short-lived for an event, stored in the same transaction as a read-model document of its own.</summary>
    public ImmutableArray<KeptText> Texts { get; init; } = [];

    /// <summary>For the operator's log, said when what is decided here is committed.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    public static Reaction Answer(object reply) => new([], [], reply);
}

/// <summary>A message for another entity: delivered at least once, handled once, in order per receiver.</summary>
public readonly record struct Outgoing(EntityId To, object Message);

/// <summary>A text kept for a limited time beside the events: the raw body of a signal.</summary>
/// <param name="Id">Unique within the entity.</param>
public readonly record struct KeptText(string Id, string Text);

/// <summary>The work that is left, derived from state alone. Compared by key with what already runs; a key that disappears is stopped.</summary>
/// <param name="TickSymbols">Contracts whose quotes this entity wants while it is in this state.</param>
public sealed record Pending(
    ImmutableArray<Effect> Effects, ImmutableArray<EntityTimer> Timers, ImmutableArray<FanOut> FanOuts, ImmutableArray<string> TickSymbols)
{
    public static readonly Pending None = new([], [], [], []);
}

/// <summary>One action in the world. Started once per activation and key, after commit; its results come back as messages to the entity.</summary>
/// <param name="EndsBeforeMove">
/// Its outcome cannot be asked for cheaply (an order on its way): an entity that is moved in good order to another node waits for it.
/// </param>
public sealed record Effect(string Key, object Call, bool EndsBeforeMove = false);

/// <summary>When <paramref name="Due"/> is reached, the entity receives <see cref="TimerFired"/>. It fires again after a crash until the state drops it.</summary>
public sealed record EntityTimer(string Key, DateTimeOffset Due);

/// <summary>
/// One message to many entities, derived from the sender's state. Resent until every member has acknowledged; the sender is then given
/// <see cref="FanOutDelivered"/>, once per activation, until its state drops the fan-out. A member receives a <see cref="FanOutPart"/>.
/// </summary>
/// <param name="Number">Rises by one from fan-out to fan-out of this sender.</param>
public sealed record FanOut(long Number, object Message, ImmutableArray<FanOutMember> Members);

/// <param name="Lane">The subscription: the receiver keeps one high-water mark per sender and lane.</param>
/// <param name="Previous">The number of the fan-out before this one in which the lane took part; 0 for its first. What lets a receiver see a gap.</param>
/// <param name="Terms">What is different for this member; null for nothing.</param>
public sealed record FanOutMember(EntityId To, string Lane, long Previous, object? Terms = null);

/// <summary>A fan-out as one member receives it.</summary>
public sealed record FanOutPart(long Number, object Message, object? Terms);

/// <summary>Given to an entity when it is loaded, before any other message, so that it can turn what was in flight into "unknown".</summary>
public sealed record Activated;

/// <summary>A timer of <see cref="Pending.Timers"/> is due.</summary>
public sealed record TimerFired(string Key);

/// <summary>Every member of this fan-out has acknowledged it.</summary>
public sealed record FanOutDelivered(long Number);

/// <summary>A quote for an entity with an interest in its symbol. Not durable and not numbered: a newer one replaces it.</summary>
/// <param name="IsReminder">
/// Not new: the last quote that the node knows, told because the entity's interest has just begun. After a crash it may be older than what the entity has
/// stored.
/// </param>
public sealed record QuoteArrived(Market.Quote Quote, bool IsReminder = false);

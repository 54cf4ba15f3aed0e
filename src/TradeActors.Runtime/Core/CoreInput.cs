using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;

namespace TradeActors.Runtime.Core;

/// <summary>Everything that can happen to a <see cref="EntityCore"/>.</summary>
public abstract record CoreInput
{
    private CoreInput() { }

    /// <summary>This node may write these shards from now on, under these epochs.</summary>
    public sealed record ShardsClaimed(ImmutableArray<ShardClaim> Claims) : CoreInput;

    /// <summary>Another node has taken the shard, or this one must assume so.</summary>
    public sealed record ShardLost(int Shard) : CoreInput;

    /// <summary>
    /// The shard is to be handed over in good order: nothing new is judged from now on, what was judged is stored and answered, and calls to the world come
    /// to their end. When <see cref="EntityCore.IsDrained"/> says so, give <see cref="ShardLost"/>.
    /// </summary>
    public sealed record DrainShard(int Shard) : CoreInput;

    /// <summary>Somebody has seen that the shard's inbox reaches up to this number.</summary>
    public sealed record InboxGrew(int Shard, long Last) : CoreInput;

    /// <summary>What lies in the shard's inbox behind the number that was asked for.</summary>
    /// <param name="Page">Null when it could not be read: asked again.</param>
    public sealed record InboxRead(int Shard, long Epoch, InboxPage? Page) : CoreInput;

    // What comes by a queue has a tag: ICoreOutput.Done names it when the queue may forget the message. 0 for what comes otherwise.

    /// <summary>A question from outside; answered by <see cref="ICoreOutput.Reply"/> or <see cref="ICoreOutput.Fail"/> under the same id.</summary>
    public sealed record Ask(long AskId, EntityId To, object Message, long Tag = 0) : CoreInput;

    /// <summary>A numbered message from another entity.</summary>
    public sealed record Delivered(Envelope Envelope, long Tag = 0) : CoreInput;

    /// <summary>One fan-out for several entities of one shard.</summary>
    public sealed record FanOutDelivered(FanOutEnvelope Envelope, long Tag = 0) : CoreInput;

    public sealed record Acknowledged(Acknowledgement Acknowledgement, long Tag = 0) : CoreInput;

    public sealed record Loaded(EntityId Id, long Activation, StoredEntity Stored) : CoreInput;

    public sealed record LoadFailed(EntityId Id, long Activation, string Error) : CoreInput;

    public sealed record LookedUp(EntityId Id, long Activation, Row? Row) : CoreInput;

    /// <param name="Outcomes">One per part of the batch; default when the whole batch failed or its outcome is not known.</param>
    public sealed record Appended(long BatchId, ImmutableArray<AppendOutcome> Outcomes) : CoreInput;

    public sealed record EffectReported(EntityId Id, long Activation, object Message) : CoreInput;

    /// <summary>Quotes of one contract in time order, for every entity with an interest in it.</summary>
    public sealed record Quotes(string Symbol, ImmutableArray<Quote> InOrder) : CoreInput;

    /// <summary>The last known quote, for an entity whose interest has just begun.</summary>
    public sealed record QuoteFor(EntityId Id, Quote Quote) : CoreInput;

    /// <summary>Nothing but the time has changed.</summary>
    public sealed record ClockTick : CoreInput;
}

/// <summary>A numbered message between two entities.</summary>
/// <param name="Lane">Empty for ordinary sends; the subscription for a fan-out. The receiver keeps one high-water mark per sender and lane.</param>
/// <param name="Previous">The number before this one in the lane: the receiver handles the message exactly when it stands there.</param>
public sealed record Envelope(EntityId From, EntityId To, string Lane, long Number, long Previous, object Message);

/// <summary>One message to several entities of one shard.</summary>
public sealed record FanOutEnvelope(EntityId From, int Shard, long Number, object Message, ImmutableArray<FanOutMember> Members);

/// <summary>The receiver has stored (or had stored) everything up to <paramref name="Number"/> of this lane. Sent again for every repeat and gap.</summary>
public sealed record Acknowledgement(EntityId Receiver, EntityId Sender, string Lane, long Number);

/// <summary>Why an ask got no answer from its entity.</summary>
public enum AskFailure
{
    /// <summary>The shard is not owned here. Safe to ask again elsewhere or later.</summary>
    NotOwner,
    /// <summary>The entity cannot be loaded now.</summary>
    Unavailable,
    /// <summary>Too many messages wait for this entity.</summary>
    Busy,
    /// <summary>The entity failed on this message repeatedly; the message is parked.</summary>
    Parked,
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <summary>What a <see cref="EntityCore"/> wants done. The shell does it and feeds what comes of it back in as inputs; no call may block.</summary>
public interface ICoreOutput
{
    void Load(EntityId id, long activation, int snapshotSchema);

    void LookUp(EntityId id, long activation, RowKey key);

    /// <summary>At most one batch is out at a time.</summary>
    void Append(long batchId, ImmutableArray<EntityAppend> parts);

    void Send(Envelope envelope);

    void SendFanOut(FanOutEnvelope envelope);

    void Acknowledge(Acknowledgement acknowledgement);

    void Reply(long askId, object reply);

    void Fail(long askId, AskFailure failure, string detail);

    /// <summary>
    /// Everything that came under this tag is stored, answered or no longer wanted: its queue may forget it. A tag of which this is never said belongs to a
    /// shard that is no longer owned; its queue gives it to the next owner.
    /// </summary>
    void Done(long tag);

    /// <summary>Answer with <see cref="CoreInput.InboxRead"/>.</summary>
    void ReadInbox(int shard, long epoch, long after);

    /// <summary>The judgement of this message is stored: take it out of the inbox.</summary>
    void DropInbox(int shard, long number);

    /// <param name="at">The entity's clock, by which the deadlines inside the call were reckoned. To be carried on by a monotonic clock.</param>
    void StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at);

    void StopEffect(EntityId id, string key);

    /// <summary>Answer with <see cref="CoreInput.QuoteFor"/> when a quote is known, and with <see cref="CoreInput.Quotes"/> from then on.</summary>
    void InterestBegan(EntityId id, string symbol);

    void InterestEnded(EntityId id, string symbol);

    /// <summary>One message's events are committed; told in the order of the stream, before what rests on them comes out.</summary>
    void Stored(in StoredStep step);

    void Committed(EntityId id, long seq);

    /// <summary>The journal refused this node as the owner: every cell of the shard has been dropped.</summary>
    void ShardRefused(int shard);

    void Notice(CoreNotice notice);
}

/// <summary>Something an operator may want to see in the log.</summary>
public abstract record CoreNotice
{
    private CoreNotice() { }

    public sealed record DecisionFailed(EntityId Id, string MessageName, int Attempt, Exception Error) : CoreNotice;

    public sealed record MessageParked(EntityId Id, string MessageName, Exception Error) : CoreNotice;

    public sealed record LoadFailed(EntityId Id, string Error, TimeSpan RetryIn) : CoreNotice;

    /// <summary>What an entity's rules have to say to the operator (<see cref="Reaction.Warnings"/>).</summary>
    public sealed record Warned(EntityId Id, string Text) : CoreNotice;

    /// <param name="Outcome">Null when the whole append failed or its outcome is not known.</param>
    public sealed record Reloading(EntityId Id, AppendOutcome? Outcome) : CoreNotice;

    /// <summary>A whole append failed; its entities are read back.</summary>
    public sealed record AppendFailed(int Entities, Exception Error) : CoreNotice;

    /// <summary>The journal refused this node as the owner of a shard: another has taken it.</summary>
    public sealed record ShardRefused(int Shard) : CoreNotice;
}

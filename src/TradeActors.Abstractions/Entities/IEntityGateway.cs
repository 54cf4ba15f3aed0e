using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Entities;

/// <summary>How the front door and broker sessions speak to entities, wherever those live.</summary>
public interface IEntityGateway
{
    /// <summary>Asks one entity and waits until the answer and everything it rests on is committed.</summary>
    /// <remarks>After an exception the message may still be carried out: ask again with the same ids, which every message type makes safe.</remarks>
    /// <exception cref="EntityUnavailableException">No owner, or no answer in time. Answer 503 and let the caller retry.</exception>
    /// <exception cref="MessageParkedException">The entity failed on this message repeatedly; it is kept for an operator.</exception>
    Task<object> AskAsync(EntityId to, object message, CancellationToken ct);

    /// <summary>
    /// As <see cref="AskAsync"/>, but when nobody answers within a second, or nothing can be brought to the entity, the message is left in its shard's inbox and
    /// the answer is <see cref="LeftInInbox"/> (PROTOCOL 6).
    /// </summary>
    /// <param name="message">
    /// For a kind that takes messages from the inbox (<see cref="IEntityBehavior.TakesInbox"/>). It is carried out after its answer, perhaps much later: what
    /// must not be belongs to <see cref="AskAsync"/>.
    /// </param>
    /// <param name="inboxId">By which the entity knows a repeat: it may have judged the message that lies in the inbox already.</param>
    /// <exception cref="EntityUnavailableException">Neither answered nor stored. It may still be carried out: ask again with the same ids.</exception>
    /// <exception cref="MessageParkedException">The entity failed on this message repeatedly; it is kept for an operator.</exception>
    Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct);
}

/// <summary>The answer to a question that lies in its shard's inbox: it is safe, and will be judged before whatever comes later to an entity of that shard.</summary>
public sealed record LeftInInbox(string InboxId);

/// <summary>Tells a local listener that an entity has committed. Only an announcement: read the state again, and expect to miss some.</summary>
/// <remarks>
/// Announcements may be lost, repeated and late. One who cannot wait for the next looks by itself, now and then and whenever more may have been lost: after
/// the transport has connected again, and when an entity has another owner (PROTOCOL 14).
/// </remarks>
public interface IEntityWatch
{
    /// <param name="onCommitted">Called on the node's loop: return at once. The argument is the last committed sequence.</param>
    IDisposable Watch(EntityId id, Action<long> onCommitted);
}

public sealed class EntityUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

public sealed class MessageParkedException(string message) : Exception(message);

/// <summary>Carries out the effects of entities on this node.</summary>
public interface IEffectRunner
{
    /// <summary>Starts an effect and returns at once. Called on the node's loop.</summary>
    void Start(EffectRun run);

    /// <summary>The state no longer asks for it, or the entity left this node. Results that still arrive are dropped by the caller.</summary>
    void Stop(EntityId entity, string key);
}

/// <summary>One started effect.</summary>
/// <param name="Activation">Differs for every load of the entity on this node.</param>
/// <param name="MayAct">
/// Checked right before the outside world is touched (PROTOCOL 1): false once this activation is over or the node's own loop has stalled for
/// longer than its lease.
/// </param>
/// <param name="Now">
/// The entity's clock, UTC, by which the deadlines inside the call were reckoned, carried on by a monotonic clock: setting the node's clock moves no deadline.
/// </param>
/// <param name="Report">Gives a result to the entity as a message. May be called many times, from any thread, also after the effect was stopped.</param>
public sealed record EffectRun(EntityId Entity, long Activation, string Key, object Call, Func<bool> MayAct, Func<DateTimeOffset> Now, Action<object> Report);

namespace TradeActors.Abstractions.Transport;

/// <summary>What a <see cref="INodeTransport"/> tells its node.</summary>
/// <remarks>
/// Raised one after another by tasks of the transport's, never by a caller of it. No call may block: while it does nothing else is raised, and the queues are held
/// up. An exception ends the transport, see <see cref="INodeTransport.Completion"/>.
/// </remarks>
public interface ITransportEvents
{
    /// <summary>Everything is declared, and messages for this node are taken. Nothing is registered.</summary>
    void Connected();

    /// <summary>The connection is gone, or an attempt to connect has failed: expect one call for each attempt. The transport tries again by itself.</summary>
    void Disconnected(string reason);

    /// <summary>The queue has the registration among its consumers. Whether it is the active one, the first delivery tells.</summary>
    void Registered(int shard, long registration);

    /// <summary>Channel or connection is gone, or the registration could not be made. Raised once, nothing of it follows; not raised after <see cref="INodeTransport.Close"/>.</summary>
    void Ended(int shard, long registration, string reason);

    /// <param name="tag">For <see cref="INodeTransport.Done"/>; unique within the registration.</param>
    void Delivered(int shard, long registration, long tag, TransportMessage message);

    /// <summary>Somebody sent this node a message. At most once: it is gone if the connection breaks.</summary>
    void Reply(TransportMessage message);

    /// <summary>Some node announced something, perhaps this one. At most once; a node that cannot keep up misses the oldest.</summary>
    void Announced(TransportMessage message);

    /// <summary>
    /// A message was returned, refused, never sent, or its confirmation was lost with the connection: only in the last case somebody may have got it. Whoever sent it may
    /// send it again. Not raised for nudges.
    /// </summary>
    void NotTaken(TransportMessage message);
}

namespace TradeActors.Abstractions.Transport;

/// <summary>
/// Moves messages between the nodes of a cluster. Every shard has one queue, which gives its messages in order to one consumer at a time: the one that registered
/// first of those that are left. Every node has a queue of its own, and one for what is announced to all.
/// </summary>
/// <remarks>
/// No method but <see cref="IAsyncDisposable.DisposeAsync"/> waits for anything, and none throws because the server is away; all may be called from any thread. The
/// order of two sends is kept. What is delivered may be delivered again, to this node or another: the queue gives order, not exclusion.
/// </remarks>
public interface INodeTransport : IAsyncDisposable
{
    /// <summary>Ends with disposing. Fails earlier if one of the events threw: the connections are closed then, so that others take the shards, and nothing is raised.</summary>
    Task Completion { get; }

    /// <summary>Answered with <see cref="ITransportEvents.Registered"/> or <see cref="ITransportEvents.Ended"/>.</summary>
    /// <param name="registration">A number that was not used for the shard before.</param>
    void Register(int shard, long registration);

    /// <summary>Ends a registration by closing its channel: what was delivered to it and not done goes to the next consumer, in order.</summary>
    void Close(int shard, long registration);

    /// <summary>The message was taken care of and shall not be delivered again. Without effect for a registration that is over, or twice.</summary>
    void Done(int shard, long registration, long tag);

    /// <summary>Puts a message into the shard's queue that means nothing and lapses within a second, once it has come to the head of its queue.</summary>
    void Nudge(int shard);

    void SendToShard(int shard, TransportMessage message);

    /// <summary>To be raised as <see cref="ITransportEvents.Reply"/> there.</summary>
    void SendToNode(string node, TransportMessage message);

    /// <summary>To be raised as <see cref="ITransportEvents.Announced"/> at every node that is connected, this one too.</summary>
    void Announce(TransportMessage message);
}

namespace TradeActors.Abstractions.Transport;

/// <summary>Bytes with what the receiver needs to know before it reads them. Never persistent: the journal is the truth, not the message broker.</summary>
/// <param name="Type">At most 255 bytes of UTF-8, as the other texts here. What was sent without one has an empty type.</param>
/// <param name="Body">To be left unchanged once sent. Of a received message: its own copy.</param>
public sealed record TransportMessage(string Type, ReadOnlyMemory<byte> Body)
{
    /// <summary>The type of what <see cref="INodeTransport.Nudge"/> puts into a shard's queue.</summary>
    public const string NudgeType = "nudge";

    public string? CorrelationId { get; init; }

    /// <summary>The node that waits for an answer.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>
    /// The queue drops the message if nobody has been given it by then. Not shown to the receiver. A queue without a consumer keeps what is sent to it (only a
    /// missing queue gives a message back), so a question should lapse when its asker gives up.
    /// </summary>
    public TimeSpan? LapsesAfter { get; init; }
}

using RabbitMQ.Client;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq;

/// <summary>A message and its place in the protocol, both ways.</summary>
internal static class Wire
{
    /// <param name="number">The publish sequence number: a returned message is known again by it.</param>
    public static BasicProperties Write(TransportMessage message, ulong number) => new()
    {
        DeliveryMode = DeliveryModes.Transient,
        Type = message.Type,
        CorrelationId = message.CorrelationId,
        ReplyTo = message.ReplyTo,
        MessageId = number.ToString(),
        Expiration = message.LapsesAfter is { } lapses ? Math.Max(0, (long)lapses.TotalMilliseconds).ToString() : null,
    };

    /// <summary>Copies the body: the client uses its buffer again.</summary>
    public static TransportMessage Read(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body) =>
        new(properties.Type ?? "", body.ToArray()) { CorrelationId = properties.CorrelationId, ReplyTo = properties.ReplyTo };
}

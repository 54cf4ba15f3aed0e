using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <summary>
/// The runtime's own part of an entity's state: how far it has received from each sender, and what it has sent and not yet heard acknowledged.
/// Folded from the meta column of its events, so it is exactly as durable as they are.
/// </summary>
/// <remarks>Marks and numbers are kept for ever: there is no window after which a repeat would count as new (PROTOCOL 7).</remarks>
internal sealed record Delivery(
    ImmutableSortedDictionary<string, long> Received, ImmutableSortedDictionary<EntityId, OutLane> Out)
{
    public static readonly Delivery Empty =
        new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal), ImmutableSortedDictionary<EntityId, OutLane>.Empty);

    /// <summary>Number of sends not acknowledged, over all receivers.</summary>
    public int Unacknowledged { get; private init; }

    public long LastReceived(EntityId sender, string lane) => Received.GetValueOrDefault(LaneKey(sender, lane));

    public Delivery Receive(EntityId sender, string lane, long number) => this with { Received = Received.SetItem(LaneKey(sender, lane), number) };

    public Delivery Send(EntityId to, object message, out long number)
    {
        var lane = Out.GetValueOrDefault(to) ?? OutLane.Empty;
        number = lane.Last + 1;
        return this with
        {
            Out = Out.SetItem(to, new OutLane(number, lane.Waiting.Add(new WaitingSend(number, message)))),
            Unacknowledged = Unacknowledged + 1,
        };
    }

    public Delivery Acknowledge(EntityId receiver, long number)
    {
        if (Out.GetValueOrDefault(receiver) is not { } lane)
        {
            return this;
        }

        var left = lane.Waiting.RemoveAll(send => send.Number <= number);
        return this with
        {
            Out = Out.SetItem(receiver, lane with { Waiting = left }),
            Unacknowledged = Unacknowledged - (lane.Waiting.Count - left.Count),
        };
    }

    /// <summary>Applies one stored meta value.</summary>
    public Delivery Apply(byte[]? meta, StoredTypes types)
    {
        if (meta is null)
        {
            return this;
        }

        using var document = JsonDocument.Parse(meta);
        var root = document.RootElement;
        var delivery = this;
        if (root.TryGetProperty("from", out var from))
        {
            delivery = delivery.Receive(EntityId.Parse(from[0].GetString()!), from[1].GetString()!, from[2].GetInt64());
        }

        if (root.TryGetProperty("acks", out var acks))
        {
            foreach (var ack in acks.EnumerateArray())
            {
                delivery = delivery.Acknowledge(EntityId.Parse(ack[0].GetString()!), ack[1].GetInt64());
            }
        }

        if (root.TryGetProperty("sends", out var sends))
        {
            foreach (var send in sends.EnumerateArray())
            {
                var message = DeliveryJson.ReadMessage(send, types);
                delivery = delivery.Send(EntityId.Parse(send.GetProperty("to").GetString()!), message, out var number);
                if (number != send.GetProperty("n").GetInt64())
                {
                    throw new InvalidDataException($"Stored send {send.GetProperty("n").GetInt64()} where {number} was expected.");
                }
            }
        }

        return delivery;
    }

    private static string LaneKey(EntityId sender, string lane) => lane.Length == 0 ? sender.ToString() : $"{sender}#{lane}";

    internal static Delivery FromSnapshot(
        ImmutableSortedDictionary<string, long> received, ImmutableSortedDictionary<EntityId, OutLane> outgoing) =>
        new(received, outgoing) { Unacknowledged = outgoing.Values.Sum(lane => lane.Waiting.Count) };
}

internal sealed record OutLane(long Last, ImmutableList<WaitingSend> Waiting)
{
    public static readonly OutLane Empty = new(0, []);
}

internal sealed record WaitingSend(long Number, object Message);

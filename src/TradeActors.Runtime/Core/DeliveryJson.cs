using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <summary>The stored forms of delivery data (docs/formats/journal.md): the meta column of an event, and a snapshot's delivery part.</summary>
internal static class DeliveryJson
{
    /// <summary>Meta of one decision: where it came from, what it sends, what has been acknowledged since the last one. Null when there is none.</summary>
    public static byte[]? WriteMeta(
        (EntityId Sender, string Lane, long Number)? from,
        IReadOnlyList<(EntityId To, long Number, object Message)> sends,
        IReadOnlyCollection<KeyValuePair<EntityId, long>> acks,
        StoredTypes types)
    {
        if (from is null && sends.Count == 0 && acks.Count == 0)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (from is { } source)
        {
            json.WriteStartArray("from");
            json.WriteStringValue(source.Sender.ToString());
            json.WriteStringValue(source.Lane);
            json.WriteNumberValue(source.Number);
            json.WriteEndArray();
        }

        if (acks.Count > 0)
        {
            json.WriteStartArray("acks");
            foreach (var (receiver, number) in acks)
            {
                json.WriteStartArray();
                json.WriteStringValue(receiver.ToString());
                json.WriteNumberValue(number);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        if (sends.Count > 0)
        {
            json.WriteStartArray("sends");
            foreach (var (to, number, message) in sends)
            {
                WriteSend(json, to, number, message, types);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static object ReadMessage(JsonElement send, StoredTypes types) =>
        types.Decode(send.GetProperty("type").GetString()!, JsonMarshalBytes(send.GetProperty("body")));

    /// <param name="at">The entity's own time then.</param>
    public static byte[] WriteSnapshot(Delivery delivery, object state, DateTimeOffset at, StoredTypes types)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("received");
        foreach (var (lane, number) in delivery.Received)
        {
            json.WriteNumber(lane, number);
        }

        json.WriteEndObject();
        json.WriteStartObject("out");
        foreach (var (to, lane) in delivery.Out)
        {
            json.WriteStartObject(to.ToString());
            json.WriteNumber("last", lane.Last);
            json.WriteStartArray("waiting");
            foreach (var send in lane.Waiting)
            {
                WriteSend(json, to, send.Number, send.Message, types);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("at", at);
        var (name, body) = types.Encode(state);
        json.WriteString("type", name);
        json.WritePropertyName("state");
        json.WriteRawValue(body, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static (Delivery Delivery, object State, DateTimeOffset At) ReadSnapshot(byte[] stored, StoredTypes types)
    {
        using var document = JsonDocument.Parse(stored);
        var root = document.RootElement;
        var received = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var lane in root.GetProperty("received").EnumerateObject())
        {
            received.Add(lane.Name, lane.Value.GetInt64());
        }

        var outgoing = ImmutableSortedDictionary.CreateBuilder<EntityId, OutLane>();
        foreach (var lane in root.GetProperty("out").EnumerateObject())
        {
            var waiting = lane.Value.GetProperty("waiting").EnumerateArray()
                .Select(send => new WaitingSend(send.GetProperty("n").GetInt64(), ReadMessage(send, types)));
            outgoing.Add(EntityId.Parse(lane.Name), new OutLane(lane.Value.GetProperty("last").GetInt64(), [.. waiting]));
        }

        var state = types.Decode(root.GetProperty("type").GetString()!, JsonMarshalBytes(root.GetProperty("state")));
        // Early ones have no time.
        var at = root.TryGetProperty("at", out var time) ? time.GetDateTimeOffset() : DateTimeOffset.MinValue;
        return (Delivery.FromSnapshot(received.ToImmutable(), outgoing.ToImmutable()), state, at);
    }

    private static void WriteSend(Utf8JsonWriter json, EntityId to, long number, object message, StoredTypes types)
    {
        var (name, body) = types.Encode(message);
        json.WriteStartObject();
        json.WriteString("to", to.ToString());
        json.WriteNumber("n", number);
        json.WriteString("type", name);
        json.WritePropertyName("body");
        json.WriteRawValue(body, skipInputValidation: true);
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> JsonMarshalBytes(JsonElement element) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using TradeActors.Abstractions.Stored;

namespace TradeActors.Runtime.Core;

/// <summary>Stored by the runtime itself, in the stream of the entity concerned. Behaviours never see them.</summary>
public abstract record RuntimeEvent;

/// <summary>Carries delivery data (meta) where the entity itself had nothing to store.</summary>
public sealed record DeliveryNoted : RuntimeEvent;

/// <summary>A message on which the entity failed again and again. It is set aside so that later ones pass; an operator sees it in the parked list.</summary>
/// <param name="Message">The message as JSON.</param>
/// <param name="From">Sender, lane and number; null for asks, timers and effects.</param>
public sealed record MessageParked(string MessageName, JsonElement Message, string Error, string? From) : RuntimeEvent;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryNoted))]
[JsonSerializable(typeof(MessageParked))]
internal sealed partial class RuntimeJson : JsonSerializerContext;

/// <summary>The runtime's own entries in the catalog of stored types.</summary>
public static class RuntimeStoredTypes
{
    public static StoredTypes AddRuntime(this StoredTypes types) => types
        .Add("runtime.delivery-noted.v1", RuntimeJson.Default.DeliveryNoted)
        .Add("runtime.message-parked.v1", RuntimeJson.Default.MessageParked);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using TradeActors.Domain.Common;

namespace TradeActors.Entities;

/// <summary>Entity ids as <c>tenant/kind/key</c>.</summary>
public sealed class EntityIdConverter : JsonConverter<EntityId>
{
    public override EntityId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => EntityId.Parse(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, EntityId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

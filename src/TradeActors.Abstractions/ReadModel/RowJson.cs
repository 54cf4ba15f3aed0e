using System.Text.Json;
using System.Text.Json.Serialization;

namespace TradeActors.Abstractions.ReadModel;

/// <summary>The JSON of read-model documents: camelCase, money and quantities as numbers, absent values left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ParkedRow))]
[JsonSerializable(typeof(TextRow))]
public sealed partial class RowJson : JsonSerializerContext
{
    public static byte[] Serialize(object doc) => JsonSerializer.SerializeToUtf8Bytes(doc, doc.GetType(), Default);

    public static T Deserialize<T>(byte[] doc) => (T)JsonSerializer.Deserialize(doc, typeof(T), Default)!;
}

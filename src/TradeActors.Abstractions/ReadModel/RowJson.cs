using System.Text.Json;
using System.Text.Json.Serialization;

namespace TradeActors.Abstractions.ReadModel;

/// <summary>The JSON of read-model documents: camelCase, money and quantities as numbers, absent values left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = false,
    Converters = [typeof(CamelCaseEnumConverter)])]
[JsonSerializable(typeof(AccountRow))]
[JsonSerializable(typeof(OrderRow))]
[JsonSerializable(typeof(FillRow))]
[JsonSerializable(typeof(RecorderRow))]
[JsonSerializable(typeof(SubscriptionRow))]
[JsonSerializable(typeof(SignalRow))]
[JsonSerializable(typeof(OutcomeRow))]
[JsonSerializable(typeof(FanOutRow))]
[JsonSerializable(typeof(OperationRow))]
[JsonSerializable(typeof(OperationResultRow))]
[JsonSerializable(typeof(LiveRow))]
[JsonSerializable(typeof(WebhookTokenRow))]
[JsonSerializable(typeof(ExecutionRow))]
[JsonSerializable(typeof(TextRow))]
[JsonSerializable(typeof(Users.AuditRow))]
[JsonSerializable(typeof(Domain.Brokers.BrokerOrder))]
[JsonSerializable(typeof(ParkedRow))]
[JsonSerializable(typeof(Domain.Recorders.SignalKey))]
public sealed partial class RowJson : JsonSerializerContext
{
    public static byte[] Serialize(object doc) => JsonSerializer.SerializeToUtf8Bytes(doc, doc.GetType(), Default);

    public static T Deserialize<T>(byte[] doc) => (T)JsonSerializer.Deserialize(doc, typeof(T), Default)!;
}

/// <summary>Enumerations as camelCase words, the spelling of the API.</summary>
public sealed class CamelCaseEnumConverter() : JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

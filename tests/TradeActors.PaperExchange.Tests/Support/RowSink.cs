using System.Text.Json;
using System.Text.Json.Serialization;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.PaperExchange.Tests.Support;

/// <summary>Rows in memory, written by the rules of the read model's JSON.</summary>
internal sealed class RowSink : IRowSink
{
    private static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Dictionary<RowKey, Row> _rows = [];

    public IReadOnlyDictionary<RowKey, Row> Rows => _rows;

    public void Put(RowKey key, long sort, string state, object doc) =>
        _rows[key] = new Row(key, sort, state, JsonSerializer.SerializeToUtf8Bytes(doc, Shape));

    public void Drop(RowKey key) => _rows.Remove(key);
}

using System.Text.Json;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Entities;

/// <summary>Writes an event to its entity's live topic, <c>kind:key</c>.</summary>
internal static class LiveRows
{
    /// <param name="seq">The topic's own sequence, gapless; not the stream's.</param>
    /// <param name="type">The event's public name, camelCase.</param>
    public static void Put(EntityId self, long seq, in StampedEvent stamped, IRowSink rows)
    {
        var name = stamped.Event.GetType().Name;
        var type = string.Concat(char.ToLowerInvariant(name[0]).ToString(), name.AsSpan(1));
        var data = JsonSerializer.SerializeToElement(stamped.Event, stamped.Event.GetType(), EntityJson.Default);
        rows.Put(
            new RowKey(ReadTable.LiveEvents, self.Tenant, $"{self.Kind}:{self.Key}", seq.ToString("D19")), seq, "", new LiveRow(seq, type, stamped.At, data));
    }
}

using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Benchmarks.Parts;

/// <summary>What can be done with the parts that a run has stored.</summary>
internal static class Streams
{
    private const int ShardCount = 128;

    /// <summary>The same parts as another tenant would have stored them, under the first epoch.</summary>
    public static List<EntityAppend> As(this IEnumerable<EntityAppend> parts, string tenant) => [.. parts.Select(part =>
    {
        var id = part.Id with { Tenant = tenant };
        return part with { Id = id, Shard = id.ShardHash(ShardCount), Epoch = 1, Rows = [.. part.Rows.Select(row => As(row, tenant))] };
    })];

    /// <summary>Groups of at least this many events, in order.</summary>
    public static List<List<EntityAppend>> ByEvents(this IEnumerable<EntityAppend> parts, int events)
    {
        var groups = new List<List<EntityAppend>> { new() };
        var count = 0;
        foreach (var part in parts)
        {
            groups[^1].Add(part);
            count += part.Events.Length;
            if (count >= events)
            {
                groups.Add([]);
                count = 0;
            }
        }

        return groups[^1].Count == 0 ? groups[..^1] : groups;
    }

    public static int Events(this IEnumerable<EntityAppend> parts) => parts.Sum(part => part.Events.Length);

    public static int Rows(this IEnumerable<EntityAppend> parts) => parts.Sum(part => part.Rows.Length);

    public static long Bytes(this IEnumerable<EntityAppend> parts) => parts.Sum(part =>
        part.Events.Sum(row => (long)row.Payload.Length + (row.Meta?.Length ?? 0)) + part.Rows.Sum(row => (long)(row.Put?.Doc.Length ?? 0)));

    private static RowChange As(RowChange change, string tenant)
    {
        // Webhook tokens belong to no tenant: their id is made to differ.
        var key = change.Key.Tenant.Length > 0 ? change.Key with { Tenant = tenant } : change.Key with { Id = $"{change.Key.Id}{tenant}" };
        return new RowChange(key, change.Put is { } put ? put with { Key = key } : null);
    }
}

using System.Collections.Immutable;
using System.Text;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Contracts;

/// <summary>Short forms of what the suites store.</summary>
internal static class Given
{
    public const int Schema = 3;

    public static readonly DateTimeOffset At = new(2026, 5, 4, 9, 30, 0, 125, TimeSpan.Zero);

    public static EntityId Account(string key, string tenant = "acme") => new(tenant, EntityKind.Account, key);

    /// <summary>Events with the numbers <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static ImmutableArray<EventRow> Events(long first, long last) =>
        [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => Event(first + i))];

    public static EventRow Event(long seq) =>
        new(seq, "account.order-planned.v1", Bytes($"event {seq}"), seq % 2 == 0 ? Bytes($"meta {seq}") : null, At.AddMilliseconds(seq));

    public static SnapshotRow Snapshot(long seq, int schema = Schema) => new(seq, schema, Bytes($"state {seq}"));

    public static Row Row(
        string id, long sort = 1, string state = "", string parent = "a1", string tenant = "acme", ReadTable table = ReadTable.Orders) =>
        new(new(table, tenant, parent, id), sort, state, Bytes($"doc {id} {sort} {state}"));

    public static RowChange Put(Row row) => new(row.Key, row);

    public static RowChange Drop(Row row) => new(row.Key, null);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

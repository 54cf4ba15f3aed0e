using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using Xunit;

namespace TradeActors.Contracts;

/// <summary>Compares stored records by value; their byte arrays would compare by reference.</summary>
internal static class Same
{
    public static void Events(IEnumerable<EventRow> expected, IEnumerable<EventRow> actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    public static void Snapshot(SnapshotRow? expected, SnapshotRow? actual) => Assert.Equal(Text(expected), Text(actual));

    public static void Rows(IEnumerable<Row?> expected, IEnumerable<Row?> actual) => Assert.Equal(expected.Select(Text), actual.Select(Text));

    /// <summary>By item; <c>Assert.Equal</c> compares immutable arrays by reference.</summary>
    public static void Items<T>(IEnumerable<T> expected, IEnumerable<T> actual) => Assert.Equal(expected, actual);

    private static string Text(EventRow row) => $"{row.Seq} {row.Type} {Hex(row.Payload)} {Hex(row.Meta)} {row.StoredAt:O}";

    private static string Text(SnapshotRow? row) => row is null ? "none" : $"{row.Seq} {row.Schema} {Hex(row.State)}";

    private static string Text(Row? row) => row is null ? "none" : $"{row.Key} {row.Sort} '{row.State}' {Hex(row.Doc)}";

    private static string Hex(byte[]? bytes) => bytes is null ? "null" : $"[{Convert.ToHexString(bytes)}]";
}

using System.Collections.Immutable;
using Dapper;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Rows lie in the order of writing and a node's clock does not run backwards: what is too old is found without an index on time.</remarks>
internal sealed class SqliteLiveStore(WriteQueue writes, ReaderPool readers) : ILiveStore
{
    private static readonly ReadTableSql Table = ReadTables.Of(ReadTable.LiveEvents);

    private static readonly string SelectHead = $"SELECT sort FROM {Table.Name} WHERE tenant = ?1 AND parent = ?2 ORDER BY sort DESC LIMIT 1";

    private static readonly string SelectFirstFrom = $"SELECT rowid, doc FROM {Table.Name} WHERE rowid >= ?1 ORDER BY rowid LIMIT 1";

    private static readonly string SelectEnds = $"SELECT coalesce(min(rowid), 1), coalesce(max(rowid), 0) FROM {Table.Name}";

    private static readonly string SelectDue =
        $"SELECT rowid FROM {Table.Name} AS old WHERE rowid < ?1 AND EXISTS "
        + $"(SELECT 1 FROM {Table.Name} AS newer WHERE newer.tenant = old.tenant AND newer.parent = old.parent AND newer.sort > old.sort) "
        + "ORDER BY rowid LIMIT ?2";

    public async Task<LivePage> ReadAsync(LiveTopic topic, long after, int limit, CancellationToken ct)
    {
        var (head, docs) = await readers.ReadLongAsync(
            session => SqliteReadStore.AtOneMoment(session, () => (Head(session, topic), Docs(session, topic, after, limit))), ct).ConfigureAwait(false);
        return new LivePage(head, [.. docs.Select(RowJson.Deserialize<LiveRow>)]);
    }

    public Task<ImmutableArray<long>> HeadsAsync(ImmutableArray<LiveTopic> topics, CancellationToken ct) => readers.ReadLongAsync(
        session => SqliteReadStore.AtOneMoment(session, () => topics.Select(topic => Head(session, topic)).ToImmutableArray()), ct);

    public Task<LiveState> StateAsync(LiveTopic topic, RowKey row, CancellationToken ct) => readers.ReadShortAsync(
        session => SqliteReadStore.AtOneMoment(session, () => new LiveState(Head(session, topic), SqliteReadStore.Get(session, row))), ct);

    public async Task<int> TrimAsync(DateTimeOffset before, int most, CancellationToken ct)
    {
        // Found beside the writer: what is not the newest of its topic now never will be, and no row id is given away again.
        var due = await readers.ReadLongAsync(session => Due(session, FirstFrom(session, before), most), ct).ConfigureAwait(false);
        return due.Count == 0
            ? 0
            : await writes.RunAsync(
                session => session.Connection.Execute($"DELETE FROM {Table.Name} WHERE rowid IN ({string.Join(',', due)})"), due.Count, ct).ConfigureAwait(false);
    }

    private static long Head(SqliteSession session, LiveTopic topic)
    {
        var rows = session.Prepare(SelectHead).Bind(1, topic.Tenant).Bind(2, topic.Name);
        if (!rows.Step())
        {
            return 0;
        }

        var head = rows.Int64(0);
        rows.Reset();
        return head;
    }

    private static List<byte[]> Docs(SqliteSession session, LiveTopic topic, long after, int limit)
    {
        var rows = session.Prepare(Table.List(newestFirst: false, SortBound.PastValue, SortBound.None, hasState: false))
            .Bind(1, topic.Tenant).Bind(2, topic.Name).Bind(3, limit).Bind(4, after);
        var docs = new List<byte[]>();
        while (rows.Step())
        {
            docs.Add(rows.Blob(3));
        }

        return docs;
    }

    /// <summary>The row id of the first event that is not older, by halving: a few dozen reads however long the table is.</summary>
    private static long FirstFrom(SqliteSession session, DateTimeOffset before)
    {
        var ends = session.Prepare(SelectEnds);
        ends.Step();
        var (low, high) = (ends.Int64(0), ends.Int64(1) + 1);
        ends.Reset();
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var row = session.Prepare(SelectFirstFrom).Bind(1, middle);
            row.Step(); // There is one: the last row lies at or behind the middle.
            var (rowId, at) = (row.Int64(0), RowJson.Deserialize<LiveRow>(row.Blob(1)).At);
            row.Reset();
            (low, high) = at < before ? (rowId + 1, high) : (low, middle);
        }

        return low;
    }

    private static List<long> Due(SqliteSession session, long first, int most)
    {
        var rows = session.Prepare(SelectDue).Bind(1, first).Bind(2, most);
        var due = new List<long>();
        while (rows.Step())
        {
            due.Add(rows.Int64(0));
        }

        return due;
    }
}

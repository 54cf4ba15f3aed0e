using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Sqlite;

/// <summary>The journal on SQLite. Appends of all callers share transactions; see <see cref="WriteQueue"/>.</summary>
internal sealed class SqliteJournal(WriteQueue writes, ReaderPool readers, int shardCount) : IJournal
{
    private const string NewestSnapshot = "SELECT seq, schema, state FROM snapshots WHERE entity = ?1 AND schema = ?2";
    private const string InboxAfter = "SELECT number, id, entity, type, body FROM inbox WHERE shard = ?1 AND number > ?2 ORDER BY number";
    private const string EventsAfter = "SELECT seq, type, payload, meta, stored_at FROM events WHERE entity = ?1 AND seq > ?2 ORDER BY seq";

    /// <remarks>
    /// <paramref name="ct"/> ends only the wait for room in the queue: a queued append is carried out and its true outcome returned, since a caller
    /// who gave up could not tell whether it was stored.
    /// </remarks>
    public Task<ImmutableArray<AppendOutcome>> AppendAsync(ImmutableArray<EntityAppend> parts, CancellationToken ct)
    {
        var weight = 0;
        foreach (var part in parts)
        {
            CheckedAppend.ThrowIfMalformed(part, shardCount);
            weight += 1 + part.Events.Length + part.Rows.Length;
        }

        return writes.RunAsync(session => session.Append(parts), weight, ct);
    }

    public Task<StoredEntity> LoadAsync(EntityId id, int snapshotSchema, CancellationToken ct)
    {
        // A head read from a store that failed at commit settles nothing: a restart may find more.
        writes.ThrowIfFaulted();
        return readers.ReadLongAsync(session => Load(session, id.ToString(), snapshotSchema), ct);
    }

    public Task<ImmutableArray<ShardClaim>> ClaimAsync(ImmutableArray<int> shards, string node, CancellationToken ct)
    {
        foreach (var shard in shards)
        {
            ThrowUnlessShard(shard);
        }

        return writes.RunAsync(session => session.Claim(shards, node), shards.Length, ct);
    }

    public Task<long> PutInboxAsync(int shard, InboxMessage message, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        return writes.RunAsync(session => session.PutInbox(shard, message), 1, ct);
    }

    public Task<InboxPage> ReadInboxAsync(int shard, long after, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        writes.ThrowIfFaulted();
        return readers.ReadShortAsync(session => ReadInbox(session, shard, after), ct);
    }

    public Task DropInboxAsync(int shard, long number, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        return writes.RunAsync(session => session.DropInbox(shard, number), 1, ct);
    }

    private void ThrowUnlessShard(int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, shardCount);
    }

    /// <summary>The last number first: what comes between the two statements is then read with the next call.</summary>
    internal static InboxPage ReadInbox(SqliteSession session, int shard, long after)
    {
        var counter = session.Prepare("SELECT inbox_last FROM shards WHERE shard = ?1").Bind(1, shard);
        counter.Step();
        var last = counter.Int64(0);
        counter.Reset();
        var messages = ImmutableArray.CreateBuilder<InboxRow>();
        var rows = session.Prepare(InboxAfter).Bind(1, shard).Bind(2, after);
        while (rows.Step())
        {
            if (rows.Int64(0) <= last)
            {
                messages.Add(new(rows.Int64(0), new(rows.Text(1), EntityId.Parse(rows.Text(2)), rows.Text(3), rows.Blob(4))));
            }
        }

        return new(last, messages.DrainToImmutable());
    }

    public Task<Row?> LookupAsync(RowKey key, CancellationToken ct)
    {
        writes.ThrowIfFaulted();
        return readers.ReadShortAsync(session => SqliteReadStore.Get(session, key), ct);
    }

    // Two statements without a transaction are safe: events are never removed, so those after the snapshot are there whatever is written between.
    private static StoredEntity Load(SqliteSession session, string entity, int snapshotSchema)
    {
        var snapshot = LoadSnapshot(session, entity, snapshotSchema);
        var events = ImmutableArray.CreateBuilder<EventRow>();
        var rows = session.Prepare(EventsAfter).Bind(1, entity).Bind(2, snapshot?.Seq ?? 0);
        while (rows.Step())
        {
            events.Add(new(rows.Int64(0), rows.Text(1), rows.Blob(2), rows.NullableBlob(3), UnixMs.ToDate(rows.Int64(4))));
        }

        return new(snapshot, events.DrainToImmutable());
    }

    private static SnapshotRow? LoadSnapshot(SqliteSession session, string entity, int schema)
    {
        var row = session.Prepare(NewestSnapshot).Bind(1, entity).Bind(2, schema);
        if (!row.Step())
        {
            return null;
        }

        var snapshot = new SnapshotRow(row.Int64(0), (int)row.Int64(1), row.Blob(2));
        row.Reset();
        return snapshot;
    }
}

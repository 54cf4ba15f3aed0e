using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <summary>
/// Judges and stores parts of different entities in one statement. What it takes are columns: arrays that the server unnests, the fastest form that was measured.
/// </summary>
internal sealed class AppendStatement
{
    /// <summary>
    /// Keeps the epochs and inboxes as they are until the commit: a claim and a message for an inbox wait for it (FOR SHARE; a fence that only reads lets a late append
    /// through). A statement of its own, since the next one must see what was committed while this one waited.
    /// </summary>
    private const string Fence = "SELECT shard FROM shards WHERE shard = ANY($1) ORDER BY shard FOR SHARE";

    // A part's outcome is looked up in an array by the number of the part: a join would be planned for ten rows and be slow for a thousand.
    private const string Judge =
        """
        WITH part AS MATERIALIZED (
            SELECT p.*, CASE
                WHEN p.epoch = 0 OR s.epoch <> p.epoch THEN 1
                WHEN p.inbox_seen < s.inbox_last THEN 3
                WHEN coalesce(h.seq, 0) <> p.expected THEN 2
                ELSE 0 END AS outcome
            FROM unnest($1::int[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[],
                $11::int[], $12::bytea[]) AS p (n, entity, shard, epoch, expected, head, inbox_seen, has_wake, due, snapshot_seq, snapshot_schema, snapshot_state)
            JOIN shards s ON s.shard = p.shard
            LEFT JOIN LATERAL (SELECT e.seq FROM events e WHERE e.entity = p.entity ORDER BY e.seq DESC LIMIT 1) h ON TRUE
        ), outcomes AS MATERIALIZED (
            SELECT array_agg(outcome ORDER BY n) AS of FROM part
        ), stored_events AS (
            INSERT INTO events (entity, seq, type, payload, meta, stored_at)
            SELECT e.entity, e.seq, e.type, e.payload, e.meta, e.stored_at
            FROM unnest($13::int[], $14::text[], $15::bigint[], $16::text[], $17::bytea[], $18::bytea[], $19::bigint[])
                AS e (part, entity, seq, type, payload, meta, stored_at)
            WHERE (SELECT of FROM outcomes)[e.part] = 0
        ), stored_snapshots AS (
            INSERT INTO snapshots (entity, seq, schema, state)
            SELECT entity, snapshot_seq, snapshot_schema, snapshot_state FROM part WHERE outcome = 0 AND snapshot_seq <= head
            ON CONFLICT (entity) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, state = excluded.state
            WHERE excluded.schema <> snapshots.schema OR excluded.seq >= snapshots.seq
        ), put_wakes AS (
            INSERT INTO wakes (shard, entity, due) SELECT shard, entity, due FROM part WHERE outcome = 0 AND has_wake AND due IS NOT NULL
            ON CONFLICT (shard, entity) DO UPDATE SET due = excluded.due
        ), dropped_wakes AS (
            DELETE FROM wakes w USING part WHERE outcome = 0 AND has_wake AND part.due IS NULL AND w.shard = part.shard AND w.entity = part.entity
        ), changed AS MATERIALIZED (
            SELECT DISTINCT ON (r.kind, r.tenant, r.parent, r.id) r.kind, r.tenant, r.parent, r.id, r.sort, r.state, r.doc
            FROM unnest($20::int[], $21::int[], $22::smallint[], $23::text[], $24::text[], $25::text[], $26::bigint[], $27::text[], $28::bytea[])
                AS r (n, part, kind, tenant, parent, id, sort, state, doc)
            WHERE (SELECT of FROM outcomes)[r.part] = 0
            ORDER BY r.kind, r.tenant, r.parent, r.id, r.n DESC
        ), put_rows AS (
            INSERT INTO rows (kind, tenant, parent, id, sort, state, doc)
            SELECT kind, tenant, parent, id, sort, state, doc FROM changed WHERE doc IS NOT NULL
            ON CONFLICT (kind, tenant, parent, id) DO UPDATE SET sort = excluded.sort, state = excluded.state, doc = excluded.doc
        )
        """;

    private const string DropRows =
        """
        , dropped_rows AS (
            DELETE FROM rows r USING changed c
            WHERE c.doc IS NULL AND r.kind = c.kind AND r.tenant = c.tenant AND r.parent = c.parent AND r.id = c.id
        )
        """;

    private const string Outcomes = "\nSELECT unnest(of) FROM outcomes";

    // Preparing the deletion of rows opens every partition: it is left out where nothing is dropped, which is nearly always.
    internal const string WithoutDrops = Judge + Outcomes;
    internal const string WithDrops = Judge + DropRows + Outcomes;

    private readonly List<EntityAppend> _parts = [];
    private readonly HashSet<string> _entities = new(StringComparer.Ordinal);

    public int Count => _parts.Count;

    /// <returns>False when a part of the same entity is in already: it must follow in a statement of its own, which sees what this one has stored.</returns>
    public bool TryAdd(EntityAppend part)
    {
        if (!_entities.Add(part.Id.ToString()))
        {
            return false;
        }

        _parts.Add(part);
        return true;
    }

    public static void AddFence(NpgsqlBatch batch, IEnumerable<AppendStatement> statements) =>
        batch.Add(Fence).Next(statements.SelectMany(statement => statement._parts).Select(part => part.Shard).Distinct().ToArray());

    public void AddTo(NpgsqlBatch batch)
    {
        var hasDrops = _parts.Exists(part => part.Rows.Any(row => row.Put is null));
        var parameters = batch.Add(hasDrops ? WithDrops : WithoutDrops);
        AddParts(parameters);
        AddEvents(parameters);
        AddRows(parameters);
    }

    private void AddParts(NpgsqlParameterCollection parameters) => parameters
        .Next(Column((_, n) => n))
        .Next(Column((part, _) => part.Id.ToString()))
        .Next(Column((part, _) => part.Shard))
        .Next(Column((part, _) => part.Epoch))
        .Next(Column((part, _) => part.ExpectedSeq))
        .Next(Column((part, _) => part.ExpectedSeq + part.Events.Length))
        .Next(Column((part, _) => part.InboxSeen))
        .Next(Column((part, _) => part.Wake is not null))
        .Next(Column((part, _) => part.Wake?.Due is { } due ? UnixMs.From(due) : (long?)null))
        .Next(Column((part, _) => part.Snapshot?.Seq))
        .Next(Column((part, _) => part.Snapshot?.Schema))
        .Next(Column((part, _) => part.Snapshot?.State));

    private void AddEvents(NpgsqlParameterCollection parameters)
    {
        var count = _parts.Sum(part => part.Events.Length);
        var (parts, entities, seqs, types) = (new int[count], new string[count], new long[count], new string[count]);
        var (payloads, metas, times) = (new byte[count][], new byte[]?[count], new long[count]);
        var i = 0;
        for (var n = 1; n <= _parts.Count; n++)
        {
            var part = _parts[n - 1];
            var entity = part.Id.ToString();
            foreach (var row in part.Events)
            {
                (parts[i], entities[i], seqs[i], types[i]) = (n, entity, row.Seq, row.Type);
                (payloads[i], metas[i], times[i]) = (row.Payload, row.Meta, UnixMs.From(row.StoredAt));
                i++;
            }
        }

        parameters.Next(parts).Next(entities).Next(seqs).Next(types).Next(payloads).Next(metas).Next(times);
    }

    private void AddRows(NpgsqlParameterCollection parameters)
    {
        var count = _parts.Sum(part => part.Rows.Length);
        var (numbers, parts, kinds, tenants) = (new int[count], new int[count], new short[count], new string[count]);
        var (parents, ids, sorts, states, docs) = (new string[count], new string[count], new long[count], new string[count], new byte[]?[count]);
        var i = 0;
        for (var n = 1; n <= _parts.Count; n++)
        {
            foreach (var (key, put) in _parts[n - 1].Rows)
            {
                (numbers[i], parts[i], kinds[i], tenants[i]) = (i, n, RowsTable.Kind(key.Table), key.Tenant);
                (parents[i], ids[i], sorts[i], states[i], docs[i]) = (key.Parent, key.Id, put?.Sort ?? 0, put?.State ?? "", put?.Doc);
                i++;
            }
        }

        parameters.Next(numbers).Next(parts).Next(kinds).Next(tenants).Next(parents).Next(ids).Next(sorts).Next(states).Next(docs);
    }

    private T[] Column<T>(Func<EntityAppend, int, T> value) => [.. _parts.Select((part, i) => value(part, i + 1))];
}

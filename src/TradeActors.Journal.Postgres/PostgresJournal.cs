using System.Collections.Immutable;
using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <summary>The journal on PostgreSQL, and the board beside its shard rows.</summary>
internal sealed class PostgresJournal(PostgresDb db, AppendQueue appends, LoadQueue loads, int shardCount, TimeProvider time) : IJournal, IClusterBoard
{
    // Internal: the tests ask the server how it carries them out.

    // One statement sees one moment: between two, a node of another version could replace the snapshot by one of its own schema. One for many entities, since the
    // server needs longer to plan a statement than to read an entity. OFFSET 0 keeps it from joining the tables as wholes.
    internal const string Load =
        """
        WITH asked AS MATERIALIZED (
            SELECT a.n, a.entity, s.seq, s.schema, s.state
            FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS a (entity, schema, n)
            LEFT JOIN LATERAL (SELECT * FROM snapshots WHERE entity = a.entity AND schema = a.schema OFFSET 0) s ON TRUE
        )
        SELECT n, 0, seq, schema::bigint, NULL, state, NULL FROM asked WHERE seq IS NOT NULL
        UNION ALL
        SELECT n, 1, e.seq, e.stored_at, e.type, e.payload, e.meta
        FROM asked CROSS JOIN LATERAL (SELECT * FROM events WHERE entity = asked.entity AND seq > coalesce(asked.seq, 0) ORDER BY seq OFFSET 0) e
        """;

    internal const string Inbox = "SELECT number, id, entity, type, body FROM inbox WHERE shard = $1 AND number > $2 ORDER BY number";

    internal const string InboxNumber = "SELECT number FROM inbox WHERE id = $1";

    internal const string ClaimedWakes = "SELECT shard, entity, due FROM wakes WHERE shard = ANY($1)";

    internal const string ClaimedInbox = "SELECT number, id, entity, type, body, shard FROM inbox WHERE shard = ANY($1) ORDER BY shard, number";

    /// <summary>An append holds the shards for one commit.</summary>
    internal static readonly TimeSpan ClaimPatience = TimeSpan.FromMilliseconds(500);

    private const string InboxLast = "SELECT inbox_last FROM shards WHERE shard = $1";

    private const string NowMs = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    public Task<ImmutableArray<AppendOutcome>> AppendAsync(ImmutableArray<EntityAppend> parts, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            CheckedAppend.ThrowIfMalformed(part, shardCount);
        }

        return parts.IsEmpty ? Task.FromResult<ImmutableArray<AppendOutcome>>([]) : appends.AppendAsync(parts, ct);
    }

    public Task<StoredEntity> LoadAsync(EntityId id, int snapshotSchema, CancellationToken ct) => loads.LoadAsync(id, snapshotSchema, ct);

    /// <remarks>
    /// Waits a bounded time for an append of the former owner that is under way: it is stored, and the claim sees what it wrote. Whoever holds the shards for longer
    /// than <see cref="ClaimPatience"/> hangs in the middle of an append, and loses its connection (PROTOCOL 9).
    /// </remarks>
    public Task<ImmutableArray<ShardClaim>> ClaimAsync(ImmutableArray<int> shards, string node, CancellationToken ct)
    {
        foreach (var shard in shards)
        {
            ThrowUnlessShard(shard);
        }

        return db.WriteAsync((connection, token) => ClaimPatientlyAsync(connection, shards, node, token), ct);
    }

    private async Task<ImmutableArray<ShardClaim>> ClaimPatientlyAsync(
        NpgsqlConnection connection, ImmutableArray<int> shards, string node, CancellationToken ct)
    {
        var claiming = ClaimAsync(connection, shards, node, ct);
        if (await Task.WhenAny(claiming, Task.Delay(ClaimPatience, time, ct)).ConfigureAwait(false) != claiming)
        {
            await EndBlockersAsync(connection.ProcessID, ct).ConfigureAwait(false);
        }

        return await claiming.ConfigureAwait(false);
    }

    /// <param name="waiting">The server's process that waits for the shards.</param>
    private async Task EndBlockersAsync(int waiting, CancellationToken ct)
    {
        try
        {
            await db.ReadAsync(
                async (other, token) =>
                {
                    var batch = other.CreateBatch();
                    await using (batch.ConfigureAwait(false))
                    {
                        batch.Add("SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids($1)) AS pid").Next(waiting);
                        return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                    }
                }, ct).ConfigureAwait(false);
        }
        catch (JournalUnavailableException)
        {
            // The claim itself says what is wrong, within its own bound.
        }
    }

    public Task<long> PutInboxAsync(int shard, InboxMessage message, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        return db.WriteAsync((connection, token) => PutInboxAsync(connection, shard, message, token), ct);
    }

    public Task<InboxPage> ReadInboxAsync(int shard, long after, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        return db.ReadAsync((connection, token) => ReadInboxAsync(connection, shard, after, token), ct);
    }

    public Task DropInboxAsync(int shard, long number, CancellationToken ct)
    {
        ThrowUnlessShard(shard);
        return db.WriteAsync(
            async (connection, token) =>
            {
                var batch = connection.CreateBatch();
                await using (batch.ConfigureAwait(false))
                {
                    batch.Add("DELETE FROM inbox WHERE shard = $1 AND number = $2").Next(shard).Next(number);
                    return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                }
            }, ct);
    }

    public Task<Row?> LookupAsync(RowKey key, CancellationToken ct) =>
        db.ReadAsync((connection, token) => PostgresReadStore.GetAsync(connection, key, isTenantOnly: false, token), ct);

    public Task<ClusterView> BeatAsync(NodeBeat beat, CancellationToken ct)
    {
        foreach (var shard in beat.StandsBy)
        {
            ThrowUnlessShard(shard);
        }

        return db.WriteAsync((connection, token) => BeatAsync(connection, beat, token), ct);
    }

    private static async Task<ImmutableArray<ShardClaim>> ClaimAsync(
        NpgsqlConnection connection, ImmutableArray<int> shards, string node, CancellationToken ct)
    {
        var claims = new Dictionary<int, ShardClaim>();
        var batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            var asked = shards.ToArray();
            batch.Add("SELECT set_config('lock_timeout', '2000', TRUE)");
            batch.Add("SELECT shard FROM shards WHERE shard = ANY($1) ORDER BY shard FOR NO KEY UPDATE").Next(asked);
            batch.Add("UPDATE shards SET epoch = epoch + 1, node = $2 WHERE shard = ANY($1) RETURNING shard, epoch, inbox_last").Next(asked).Next(node);
            batch.Add(ClaimedWakes).Next(asked);
            batch.Add(ClaimedInbox).Next(asked);
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.NextResultAsync(ct).ConfigureAwait(false);
                await reader.NextResultAsync(ct).ConfigureAwait(false);
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    claims.Add(reader.GetInt32(0), new(reader.GetInt32(0), reader.GetInt64(1), [], reader.GetInt64(2), []));
                }

                await reader.NextResultAsync(ct).ConfigureAwait(false);
                var wakes = new List<(int Shard, WakeRow Row)>();
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    wakes.Add((reader.GetInt32(0), new(EntityId.Parse(reader.GetString(1)), UnixMs.ToDate(reader.GetInt64(2)))));
                }

                await reader.NextResultAsync(ct).ConfigureAwait(false);
                var inbox = new List<(int Shard, InboxRow Row)>();
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    inbox.Add((reader.GetInt32(5), InboxRowAt(reader)));
                }

                var (wakesOf, inboxOf) = (wakes.ToLookup(wake => wake.Shard, wake => wake.Row), inbox.ToLookup(row => row.Shard, row => row.Row));
                return [.. shards.Select(shard => claims[shard] with
                {
                    // Not by the text in the table: there "a-b/…" comes before "a/…".
                    Wakes = [.. wakesOf[shard].OrderBy(wake => wake.Id)],
                    Inbox = [.. inboxOf[shard]],
                })];
            }
        }
    }

    private static async Task<long> PutInboxAsync(NpgsqlConnection connection, int shard, InboxMessage message, CancellationToken ct)
    {
        var batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            // One after another in a shard, so that numbers have no gaps and whoever comes second with the same id finds the first.
            batch.Add("SELECT shard FROM shards WHERE shard = $1 FOR NO KEY UPDATE").Next(shard);
            batch.Add("UPDATE shards SET inbox_last = inbox_last + 1 WHERE shard = $1 AND NOT EXISTS (SELECT FROM inbox WHERE id = $2)").Next(shard).Next(message.Id);
            batch.Add(
                "INSERT INTO inbox (shard, number, id, entity, type, body) SELECT $1, inbox_last, $2, $3, $4, $5 FROM shards "
                + "WHERE shard = $1 AND NOT EXISTS (SELECT FROM inbox WHERE id = $2)")
                .Next(shard).Next(message.Id).Next(message.To.ToString()).Next(message.Type).Next(message.Body);
            batch.Add(InboxNumber).Next(message.Id);
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.NextResultAsync(ct).ConfigureAwait(false);
                await reader.ReadAsync(ct).ConfigureAwait(false);
                return reader.GetInt64(0);
            }
        }
    }

    private static async Task<InboxPage> ReadInboxAsync(NpgsqlConnection connection, int shard, long after, CancellationToken ct)
    {
        var batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            // The last number first: what comes between the two statements is then read with the next call.
            batch.Add(InboxLast).Next(shard);
            batch.Add(Inbox).Next(shard).Next(after);
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(ct).ConfigureAwait(false);
                var last = reader.GetInt64(0);
                await reader.NextResultAsync(ct).ConfigureAwait(false);
                var rows = ImmutableArray.CreateBuilder<InboxRow>();
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    if (reader.GetInt64(0) <= last)
                    {
                        rows.Add(InboxRowAt(reader));
                    }
                }

                return new InboxPage(last, rows.DrainToImmutable());
            }
        }
    }

    // Standbys have a table of their own: the shard rows are locked by every append.
    private static async Task<ClusterView> BeatAsync(NpgsqlConnection connection, NodeBeat beat, CancellationToken ct)
    {
        var batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            var standsBy = beat.StandsBy.ToArray();
            batch.Add(
                $"INSERT INTO nodes (node, seen_at, takes_shards) VALUES ($1, {NowMs}, $2) "
                + "ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at, takes_shards = excluded.takes_shards").Next(beat.Node).Next(beat.TakesShards);
            batch.Add($"DELETE FROM nodes WHERE seen_at < {NowMs} - 86400000"); // Gone for a day: it has another name now, or is no more.
            batch.Add(
                $"DELETE FROM standbys WHERE (node = $1 AND shard <> ALL($2)) OR node IN (SELECT node FROM nodes WHERE seen_at < {NowMs} - 6000)")
                .Next(beat.Node).Next(standsBy);
            // Who came first stays: two that took each other's place would both see themselves as the one, and stand by for ever.
            batch.Add("INSERT INTO standbys (shard, node) SELECT unnest($2::int[]), $1 ON CONFLICT (shard) DO NOTHING").Next(beat.Node).Next(standsBy);
            batch.Add($"SELECT node, seen_at, takes_shards, {NowMs} FROM nodes ORDER BY node");
            batch.Add(
                "SELECT s.shard, s.epoch, s.node, coalesce(b.node, ''), s.inbox_last FROM shards s LEFT JOIN standbys b ON b.shard = s.shard ORDER BY s.shard");
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var (at, nodes) = (DateTimeOffset.MinValue, ImmutableArray.CreateBuilder<NodeRow>());
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    nodes.Add(new(reader.GetString(0), UnixMs.ToDate(reader.GetInt64(1)), reader.GetBoolean(2)));
                    at = UnixMs.ToDate(reader.GetInt64(3));
                }

                await reader.NextResultAsync(ct).ConfigureAwait(false);
                var shards = ImmutableArray.CreateBuilder<ShardRow>();
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    shards.Add(new(reader.GetInt32(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4)));
                }

                return new ClusterView(at, nodes.DrainToImmutable(), shards.DrainToImmutable());
            }
        }
    }

    private static InboxRow InboxRowAt(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), new(reader.GetString(1), EntityId.Parse(reader.GetString(2)), reader.GetString(3), reader.GetFieldValue<byte[]>(4)));

    private void ThrowUnlessShard(int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, shardCount);
    }
}

using System.Collections.Immutable;
using Npgsql;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <remarks>Every answer is one statement's, or one snapshot's: one moment.</remarks>
internal sealed class PostgresLiveStore(PostgresDb db) : ILiveStore
{
    private static readonly short Kind = RowsTable.Kind(ReadTable.LiveEvents);

    private const string Head = "SELECT sort FROM rows WHERE kind = $1 AND tenant = $2 AND parent = $3 ORDER BY sort DESC LIMIT 1";

    internal const string Page =
        $"SELECT coalesce(({Head}), 0), r.doc FROM (SELECT) one LEFT JOIN LATERAL (SELECT sort, doc FROM rows "
        + "WHERE kind = $1 AND tenant = $2 AND parent = $3 AND sort > $4 ORDER BY sort LIMIT $5) r ON TRUE ORDER BY r.sort";

    internal const string State =
        $"SELECT coalesce(({Head}), 0), r.sort, r.state, r.doc FROM (SELECT) one "
        + "LEFT JOIN rows r ON r.kind = $4 AND r.tenant = $5 AND r.parent = $6 AND r.id = $7";

    internal const string Heads =
        "SELECT coalesce((SELECT sort FROM rows WHERE kind = $1 AND tenant = t.tenant AND parent = t.parent ORDER BY sort DESC LIMIT 1), 0) "
        + "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (tenant, parent, n) ORDER BY t.n";

    internal const string Trim =
        $"DELETE FROM {Migrations.LiveEvents} WHERE ctid = ANY(ARRAY(SELECT old.ctid FROM {Migrations.LiveEvents} old WHERE live_event_at(old.doc) < $1 AND EXISTS "
        + $"(SELECT FROM {Migrations.LiveEvents} newer WHERE newer.tenant = old.tenant AND newer.parent = old.parent AND newer.sort > old.sort) "
        + "ORDER BY live_event_at(old.doc) LIMIT $2))";

    public Task<LivePage> ReadAsync(LiveTopic topic, long after, int limit, CancellationToken ct) => db.ReadAsync(
        async (connection, token) =>
        {
            var batch = PostgresReadStore.Batch(connection, topic.Tenant);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(Page).Next(Kind).Next(topic.Tenant).Next(topic.Name).Next(after).Next(limit);
                var rows = await PostgresReadStore.ReadAsync(
                    batch, reader => (Head: reader.GetInt64(0), Doc: reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)), token).ConfigureAwait(false);
                return new LivePage(rows[0].Head, [.. rows.Where(row => row.Doc is not null).Select(row => RowJson.Deserialize<LiveRow>(row.Doc!))]);
            }
        }, ct);

    public Task<ImmutableArray<long>> HeadsAsync(ImmutableArray<LiveTopic> topics, CancellationToken ct) => db.ReadAsync<ImmutableArray<long>>(
        async (connection, token) =>
        {
            // The topics of all clients of a node, whatever their tenants: numbers only.
            var batch = PostgresReadStore.Batch(connection, tenant: "");
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(Heads).Next(Kind).Next(topics.Select(topic => topic.Tenant).ToArray()).Next(topics.Select(topic => topic.Name).ToArray());
                return [.. await PostgresReadStore.ReadAsync(batch, reader => reader.GetInt64(0), token).ConfigureAwait(false)];
            }
        }, ct);

    public Task<LiveState> StateAsync(LiveTopic topic, RowKey row, CancellationToken ct) => db.ReadAsync(
        async (connection, token) =>
        {
            var batch = PostgresReadStore.Batch(connection, topic.Tenant);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(State).Next(Kind).Next(topic.Tenant).Next(topic.Name)
                    .Next(RowsTable.Kind(row.Table)).Next(row.Tenant).Next(row.Parent).Next(row.Id);
                var states = await PostgresReadStore.ReadAsync(
                    batch, reader => new LiveState(reader.GetInt64(0), reader.IsDBNull(1) ? null : PostgresReadStore.RowAt(reader, row)), token).ConfigureAwait(false);
                return states.Single();
            }
        }, ct);

    public Task<int> TrimAsync(DateTimeOffset before, int most, CancellationToken ct) => db.WriteAsync(
        async (connection, token) =>
        {
            var batch = connection.CreateBatch();
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(Trim).Next(UnixMs.From(before)).Next(most);
                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        }, ct);
}

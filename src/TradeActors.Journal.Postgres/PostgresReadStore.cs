using System.Collections.Immutable;
using Npgsql;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Postgres;

/// <remarks>What is asked for one tenant is read under row-level security: a query that forgot its tenant would find nothing.</remarks>
internal sealed class PostgresReadStore(PostgresDb db) : IReadStore
{
    /// <summary>For the rest of the transaction, or of the batch that begins with it, this connection sees the rows of one tenant and can write nothing.</summary>
    public const string AsTenant = $"SELECT set_config('role', '{Migrations.TenantRole}', TRUE), set_config('tradeactors.tenant', $1, TRUE)";

    internal const string Get = "SELECT id, sort, state, doc FROM rows WHERE kind = $1 AND tenant = $2 AND parent = $3 AND id = $4";

    private const string KeysOfAll = "SELECT tenant, parent, id FROM rows WHERE kind = $1 ORDER BY tenant, parent, id";

    internal const string KeysOfTenant = "SELECT tenant, parent, id FROM rows WHERE kind = $1 AND tenant = $2 ORDER BY tenant, parent, id";

    internal const string CountStates =
        "SELECT p.parent, r.state, r.count FROM unnest($3::text[]) WITH ORDINALITY AS p (parent, n), LATERAL "
        + "(SELECT state, count(*) AS count FROM rows WHERE kind = $1 AND tenant = $2 AND parent = p.parent GROUP BY state) r ORDER BY p.n, r.state";

    /// <exception cref="ArgumentOutOfRangeException">A negative limit.</exception>
    public Task<IReadOnlyList<Row>> ListAsync(RowQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit, nameof(query));
        return db.ReadAsync((connection, token) => ListAsync(connection, query, token), ct);
    }

    public Task<Row?> GetAsync(RowKey key, CancellationToken ct) =>
        db.ReadAsync((connection, token) => GetAsync(connection, key, isTenantOnly: true, token), ct);

    public Task<IReadOnlyList<RowKey>> ListKeysAsync(ReadTable table, string? tenant, CancellationToken ct) => db.ReadAsync<IReadOnlyList<RowKey>>(
        async (connection, token) =>
        {
            var batch = Batch(connection, tenant ?? "");
            await using (batch.ConfigureAwait(false))
            {
                var parameters = batch.Add(tenant is null ? KeysOfAll : KeysOfTenant).Next(RowsTable.Kind(table));
                if (tenant is not null)
                {
                    parameters.Next(tenant);
                }

                return await ReadAsync(batch, reader => new RowKey(table, reader.GetString(0), reader.GetString(1), reader.GetString(2)), token)
                    .ConfigureAwait(false);
            }
        }, ct);

    public Task<IReadOnlyList<StateCount>> CountAsync(ReadTable table, string tenant, ImmutableArray<string> parents, CancellationToken ct) =>
        db.ReadAsync<IReadOnlyList<StateCount>>(
            async (connection, token) =>
            {
                var batch = Batch(connection, tenant);
                await using (batch.ConfigureAwait(false))
                {
                    batch.Add(CountStates).Next(RowsTable.Kind(table)).Next(tenant).Next(parents.ToArray());
                    return await ReadAsync(batch, reader => new StateCount(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)), token)
                        .ConfigureAwait(false);
                }
            }, ct);

    /// <param name="isTenantOnly">False for what entities look up: their keys are made by the program.</param>
    public static async Task<Row?> GetAsync(NpgsqlConnection connection, RowKey key, bool isTenantOnly, CancellationToken ct)
    {
        var batch = Batch(connection, isTenantOnly ? key.Tenant : "");
        await using (batch.ConfigureAwait(false))
        {
            AddGet(batch, key);
            return (await ReadAsync(batch, reader => RowAt(reader, key), ct).ConfigureAwait(false)).SingleOrDefault();
        }
    }

    public static void AddGet(NpgsqlBatch batch, RowKey key) =>
        batch.Add(Get).Next(RowsTable.Kind(key.Table)).Next(key.Tenant).Next(key.Parent).Next(key.Id);

    /// <summary>A batch whose first statement makes it one tenant's; for the empty tenant, which is the installation, nothing is hidden.</summary>
    public static NpgsqlBatch Batch(NpgsqlConnection connection, string tenant)
    {
        var batch = connection.CreateBatch();
        if (tenant.Length > 0)
        {
            batch.Add(AsTenant).Next(tenant);
        }

        return batch;
    }

    /// <summary>All rows of the batch's only query.</summary>
    public static async Task<List<T>> ReadAsync<T>(NpgsqlBatch batch, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (batch.BatchCommands[0].CommandText == AsTenant)
            {
                await reader.NextResultAsync(ct).ConfigureAwait(false);
            }

            var list = new List<T>();
            while (await reader.ReadAsync(ct).ConfigureAwait(false))
            {
                list.Add(read(reader));
            }

            return list;
        }
    }

    public static Row RowAt(NpgsqlDataReader reader, RowKey key) => new(key, reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3));

    private static async Task<IReadOnlyList<Row>> ListAsync(NpgsqlConnection connection, RowQuery query, CancellationToken ct)
    {
        var hasStates = !query.States.IsDefaultOrEmpty;
        var (lower, upper) = (LowerOf(query), UpperOf(query));
        var batch = Batch(connection, query.Tenant);
        await using (batch.ConfigureAwait(false))
        {
            var parameters = batch.Add(RowsTable.List(query.NewestFirst, hasStates)).Next(RowsTable.Kind(query.Table)).Next(query.Tenant).Next(query.Parent)
                .Next(query.Limit).Next(lower.Sort).Next(lower.Id).Next(upper.Sort).Next(upper.Id);
            if (hasStates)
            {
                parameters.Next(query.States.Distinct().ToArray());
            }

            return await ReadAsync(batch, reader => RowAt(reader, new(query.Table, query.Tenant, query.Parent, reader.GetString(0))), ct).ConfigureAwait(false);
        }
    }

    // Ends are exclusive: behind a sort value means before the empty id of the next one. Of cursor and bound the tighter one counts.
    private static (long Sort, string Id) LowerOf(RowQuery query)
    {
        var (cursor, bound) = (query.NewestFirst ? null : query.After, query.From ?? long.MinValue);
        return cursor is not { } after || bound > after ? (bound, "")
            : query.AfterId is { } id ? (after, id)
            : after == long.MaxValue ? (after, Greatest)
            : (after + 1, "");
    }

    private static (long Sort, string Id) UpperOf(RowQuery query)
    {
        var cursor = query.NewestFirst ? query.After : null;
        return cursor is not { } after || query.Below <= after ? (query.Below ?? long.MaxValue, query.Below is null ? Greatest : "") : (after, query.AfterId ?? "");
    }

    /// <summary>Behind every id.</summary>
    private const string Greatest = "\U0010FFFF";
}

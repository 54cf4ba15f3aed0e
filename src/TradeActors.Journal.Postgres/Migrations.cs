using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Postgres;

/// <summary>The schema as a list of steps; table <c>schema_version</c> counts those taken. A step that was released is never edited: add another.</summary>
internal static class Migrations
{
    /// <summary>Under which tenants' rows are read: it owns nothing, may log in nowhere, and row-level security holds it to one tenant.</summary>
    public const string TenantRole = "tradeactors_tenant";

    public const string LiveEvents = "rows_live_events";

    /// <summary>Any number that nobody else in this database uses.</summary>
    private const long Lock = 0x7472_6164_6500;

    public static int Newest => Steps.Length;

    private static readonly string[] Steps = [Schema1()];

    /// <summary>Takes the steps that are left, in one transaction. Nodes that start at once wait for the first of them.</summary>
    /// <exception cref="StoreOpenException">The database was written by a newer program, or its user may not make what is needed.</exception>
    public static async Task ApplyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await RunAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", ct).ConfigureAwait(false);
            await RunAsync(connection, "CREATE TABLE IF NOT EXISTS schema_version (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)", ct)
                .ConfigureAwait(false);
            var taken = await RunAsync(connection, "SELECT coalesce(max(version), 0) FROM schema_version", ct).ConfigureAwait(false) is int version ? version : 0;
            if (taken > Newest)
            {
                throw new StoreOpenException(
                    $"The database '{connection.Database}' has schema version {taken}; this program knows versions up to {Newest}. A newer version of the program "
                    + "wrote it: start that one, or restore a backup made before the upgrade.");
            }

            foreach (var step in Steps[taken..])
            {
                await RunAsync(connection, step, ct).ConfigureAwait(false);
            }

            await RunAsync(
                connection, $"INSERT INTO schema_version (one, version) VALUES (1, {Newest}) ON CONFLICT (one) DO UPDATE SET version = excluded.version", ct)
                .ConfigureAwait(false);
            await transaction.CommitAsync(ct).ConfigureAwait(false);
        }
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = sql;
            return await command.ExecuteScalarAsync(ct).ConfigureAwait(false);
        }
    }

    // Texts that lists are ordered by compare by their bytes, as in the other engine and in .NET's ordinal order. Times are Unix ms, decimals of the small tables text.
    private static string Schema1() =>
        $"""
        CREATE TABLE installation (
            one INTEGER PRIMARY KEY CHECK (one = 1), incarnation TEXT NOT NULL, shard_count INTEGER NOT NULL, created_at BIGINT NOT NULL);
        CREATE TABLE shards (
            shard INTEGER PRIMARY KEY, epoch BIGINT NOT NULL, node TEXT NOT NULL, inbox_last BIGINT NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE nodes (node TEXT COLLATE "C" PRIMARY KEY, seen_at BIGINT NOT NULL, takes_shards BOOLEAN NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE standbys (shard INTEGER PRIMARY KEY, node TEXT NOT NULL);
        CREATE TABLE events (
            entity TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, type TEXT NOT NULL, payload BYTEA NOT NULL, meta BYTEA, stored_at BIGINT NOT NULL,
            PRIMARY KEY (entity, seq));
        CREATE TABLE snapshots (entity TEXT COLLATE "C" PRIMARY KEY, seq BIGINT NOT NULL, schema INTEGER NOT NULL, state BYTEA NOT NULL);
        CREATE TABLE wakes (shard INTEGER NOT NULL, entity TEXT COLLATE "C" NOT NULL, due BIGINT NOT NULL, PRIMARY KEY (shard, entity));
        CREATE TABLE inbox (
            shard INTEGER NOT NULL, number BIGINT NOT NULL, id TEXT COLLATE "C" NOT NULL UNIQUE, entity TEXT NOT NULL, type TEXT NOT NULL, body BYTEA NOT NULL,
            PRIMARY KEY (shard, number));

        CREATE TABLE rows (
            kind SMALLINT NOT NULL, tenant TEXT COLLATE "C" NOT NULL, parent TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, sort BIGINT NOT NULL,
            state TEXT COLLATE "C" NOT NULL, doc BYTEA NOT NULL, PRIMARY KEY (kind, tenant, parent, id)) PARTITION BY LIST (kind);
        CREATE INDEX rows_by_sort ON rows (tenant, parent, sort, id);
        {Partitions()}
        CREATE FUNCTION live_event_at(doc BYTEA) RETURNS BIGINT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            AS $$ SELECT CASE WHEN substr(doc, 1, 1) = '\x7b'
                THEN floor(extract(epoch FROM ((convert_from(doc, 'UTF8')::json ->> 'at')::timestamptz)) * 1000)::bigint ELSE 0 END $$;
        CREATE INDEX {LiveEvents}_by_time ON {LiveEvents} (live_event_at(doc));

        CREATE TABLE quotes (
            symbol TEXT COLLATE "C" PRIMARY KEY, bid TEXT NOT NULL, ask TEXT NOT NULL, last TEXT NOT NULL, bid_size TEXT, ask_size TEXT, volume TEXT,
            at BIGINT NOT NULL);
        CREATE TABLE candles (
            symbol TEXT COLLATE "C" NOT NULL, resolution INTEGER NOT NULL, start BIGINT NOT NULL, open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL,
            close TEXT NOT NULL, volume TEXT NOT NULL, ticks BIGINT NOT NULL, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
            PRIMARY KEY (symbol, resolution, start));
        CREATE TABLE equity (
            tenant TEXT COLLATE "C" NOT NULL, account TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, balance TEXT NOT NULL, equity TEXT NOT NULL,
            PRIMARY KEY (tenant, account, at));
        CREATE TABLE tenants (id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL, is_approved BOOLEAN NOT NULL);
        CREATE TABLE users (
            id TEXT COLLATE "C" PRIMARY KEY, tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants (id), email TEXT NOT NULL,
            email_key TEXT COLLATE "C" NOT NULL UNIQUE, password_hash TEXT NOT NULL, roles TEXT NOT NULL, created_at BIGINT NOT NULL,
            security_stamp TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0, failed_log_ins INTEGER NOT NULL DEFAULT 0, locked_until BIGINT,
            last_log_in_at BIGINT, has_two_factor BOOLEAN NOT NULL DEFAULT FALSE, authenticator_key TEXT, recovery_codes TEXT NOT NULL DEFAULT '',
            used_codes TEXT NOT NULL DEFAULT '');
        CREATE INDEX users_by_tenant ON users (tenant, created_at, id);
        CREATE TABLE invitations (
            id TEXT COLLATE "C" PRIMARY KEY, tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants (id), email TEXT NOT NULL, email_key TEXT COLLATE "C" NOT NULL,
            role TEXT NOT NULL, token_hash TEXT COLLATE "C" NOT NULL UNIQUE, invited_by TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
            UNIQUE (tenant, email_key));
        CREATE TABLE api_keys (
            id TEXT COLLATE "C" PRIMARY KEY, tenant TEXT COLLATE "C" NOT NULL, user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id), name TEXT NOT NULL,
            hash TEXT COLLATE "C" NOT NULL UNIQUE, scopes TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, last_used_at BIGINT);
        CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_at, id);
        CREATE INDEX api_keys_by_user ON api_keys (user_id);
        CREATE TABLE keyring (name TEXT COLLATE "C" PRIMARY KEY, xml TEXT NOT NULL);

        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{TenantRole}') THEN CREATE ROLE {TenantRole} NOLOGIN; END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- Another database of the same server was first.
        END $$;
        GRANT {TenantRole} TO CURRENT_USER;
        DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {TenantRole}', current_schema()); END $$;
        GRANT SELECT ON rows, equity, tenants, users, invitations, api_keys TO {TenantRole};
        {HeldToTenant("rows")}
        {string.Concat(Enum.GetValues<ReadTable>().Select(table => HeldToTenant(NameOf(table))))}
        {HeldToTenant("equity")}
        {HeldToTenant("tenants", "id")}
        {HeldToTenant("users")}
        {HeldToTenant("invitations")}
        {HeldToTenant("api_keys")}
        """;

    /// <summary>Row-level security for the tenants' role; the owner, which finds users by their e-mail and keys by their hash, still sees every row.</summary>
    /// <remarks>Partitions too, though a policy of theirs decides nothing while the role may only read the table above them.</remarks>
    private static string HeldToTenant(string table, string column = "tenant") =>
        $"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nCREATE POLICY tenant_reads ON {table} FOR SELECT TO {TenantRole} "
        + $"USING ({column} <> '' AND {column} = current_setting('tradeactors.tenant', TRUE));\n";

    /// <summary>One per read table, with the indexes that its lists and its keeping need.</summary>
    private static string Partitions() => string.Concat(Enum.GetValues<ReadTable>().Select(Partition));

    private static string Partition(ReadTable table)
    {
        var name = NameOf(table);
        return $"CREATE TABLE {name} PARTITION OF rows FOR VALUES IN ({RowsTable.Kind(table)});\n"
            + (table is ReadTable.Orders or ReadTable.Signals or ReadTable.SignalOutcomes or ReadTable.OperationResults
                ? $"CREATE INDEX {name}_by_state ON {name} (tenant, parent, state, sort, id);\n" : "")
            + (table is ReadTable.Texts or ReadTable.Audit ? $"CREATE INDEX {name}_by_age ON {name} (sort);\n" : "");
    }

    private static string NameOf(ReadTable table) => table switch
    {
        ReadTable.Accounts => "rows_accounts",
        ReadTable.Orders => "rows_orders",
        ReadTable.Fills => "rows_fills",
        ReadTable.Recorders => "rows_recorders",
        ReadTable.Subscriptions => "rows_subscriptions",
        ReadTable.Signals => "rows_signals",
        ReadTable.FanOuts => "rows_fan_outs",
        ReadTable.SignalOutcomes => "rows_signal_outcomes",
        ReadTable.SignalKeys => "rows_signal_keys",
        ReadTable.LiveEvents => LiveEvents,
        ReadTable.WebhookTokens => "rows_webhook_tokens",
        ReadTable.Texts => "rows_texts",
        ReadTable.Executions => "rows_executions",
        ReadTable.PaperOrders => "rows_paper_orders",
        ReadTable.Parked => "rows_parked",
        ReadTable.Operations => "rows_operations",
        ReadTable.OperationResults => "rows_operation_results",
        ReadTable.Audit => "rows_audit",
        _ => throw new System.Diagnostics.UnreachableException($"No name for {table}."),
    };
}

using System.Data;
using Dapper;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sqlite;

/// <summary>The schema as a list of steps; <c>user_version</c> counts those taken. A step that was released is never edited: add another.</summary>
internal static class Migrations
{
    public static int Newest => Steps.Length;

    private static readonly string[] Steps = [Schema1(), Schema2(), Schema3(), Schema4(), Schema5(), Schema6()];

    /// <param name="upTo">Fewer than all of them only in tests of the later ones.</param>
    /// <exception cref="StoreOpenException">The file was written by a newer program.</exception>
    public static void Apply(IDbConnection connection, string file, int? upTo = null)
    {
        using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
        var taken = connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction);
        if (taken > Newest)
        {
            throw new StoreOpenException(
                $"The database '{file}' has schema version {taken}; this program knows versions up to {Newest}. A newer version of the program wrote "
                + "it: start that one, or restore a backup made before the upgrade.");
        }

        foreach (var step in Steps[taken..(upTo ?? Newest)])
        {
            connection.Execute(step, transaction: transaction);
        }

        connection.Execute($"PRAGMA user_version = {upTo ?? Newest}", transaction: transaction);
        transaction.Commit();
    }

    // Events and read rows lie in the order of writing, found through their key's index. Clustered by key (WITHOUT ROWID), a signal that fans out to
    // 500 accounts would rewrite 500 pages instead of filling 20: that measured three times slower. An entity's head is the last entry of its key's
    // index, so that no second table can disagree with the events; entities by number instead of name measured only a tenth faster.
    private static string Schema1() =>
        """
        CREATE TABLE installation (
            one INTEGER PRIMARY KEY CHECK (one = 1), incarnation TEXT NOT NULL, shard_count INTEGER NOT NULL, created_at INTEGER NOT NULL);
        CREATE TABLE shards (
            shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, node TEXT NOT NULL, inbox_last INTEGER NOT NULL);
        CREATE TABLE events (
            entity TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, payload BLOB NOT NULL, meta BLOB, stored_at INTEGER NOT NULL,
            PRIMARY KEY (entity, seq));
        CREATE TABLE snapshots (
            entity TEXT PRIMARY KEY NOT NULL, seq INTEGER NOT NULL, schema INTEGER NOT NULL, state BLOB NOT NULL);
        CREATE TABLE wakes (
            shard INTEGER NOT NULL, entity TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (shard, entity)) WITHOUT ROWID;
        CREATE TABLE quotes (
            symbol TEXT PRIMARY KEY NOT NULL, bid TEXT NOT NULL, ask TEXT NOT NULL, last TEXT NOT NULL,
            bid_size TEXT, ask_size TEXT, volume TEXT, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE tenants (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE users (
            id TEXT PRIMARY KEY NOT NULL, tenant TEXT NOT NULL REFERENCES tenants (id), email TEXT NOT NULL, email_key TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL, roles TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE keyring (name TEXT PRIMARY KEY NOT NULL, xml TEXT NOT NULL) WITHOUT ROWID;

        """
        + ReadTablesOf(version: 1);

    /// <summary>Operations over many accounts.</summary>
    private static string Schema2() => ReadTablesOf(version: 2);

    /// <summary>Users as sessions, invitations and second factors need them; API keys; the audit log.</summary>
    private static string Schema3() =>
        """
        ALTER TABLE tenants ADD COLUMN is_approved INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE users ADD COLUMN security_stamp TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN failed_log_ins INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN locked_until INTEGER;
        ALTER TABLE users ADD COLUMN last_log_in_at INTEGER;
        ALTER TABLE users ADD COLUMN has_two_factor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN authenticator_key TEXT;
        ALTER TABLE users ADD COLUMN recovery_codes TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN used_codes TEXT NOT NULL DEFAULT '';
        CREATE INDEX users_by_tenant ON users (tenant, created_at, id);
        CREATE TABLE invitations (
            id TEXT PRIMARY KEY NOT NULL, tenant TEXT NOT NULL REFERENCES tenants (id), email TEXT NOT NULL, email_key TEXT NOT NULL, role TEXT NOT NULL,
            token_hash TEXT NOT NULL UNIQUE, invited_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
            UNIQUE (tenant, email_key)) WITHOUT ROWID;
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY NOT NULL, tenant TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id), name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
            scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER) WITHOUT ROWID;
        CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_at, id);

        """
        + ReadTablesOf(version: 3);

    /// <summary>Orders, fills and signals stand by time (<c>TimedSort</c>); before, they stood by number.</summary>
    private static string Schema4() => SortByTime("rows_orders", "createdAt") + SortByTime("rows_fills", "at") + SortByTime("rows_signals", "receivedAt");

    private static string SortByTime(string table, string member) =>
        $"""
        UPDATE {table} SET sort = sort & 16383
            | (CAST((julianday(json_extract(CAST(doc AS TEXT), '$.{member}')) - 2440587.5) * 86400000 + 0.05 AS INTEGER) << 14);

        """;

    /// <summary>Candles and equity. Clustered by key: a chart reads a contract's candles in order, and the candles under way are few pages.</summary>
    private static string Schema5() =>
        """
        CREATE TABLE candles (
            symbol TEXT NOT NULL, resolution INTEGER NOT NULL, start INTEGER NOT NULL, open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL,
            close TEXT NOT NULL, volume TEXT NOT NULL, ticks INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
            PRIMARY KEY (symbol, resolution, start)) WITHOUT ROWID;
        CREATE TABLE equity (
            tenant TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL, balance TEXT NOT NULL, equity TEXT NOT NULL,
            PRIMARY KEY (tenant, account, at)) WITHOUT ROWID;

        """;

    /// <summary>The inbox (PROTOCOL 6).</summary>
    private static string Schema6() =>
        """
        CREATE TABLE inbox (
            shard INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, entity TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (shard, number)) WITHOUT ROWID;

        """;

    private static string ReadTablesOf(int version) => string.Concat(ReadTables.All.Where(table => table.Since == version).Select(ReadTableSchema));

    private static string ReadTableSchema(ReadTableSql table) =>
        $"""
        CREATE TABLE {table.Name} (
            tenant TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, sort INTEGER NOT NULL, state TEXT NOT NULL, doc BLOB NOT NULL,
            PRIMARY KEY (tenant, parent, id));
        CREATE INDEX {table.Name}_by_sort ON {table.Name} (tenant, parent, sort, id);

        """
        + (table.HasStates ? $"CREATE INDEX {table.Name}_by_state ON {table.Name} (tenant, parent, state, sort, id);\n" : "");
}

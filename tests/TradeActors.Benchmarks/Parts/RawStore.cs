using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Journal.Sqlite;

namespace TradeActors.Benchmarks.Parts;

/// <summary>
/// The limit of the store: the same rows into the same tables of a fresh database, by prepared statements on one thread with every text encoded
/// beforehand. No head is checked, no epoch, no wake row or snapshot is written, nobody waits for an answer.
/// </summary>
internal sealed class RawStore : IDisposable
{
    private static readonly string[] Tables =
    [
        "rows_accounts", "rows_orders", "rows_fills", "rows_recorders", "rows_subscriptions", "rows_signals", "rows_fan_outs", "rows_signal_outcomes",
        "rows_signal_keys", "rows_live_events", "rows_webhook_tokens", "rows_texts", "rows_executions", "rows_paper_orders", "rows_parked",
        "rows_operations", "rows_operation_results",
    ];

    private static readonly ReadTable[] Order =
    [
        ReadTable.Accounts, ReadTable.Orders, ReadTable.Fills, ReadTable.Recorders, ReadTable.Subscriptions, ReadTable.Signals, ReadTable.FanOuts,
        ReadTable.SignalOutcomes, ReadTable.SignalKeys, ReadTable.LiveEvents, ReadTable.WebhookTokens, ReadTable.Texts, ReadTable.Executions,
        ReadTable.PaperOrders, ReadTable.Parked, ReadTable.Operations, ReadTable.OperationResults,
    ];

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _event;
    private readonly sqlite3_stmt[] _put;
    private readonly sqlite3_stmt[] _drop;

    private RawStore(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _connection.Open();
        using (var pragmas = _connection.CreateCommand())
        {
            // As the store's writer, and as often brought back into the database (32 MB of log).
            pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4096; "
                + "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY";
            pragmas.ExecuteNonQuery();
        }

        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _event = Prepare("INSERT INTO events (entity, seq, type, payload, meta, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _put = [.. Tables.Select(table => Prepare(
            $"INSERT INTO {table} (tenant, parent, id, sort, state, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            + "ON CONFLICT (tenant, parent, id) DO UPDATE SET sort = excluded.sort, state = excluded.state, doc = excluded.doc"))];
        _drop = [.. Tables.Select(table => Prepare($"DELETE FROM {table} WHERE tenant = ?1 AND parent = ?2 AND id = ?3"))];
    }

    /// <param name="directory">Gets a database of the store's own making.</param>
    public static async Task<RawStore> CreateAsync(string directory)
    {
        await (await Stores.OpenAsync(directory)).DisposeAsync();
        return new RawStore(Path.Combine(directory, "tradeactors.db"));
    }

    /// <summary>One transaction per group.</summary>
    /// <returns>Seconds.</returns>
    public double Insert(IReadOnlyList<RawGroup> groups)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var group in groups)
        {
            Insert(group);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Insert(RawGroup group)
    {
        Run(_begin);
        foreach (var row in group.Events)
        {
            Text(_event, 1, row.Entity);
            raw.sqlite3_bind_int64(_event, 2, row.Seq);
            Text(_event, 3, row.Type);
            Blob(_event, 4, row.Payload);
            Blob(_event, 5, row.Meta);
            raw.sqlite3_bind_int64(_event, 6, row.StoredAt);
            Run(_event);
        }

        foreach (var row in group.Rows)
        {
            var statement = (row.Doc is null ? _drop : _put)[row.Table];
            Text(statement, 1, row.Tenant);
            Text(statement, 2, row.Parent);
            Text(statement, 3, row.Id);
            if (row.Doc is not null)
            {
                raw.sqlite3_bind_int64(statement, 4, row.Sort);
                Text(statement, 5, row.State);
                Blob(statement, 6, row.Doc);
            }

            Run(statement);
        }

        Run(_commit);
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[_begin, _commit, _event, .. _put, .. _drop])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    internal static int TableOf(ReadTable table) => Array.IndexOf(Order, table);

    private sqlite3_stmt Prepare(string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_connection.Handle, sql, out var statement), _connection.Handle);
        return statement;
    }

    // An empty span has no address and would be bound as NULL.
    private static void Text(sqlite3_stmt statement, int index, byte[] utf8) =>
        _ = utf8.Length == 0 ? raw.sqlite3_bind_text(statement, index, "") : raw.sqlite3_bind_text(statement, index, utf8);

    private static void Blob(sqlite3_stmt statement, int index, byte[]? value) =>
        _ = value is null ? raw.sqlite3_bind_null(statement, index) : raw.sqlite3_bind_blob(statement, index, value);

    private void Run(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        if (result != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, _connection.Handle);
        }

        raw.sqlite3_reset(statement);
    }
}

internal sealed record RawEvent(byte[] Entity, long Seq, byte[] Type, byte[] Payload, byte[]? Meta, long StoredAt);

/// <param name="Doc">Null deletes.</param>
internal sealed record RawRow(int Table, byte[] Tenant, byte[] Parent, byte[] Id, long Sort, byte[] State, byte[]? Doc);

/// <summary>The rows of one transaction.</summary>
internal sealed record RawGroup(List<RawEvent> Events, List<RawRow> Rows)
{
    public static RawGroup Of(IEnumerable<EntityAppend> parts)
    {
        var group = new RawGroup([], []);
        foreach (var part in parts)
        {
            var entity = Utf8(part.Id.ToString());
            group.Events.AddRange(part.Events.Select(row => new RawEvent(
                entity, row.Seq, Utf8(row.Type), row.Payload, row.Meta, row.StoredAt.ToUnixTimeMilliseconds())));
            group.Rows.AddRange(part.Rows.Select(change => new RawRow(
                RawStore.TableOf(change.Key.Table), Utf8(change.Key.Tenant), Utf8(change.Key.Parent), Utf8(change.Key.Id),
                change.Put?.Sort ?? 0, Utf8(change.Put?.State ?? ""), change.Put?.Doc)));
        }

        return group;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Opens stores as the node does.</summary>
internal static class Stores
{
    public static Task<SqliteStore> OpenAsync(string directory) => SqliteStore.OpenAsync(
        new SqliteStoreOptions { DataDirectory = directory, ShardCount = 128, NewIncarnation = () => "bnch", TimeProvider = TimeProvider.System },
        CancellationToken.None);
}

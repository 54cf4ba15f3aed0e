using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Sqlite;

/// <summary>What the writer does inside a transaction. Used by the writer's thread alone.</summary>
internal sealed class WriteSession : IDisposable
{
    private const int DbStatusCacheWrite = 9; // SQLITE_DBSTATUS_CACHE_WRITE: pages written since the last reset, here to the write-ahead log.

    private readonly SqliteSession _session;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _head;
    private readonly Statement _insertEvent;
    private readonly Statement _putSnapshot;
    private readonly Statement _putWake;
    private readonly Statement _dropWake;
    private readonly Statement _wakes;
    private readonly Statement _epochs;
    private readonly Statement _raiseEpoch;
    private readonly Statement _raiseInbox;
    private readonly Statement _inboxNumber;
    private readonly Statement _insertInbox;
    private readonly Statement _dropInbox;
    private readonly ImmutableArray<Statement> _putRow;
    private readonly ImmutableArray<Statement> _dropRow;

    // As in the transaction under way: nobody else writes, so it is read again only after a rollback.
    private readonly long[] _epochOf;
    private readonly long[] _inboxLastOf;

    public WriteSession(SqliteSession session, int shardCount)
    {
        _session = session;
        _epochOf = new long[shardCount];
        _inboxLastOf = new long[shardCount];
        _begin = session.Prepare("BEGIN IMMEDIATE");
        _commit = session.Prepare("COMMIT");
        _rollback = session.Prepare("ROLLBACK");
        _head = session.Prepare("SELECT seq FROM events WHERE entity = ?1 ORDER BY seq DESC LIMIT 1");
        // Plain INSERT: a second event of the same number must fail, never be left out (PROTOCOL 8).
        _insertEvent = session.Prepare("INSERT INTO events (entity, seq, type, payload, meta, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _putSnapshot = session.Prepare(
            "INSERT INTO snapshots (entity, seq, schema, state) VALUES (?1, ?2, ?3, ?4) "
            + "ON CONFLICT (entity) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, state = excluded.state "
            + "WHERE excluded.schema <> snapshots.schema OR excluded.seq >= snapshots.seq");
        _putWake = session.Prepare(
            "INSERT INTO wakes (shard, entity, due) VALUES (?1, ?2, ?3) ON CONFLICT (shard, entity) DO UPDATE SET due = excluded.due");
        _dropWake = session.Prepare("DELETE FROM wakes WHERE shard = ?1 AND entity = ?2");
        _wakes = session.Prepare("SELECT entity, due FROM wakes WHERE shard = ?1");
        _epochs = session.Prepare("SELECT shard, epoch, inbox_last FROM shards");
        _raiseEpoch = session.Prepare("UPDATE shards SET epoch = epoch + 1, node = ?2 WHERE shard = ?1");
        _raiseInbox = session.Prepare("UPDATE shards SET inbox_last = inbox_last + 1 WHERE shard = ?1");
        _inboxNumber = session.Prepare("SELECT number FROM inbox WHERE id = ?1");
        _insertInbox = session.Prepare("INSERT INTO inbox (shard, number, id, entity, type, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _dropInbox = session.Prepare("DELETE FROM inbox WHERE shard = ?1 AND number = ?2");
        _putRow = [.. ReadTables.All.Select(table => session.Prepare(table.Put))];
        _dropRow = [.. ReadTables.All.Select(table => session.Prepare(table.Drop))];
        ReadEpochs();
    }

    /// <summary>For the tables that are written rarely, through ADO.NET, inside the same transaction.</summary>
    public SqliteConnection Connection => _session.Connection;

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Undoes what is open, if SQLite has not done so by itself.</summary>
    public void Rollback()
    {
        _session.ResetAll();
        if (raw.sqlite3_get_autocommit(Connection.Handle!) == 0)
        {
            _rollback.Run();
        }

        ReadEpochs();
    }

    /// <summary>Judges and stores the parts one after another; each sees what those before it have stored.</summary>
    public ImmutableArray<AppendOutcome> Append(ImmutableArray<EntityAppend> parts)
    {
        var outcomes = ImmutableArray.CreateBuilder<AppendOutcome>(parts.Length);
        foreach (var part in parts)
        {
            outcomes.Add(Append(part));
        }

        return outcomes.MoveToImmutable();
    }

    /// <summary>Raises the epochs and reads what each shard has waiting.</summary>
    public ImmutableArray<ShardClaim> Claim(ImmutableArray<int> shards, string node)
    {
        var claims = ImmutableArray.CreateBuilder<ShardClaim>(shards.Length);
        foreach (var shard in shards)
        {
            _raiseEpoch.Bind(1, shard).Bind(2, node).Run();
            var inbox = SqliteJournal.ReadInbox(_session, shard, 0);
            claims.Add(new(shard, ++_epochOf[shard], Wakes(shard), inbox.Last, inbox.Rows));
        }

        return claims.MoveToImmutable();
    }

    /// <summary>Puts a message behind the others of its shard, or finds the number that it got the first time.</summary>
    public long PutInbox(int shard, InboxMessage message)
    {
        _inboxNumber.Bind(1, message.Id);
        if (_inboxNumber.Step())
        {
            var known = _inboxNumber.Int64(0);
            _inboxNumber.Reset();
            return known;
        }

        _raiseInbox.Bind(1, shard).Run();
        var number = ++_inboxLastOf[shard];
        _insertInbox.Bind(1, shard).Bind(2, number).Bind(3, message.Id).Bind(4, message.To.ToString()).Bind(5, message.Type).Bind(6, message.Body).Run();
        return number;
    }

    public bool DropInbox(int shard, long number)
    {
        _dropInbox.Bind(1, shard).Bind(2, number).Run();
        return true;
    }

    /// <summary>Pages written to the write-ahead log since the last call of <see cref="Checkpoint"/>.</summary>
    public int PagesWritten() => PagesWritten(reset: 0);

    /// <summary>Copies the log into the database as far as readers allow, without waiting for them.</summary>
    /// <exception cref="SqliteException">The disk failed.</exception>
    public void Checkpoint(int mode = raw.SQLITE_CHECKPOINT_PASSIVE)
    {
        PagesWritten(reset: 1);
        var result = raw.sqlite3_wal_checkpoint_v2(Connection.Handle!, "main", mode, out _, out _);
        if (result != raw.SQLITE_BUSY)
        {
            SqliteException.ThrowExceptionForRC(result, Connection.Handle);
        }
    }

    /// <summary>Puts or drops one read-model row.</summary>
    public void Change(RowChange row)
    {
        var (key, put) = row;
        var statement = (put is null ? _dropRow : _putRow)[(int)key.Table].Bind(1, key.Tenant).Bind(2, key.Parent).Bind(3, key.Id);
        if (put is not null)
        {
            statement.Bind(4, put.Sort).Bind(5, put.State).Bind(6, put.Doc);
        }

        statement.Run();
    }

    public void Dispose() => _session.Dispose();

    private AppendOutcome Append(EntityAppend part)
    {
        // Epoch 0 means that nobody has ever claimed the shard: nobody may write it either.
        if (part.Epoch == 0 || _epochOf[part.Shard] != part.Epoch)
        {
            return AppendOutcome.StaleEpoch;
        }

        if (part.InboxSeen < _inboxLastOf[part.Shard])
        {
            return AppendOutcome.InboxAhead;
        }

        var entity = part.Id.ToString();
        if (Head(entity) != part.ExpectedSeq)
        {
            return AppendOutcome.Conflict;
        }

        Insert(entity, part.Events);
        Change(part.Rows);
        Wake(part.Shard, entity, part.Wake);
        if (part.Snapshot is { } snapshot && snapshot.Seq <= part.ExpectedSeq + part.Events.Length)
        {
            _putSnapshot.Bind(1, entity).Bind(2, snapshot.Seq).Bind(3, snapshot.Schema).Bind(4, snapshot.State).Run();
        }

        return AppendOutcome.Stored;
    }

    private long Head(string entity)
    {
        _head.Bind(1, entity);
        if (!_head.Step())
        {
            return 0;
        }

        var head = _head.Int64(0);
        _head.Reset();
        return head;
    }

    private void Insert(string entity, ImmutableArray<EventRow> events)
    {
        foreach (var row in events)
        {
            _insertEvent.Bind(1, entity).Bind(2, row.Seq).Bind(3, row.Type).Bind(4, row.Payload).Bind(5, row.Meta)
                .Bind(6, UnixMs.From(row.StoredAt)).Run();
        }
    }

    private void Change(ImmutableArray<RowChange> rows)
    {
        foreach (var row in rows)
        {
            Change(row);
        }
    }

    private void Wake(int shard, string entity, WakeChange? change)
    {
        switch (change)
        {
            case null:
                break;
            case { Due: { } due }:
                _putWake.Bind(1, shard).Bind(2, entity).Bind(3, UnixMs.From(due)).Run();
                break;
            default:
                _dropWake.Bind(1, shard).Bind(2, entity).Run();
                break;
        }
    }

    private ImmutableArray<WakeRow> Wakes(int shard)
    {
        var rows = ImmutableArray.CreateBuilder<WakeRow>();
        _wakes.Bind(1, shard);
        while (_wakes.Step())
        {
            rows.Add(new(EntityId.Parse(_wakes.Text(0)), UnixMs.ToDate(_wakes.Int64(1))));
        }

        // Not by the text in the table: there "a-b/…" comes before "a/…".
        rows.Sort((left, right) => left.Id.CompareTo(right.Id));
        return rows.DrainToImmutable();
    }

    private void ReadEpochs()
    {
        while (_epochs.Step())
        {
            _epochOf[_epochs.Int64(0)] = _epochs.Int64(1);
            _inboxLastOf[_epochs.Int64(0)] = _epochs.Int64(2);
        }
    }

    private int PagesWritten(int reset)
    {
        raw.sqlite3_db_status(Connection.Handle!, DbStatusCacheWrite, out var pages, out _, reset);
        return pages;
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The journal as docs/formats/journal.md has it, in memory: outlives every process of the simulated world.</summary>
internal sealed partial class SimJournal(int shardCount, Defect defect, Func<DateTimeOffset> now)
{
    private readonly Dictionary<EntityId, List<EventRow>> _streams = [];
    private readonly Dictionary<EntityId, SnapshotRow> _snapshots = [];
    private readonly SortedDictionary<EntityId, DateTimeOffset>[] _wakes = [.. Enumerable.Range(0, shardCount).Select(_ => new SortedDictionary<EntityId, DateTimeOffset>())];
    private readonly Dictionary<RowKey, Row> _rows = [];
    private readonly ShardRow[] _shards = [.. Enumerable.Range(0, shardCount).Select(shard => new ShardRow(shard, 0, "", "", 0))];
    private readonly SortedDictionary<string, NodeRow> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(int Shard, long Number), InboxMessage> _inbox = [];

    /// <summary>Told of every stored event, right after its part is in.</summary>
    public Action<EntityId, EventRow>? Stored { get; set; }

    /// <summary>Told of every stored part, after its events.</summary>
    public Action<EntityAppend>? PartStored { get; set; }

    public Action<EntityId, SnapshotRow>? SnapshotStored { get; set; }

    public Action<ShardClaim>? Claimed { get; set; }

    /// <summary>The rows of <see cref="ReadTable.LiveEvents"/>; the others are in <see cref="Rows"/>.</summary>
    public SimLiveRows Live { get; } = new();

    /// <summary>In no order.</summary>
    public IReadOnlyDictionary<RowKey, Row> Rows => _rows;

    public IEnumerable<EntityId> Streams => _streams.Keys;

    public IReadOnlyList<EventRow> Events(EntityId id) => _streams.TryGetValue(id, out var events) ? events : [];

    public SnapshotRow? Snapshot(EntityId id) => _snapshots.GetValueOrDefault(id);

    public long Head(EntityId id) => _streams.TryGetValue(id, out var events) ? events.Count : 0;

    public Row? Lookup(RowKey key) => _rows.GetValueOrDefault(key);

    public DateTimeOffset? Wake(EntityId id) => _wakes[id.ShardHash(shardCount)].TryGetValue(id, out var due) ? due : null;

    public ImmutableArray<AppendOutcome> Append(ImmutableArray<EntityAppend> parts) => defect == Defect.OneConflictFailsTheBatch && !parts.All(IsFree)
        ? [.. parts.Select(_ => AppendOutcome.Conflict)]
        : [.. parts.Select(Append)];

    private bool IsFree(EntityAppend part) => _shards[part.Shard].Epoch == part.Epoch && Head(part.Id) == part.ExpectedSeq;

    public StoredEntity Load(EntityId id, int schema)
    {
        var snapshot = Misread(_snapshots.GetValueOrDefault(id) is { } stored && (stored.Schema == schema || defect == Defect.SnapshotOfOtherSchemaRead) ? stored : null, schema);
        var events = _streams.TryGetValue(id, out var stream) ? CollectionsMarshal.AsSpan(stream)[(int)(snapshot?.Seq ?? 0)..].ToImmutableArray() : [];
        return defect == Defect.PaperBookForgotten && id.Kind == EntityKind.PaperExchange
            ? new StoredEntity(null, [.. Events(id).Select(PaperDefects.Forgotten)])
            : new StoredEntity(snapshot, [.. Misread(id, defect == Defect.MarksForgotten ? events.Select(row => row with { Meta = WithoutMark(row.Meta) }) : events)]);
    }

    public ShardClaim Claim(int shard, string node)
    {
        var row = _shards[shard];
        _shards[shard] = row = row with { Epoch = row.Epoch + 1, Owner = node, Standby = row.Standby == node ? "" : row.Standby };
        ImmutableArray<WakeRow> wakes = defect == Defect.WakesNotLoaded
            ? []
            : [.. _wakes[shard].Select(wake => new WakeRow(wake.Key, wake.Value))];
        var claim = new ShardClaim(shard, row.Epoch, wakes, row.InboxLast, defect == Defect.InboxNotClaimed ? [] : ReadInbox(shard, 0).Rows);
        Claimed?.Invoke(claim);
        return claim;
    }

    // The board.

    private static readonly TimeSpan StandbyLapsesAfter = TimeSpan.FromSeconds(6);

    public string OwnerOf(int shard) => _shards[shard].Owner;

    public ClusterView Beat(NodeBeat beat)
    {
        _nodes[beat.Node] = new NodeRow(beat.Node, now(), beat.TakesShards);
        foreach (var row in _shards)
        {
            var standby = row.Standby == beat.Node || row.Standby.Length == 0 || now() - _nodes[row.Standby].SeenAt > StandbyLapsesAfter ? "" : row.Standby;
            _shards[row.Shard] = row with { Standby = standby.Length == 0 && beat.StandsBy.Contains(row.Shard) ? beat.Node : standby };
        }

        return new ClusterView(now(), [.. _nodes.Values], [.. _shards]);
    }

    // The inbox.

    public IEnumerable<InboxMessage> Inbox => _inbox.Values;

    public InboxRow PutInbox(int shard, InboxMessage message)
    {
        foreach (var (key, known) in _inbox)
        {
            if (known.Id == message.Id)
            {
                return new InboxRow(key.Number, known);
            }
        }

        var row = _shards[shard] = _shards[shard] with { InboxLast = _shards[shard].InboxLast + 1 };
        _inbox.Add((shard, row.InboxLast), message);
        return new InboxRow(row.InboxLast, message);
    }

    public InboxPage ReadInbox(int shard, long after) => new(
        _shards[shard].InboxLast,
        [.. _inbox.Where(row => row.Key.Shard == shard && row.Key.Number > after).Select(row => new InboxRow(row.Key.Number, row.Value))]);

    public object DropInbox(int shard, long number) => _inbox.Remove((shard, number));

    private AppendOutcome Append(EntityAppend part)
    {
        Check(part);
        var shard = _shards[part.Shard];
        if (part.Epoch == 0 || (shard.Epoch != part.Epoch && defect != Defect.FenceIgnored))
        {
            return AppendOutcome.StaleEpoch;
        }

        if (part.InboxSeen < shard.InboxLast && defect != Defect.InboxOvertaken)
        {
            return AppendOutcome.InboxAhead;
        }

        var events = _streams.GetValueOrDefault(part.Id);
        if ((events?.Count ?? 0) != part.ExpectedSeq)
        {
            if (defect == Defect.HoleInBatch && part.Events is [.., var last] && last.Seq > events!.Count)
            {
                events.Add(last);
            }

            return AppendOutcome.Conflict;
        }

        Store(part, events);
        return AppendOutcome.Stored;
    }

    private void Store(EntityAppend part, List<EventRow>? events)
    {
        if (events is null && !part.Events.IsEmpty)
        {
            _streams.Add(part.Id, events = []);
        }

        foreach (var row in part.Events)
        {
            events!.Add(row with { StoredAt = Milliseconds(row.StoredAt) });
        }

        foreach (var (key, put) in part.Rows)
        {
            Change(key, put);
        }

        switch (part.Wake)
        {
            case { Due: { } due }:
                _wakes[part.Shard][part.Id] = Milliseconds(due);
                break;
            case { Due: null }:
                _wakes[part.Shard].Remove(part.Id);
                break;
        }

        if (part.Snapshot is { } snapshot && snapshot.Seq <= part.ExpectedSeq + part.Events.Length
            && (_snapshots.GetValueOrDefault(part.Id) is not { } known || known.Schema != snapshot.Schema || snapshot.Seq >= known.Seq))
        {
            WriteSnapshot(part.Id, snapshot);
        }

        foreach (var row in part.Events)
        {
            Stored?.Invoke(part.Id, row);
        }

        PartStored?.Invoke(part);
    }

    public void WriteSnapshot(EntityId id, SnapshotRow snapshot)
    {
        SnapshotStored?.Invoke(id, snapshot);
        _snapshots[id] = snapshot;
    }

    private void Change(RowKey key, Row? put)
    {
        if (put is null)
        {
            _rows.Remove(key);
            return;
        }

        if (key.Table == ReadTable.LiveEvents)
        {
            Live.Put(put);
            return;
        }

        _rows[key] = put;
    }

    private static void Check(EntityAppend part)
    {
        var seq = part.ExpectedSeq;
        foreach (var row in part.Events)
        {
            if (row.Seq != ++seq)
            {
                throw new SimulationFailure("WellFormedAppend", $"{part.Id}: event {row.Seq} stands where {seq} must.");
            }
        }

        if (part.Rows.Any(row => row.Put is { } put && put.Key != row.Key))
        {
            throw new SimulationFailure("WellFormedAppend", $"{part.Id}: a row is put under another key.");
        }
    }

    private static byte[]? WithoutMark(byte[]? meta)
    {
        if (meta is null)
        {
            return null;
        }

        var json = System.Text.Json.Nodes.JsonNode.Parse(meta)!.AsObject();
        json.Remove("from");
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    /// <summary>As engines keep times: what is finer than a millisecond is cut off.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}

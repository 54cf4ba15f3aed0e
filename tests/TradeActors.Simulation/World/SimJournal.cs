using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The journal as docs/formats/journal.md has it, in memory: outlives every process of the simulated world.</summary>
internal sealed class SimJournal(int shardCount, Defect defect)
{
    private readonly SortedDictionary<EntityId, List<EventRow>> _streams = [];
    private readonly SortedDictionary<EntityId, SnapshotRow> _snapshots = [];
    private readonly SortedDictionary<(int Shard, EntityId Id), DateTimeOffset> _wakes = [];
    private readonly Dictionary<RowKey, Row> _rows = [];
    private readonly SortedDictionary<string, long> _topics = new(StringComparer.Ordinal);
    private readonly long[] _epochs = new long[shardCount];

    /// <summary>Told of every stored event, right after its part is in.</summary>
    public Action<EntityId, EventRow>? Stored { get; set; }

    public IEnumerable<EntityId> Streams => _streams.Keys;

    public IEnumerable<KeyValuePair<(int Shard, EntityId Id), DateTimeOffset>> Wakes => _wakes;

    public IReadOnlyList<EventRow> Events(EntityId id) => _streams.TryGetValue(id, out var events) ? events : [];

    public SnapshotRow? Snapshot(EntityId id) => _snapshots.GetValueOrDefault(id);

    public long Head(EntityId id) => _streams.TryGetValue(id, out var events) ? events.Count : 0;

    public Row? Lookup(RowKey key) => _rows.GetValueOrDefault(key);

    public ImmutableArray<AppendOutcome> Append(ImmutableArray<EntityAppend> parts) => [.. parts.Select(Append)];

    public StoredEntity Load(EntityId id, int schema)
    {
        var snapshot = _snapshots.GetValueOrDefault(id) is { } stored && stored.Schema == schema ? stored : null;
        var events = Events(id).Skip((int)(snapshot?.Seq ?? 0));
        if (defect == Defect.MarksForgotten)
        {
            events = events.Select(row => row with { Meta = WithoutMark(row.Meta) });
        }

        return defect == Defect.PaperBookForgotten && id.Kind == EntityKind.PaperExchange
            ? new StoredEntity(null, [.. Events(id).Select(PaperDefects.Forgotten)])
            : new StoredEntity(snapshot, [.. events]);
    }

    public ImmutableArray<ShardClaim> Claim(ImmutableArray<int> shards) =>
    [
        .. shards.Select(shard => new ShardClaim(
            shard, ++_epochs[shard],
            defect == Defect.WakesNotLoaded ? [] : [.. _wakes.Where(wake => wake.Key.Shard == shard).Select(wake => new WakeRow(wake.Key.Id, wake.Value))])),
    ];

    private AppendOutcome Append(EntityAppend part)
    {
        Check(part);
        if (part.Epoch == 0 || (_epochs[part.Shard] != part.Epoch && defect != Defect.FenceIgnored))
        {
            return AppendOutcome.StaleEpoch;
        }

        var events = _streams.GetValueOrDefault(part.Id);
        if ((events?.Count ?? 0) != part.ExpectedSeq)
        {
            if (defect == Defect.HoleInBatch && part.Events is [.., var last] && last.Seq > events!.Count + 1)
            {
                events.Add(last);
            }

            return AppendOutcome.Conflict;
        }

        if (_epochs[part.Shard] != part.Epoch)
        {
            throw new SimulationFailure("OneWriter", $"{part.Id} was written under epoch {part.Epoch} while its shard is at {_epochs[part.Shard]}.");
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
                _wakes[(part.Shard, part.Id)] = Milliseconds(due);
                break;
            case { Due: null }:
                _wakes.Remove((part.Shard, part.Id));
                break;
        }

        if (part.Snapshot is { } snapshot && snapshot.Seq <= part.ExpectedSeq + part.Events.Length
            && (_snapshots.GetValueOrDefault(part.Id) is not { } known || known.Schema != snapshot.Schema || snapshot.Seq >= known.Seq))
        {
            _snapshots[part.Id] = snapshot;
        }

        foreach (var row in part.Events)
        {
            Stored?.Invoke(part.Id, row);
        }
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
            var topic = $"{key.Tenant}/{key.Parent}";
            var expected = _topics.GetValueOrDefault(topic) + 1;
            if (put.Sort != expected)
            {
                throw new SimulationFailure("LiveGapless", $"Topic {topic} goes on with {put.Sort} where {expected} must stand.");
            }

            _topics[topic] = expected;
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

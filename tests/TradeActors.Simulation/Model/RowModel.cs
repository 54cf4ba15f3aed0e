using System.Text.Json;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>
/// Rows and snapshots (PROTOCOL 12): every row has one writing entity and is what a fresh replay of that entity's events makes of it; every snapshot is
/// what the events make that were stored before it.
/// </summary>
internal sealed class RowModel(SimWorld world)
{
    private readonly Dictionary<RowKey, EntityId> _writers = [];
    private readonly SortedDictionary<EntityId, (object State, long Seq)> _folded = [];

    /// <summary>A part is in the journal.</summary>
    public void Stored(EntityAppend part)
    {
        foreach (var change in part.Rows)
        {
            if (!_writers.TryAdd(change.Key, part.Id) && _writers[change.Key] != part.Id)
            {
                throw new SimulationFailure("RowHasOneWriter", $"{Named(change.Key)} is written by {part.Id} and was written by {_writers[change.Key]}.");
            }
        }

        if (part.Snapshot is { } snapshot)
        {
            CheckSnapshot(part, snapshot);
        }
    }

    /// <summary>At the end: the rows that are stored are those that the events make, in every table.</summary>
    public void CheckAtRest()
    {
        var replayed = new Replayed();
        foreach (var id in world.Journal.Streams)
        {
            Replay(id, replayed);
        }

        // Kept texts are in no event: only who wrote them can be checked.
        var stored = world.Journal.Rows.Where(row => row.Key.Table != ReadTable.Texts).ToDictionary();
        foreach (var (key, row) in replayed.Rows.Where(row => row.Key.Table != ReadTable.LiveEvents))
        {
            Require(stored.Remove(key, out var found) && IsSame(row, found), key, row, found);
        }

        if (stored.Count > 0)
        {
            var first = stored.Values.MinBy(row => Named(row.Key), StringComparer.Ordinal)!;
            Require(false, first.Key, null, first);
        }

        CheckLive(replayed);
    }

    private void CheckLive(Replayed replayed)
    {
        foreach (var topic in world.Journal.Live.Topics)
        {
            foreach (var row in world.Journal.Live.Kept(topic))
            {
                var made = replayed.Rows.GetValueOrDefault(row.Key);
                Require(made is not null && IsSame(made, row), row.Key, made, row);
            }
        }
    }

    private void CheckSnapshot(EntityAppend part, SnapshotRow snapshot)
    {
        if (snapshot.Seq > part.ExpectedSeq)
        {
            throw new SimulationFailure("SnapshotsAreCommitted", $"A snapshot of {part.Id} at {snapshot.Seq} is stored where {part.ExpectedSeq} events were.");
        }

        var rules = RulesOf(part.Id);
        var (state, seq) = _folded.GetValueOrDefault(part.Id, (rules.Empty, 0));
        for (; seq < snapshot.Seq; seq++)
        {
            var row = world.Journal.Events(part.Id)[(int)seq];
            var @event = world.Types.Decode(row.Type, row.Payload);
            state = @event is RuntimeEvent ? state : rules.Apply(state, @event);
        }

        if (seq > snapshot.Seq)
        {
            return; // An older one: the journal keeps the later.
        }

        _folded[part.Id] = (state, seq);
        var (_, expected) = world.Types.Encode(state);
        using var stored = JsonDocument.Parse(snapshot.State);
        var found = stored.RootElement.GetProperty("state").GetRawText();
        if (found != System.Text.Encoding.UTF8.GetString(expected))
        {
            throw new SimulationFailure("SnapshotsAreCommitted", $"The snapshot of {part.Id} at {seq} is {found}; its events make {System.Text.Encoding.UTF8.GetString(expected)}.");
        }
    }

    private void Replay(EntityId id, Replayed rows)
    {
        var rules = RulesOf(id);
        var state = rules.Empty;
        foreach (var row in world.Journal.Events(id))
        {
            switch (world.Types.Decode(row.Type, row.Payload))
            {
                case MessageParked parked:
                    rows.Put(
                        new RowKey(ReadTable.Parked, "", "", $"{id}/{row.Seq}"), row.StoredAt.ToUnixTimeMilliseconds(), "",
                        new ParkedRow(id.ToString(), row.Seq, parked.MessageName, parked.Error, parked.From, row.StoredAt));
                    break;
                case RuntimeEvent:
                    break;
                case var @event:
                    var after = rules.Apply(state, @event);
                    rules.Project(id, state, new StampedEvent(row.Seq, row.StoredAt, @event), after, rows);
                    state = after;
                    break;
            }
        }
    }

    private IEntityBehavior RulesOf(EntityId id) => world.Rules.First(rules => rules.Kind == id.Kind);

    private static bool IsSame(Row one, Row other) => (one.Sort, one.State) == (other.Sort, other.State) && one.Doc.AsSpan().SequenceEqual(other.Doc);

    private static string Named(RowKey key) => $"{key.Table} {key.Tenant}/{key.Parent}/{key.Id}";

    private static void Require(bool holds, RowKey key, Row? made, Row? stored)
    {
        if (!holds)
        {
            throw new SimulationFailure("RowsAreProjected", $"{Named(key)} is stored as {Text(stored)}; its events make {Text(made)}.");
        }
    }

    private static string Text(Row? row) => row is null ? "nothing" : $"{row.Sort} {row.State} {System.Text.Encoding.UTF8.GetString(row.Doc)}";

    private sealed class Replayed : IRowSink
    {
        public Dictionary<RowKey, Row> Rows { get; } = [];

        public void Put(RowKey key, long sort, string state, object doc) => Rows[key] = new Row(key, sort, state, RowJson.Serialize(doc));

        public void Drop(RowKey key) => Rows.Remove(key);
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <content>What a journal with a deliberate defect does otherwise.</content>
internal sealed partial class SimJournal
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(2);

    private readonly HashSet<(EntityId Receiver, string Lane)> _pruned = [];

    public void RemoveWake(EntityId id) => _wakes[id.ShardHash(shardCount)].Remove(id);

    public bool HasPruned(EntityId receiver, EntityId sender, string lane) => _pruned.Contains((receiver, LaneKey(sender.ToString(), lane)));

    private SnapshotRow? Misread(SnapshotRow? snapshot, int schema) => (snapshot, defect) switch
    {
        (null, _) => null,
        // The other release keeps it elsewhere.
        (_, Defect.SnapshotOfOtherSchemaRead) when snapshot.Schema != schema => Reset(snapshot, "liveSeq"),
        (_, Defect.ReceiverPrunesByTime or Defect.TimeRunsBackwards) => null,
        _ => snapshot,
    };

    private IEnumerable<EventRow> Misread(EntityId id, IEnumerable<EventRow> events) => defect switch
    {
        Defect.ReceiverPrunesByTime => Prune(id, [.. events]),
        Defect.TimeRunsBackwards => events.Select(row => row with { StoredAt = default }),
        _ => events,
    };

    private static SnapshotRow Reset(SnapshotRow snapshot, string member)
    {
        var json = JsonNode.Parse(snapshot.State)!.AsObject();
        if (json["state"]!.AsObject().ContainsKey(member))
        {
            json["state"]![member] = 0;
        }

        return snapshot with { State = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }

    private IEnumerable<EventRow> Prune(EntityId id, EventRow[] events)
    {
        var now = _streams.Values.Select(stream => stream[^1].StoredAt).DefaultIfEmpty().Max();
        var old = events.Where(row => row.Meta is not null).Select(row => (Lane: LaneOf(row.Meta!), row.StoredAt)).Where(mark => mark.Lane is not null)
            .GroupBy(mark => mark.Lane).Where(lane => lane.Max(mark => mark.StoredAt) < now - Forgotten).Select(lane => lane.Key!).ToHashSet();
        _pruned.UnionWith(old.Select(lane => (id, lane)));
        return events.Select(row => row.Meta is not null && LaneOf(row.Meta) is { } lane && old.Contains(lane) ? row with { Meta = WithoutMark(row.Meta) } : row);
    }

    private static string? LaneOf(byte[] meta)
    {
        using var json = JsonDocument.Parse(meta);
        return json.RootElement.TryGetProperty("from", out var from) ? LaneKey(from[0].GetString()!, from[1].GetString()!) : null;
    }

    private static string LaneKey(string sender, string lane) => lane.Length == 0 ? sender : $"{sender}#{lane}";
}

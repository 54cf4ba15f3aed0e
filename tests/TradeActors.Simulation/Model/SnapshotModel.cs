using System.Text;
using System.Text.Json;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>A snapshot says what the stored events before it say, from the moment at which it is written.</summary>
internal sealed class SnapshotModel(SimWorld world)
{
    private readonly Dictionary<EntityId, (long Seq, object State)> _folded = [];

    public void Stored(EntityId id, SnapshotRow snapshot)
    {
        if (snapshot.Seq > world.Journal.Head(id))
        {
            throw new SimulationFailure("SnapshotsAreHistory", $"A snapshot of {id} is written at {snapshot.Seq}, and {world.Journal.Head(id)} events are stored.");
        }

        var rules = world.Rules.First(rules => rules.Kind == id.Kind);
        var (seq, state) = _folded.GetValueOrDefault(id, (0, rules.Empty));
        if (snapshot.Seq < seq)
        {
            return; // Late, and older than one that has been looked at.
        }

        foreach (var row in world.Journal.Events(id).Skip((int)seq).Take((int)(snapshot.Seq - seq)))
        {
            var @event = world.Types.Decode(row.Type, row.Payload);
            state = @event is RuntimeEvent ? state : rules.Apply(state, @event);
        }

        _folded[id] = (snapshot.Seq, state);
        var (_, expected) = world.Types.Encode(state);
        using var stored = JsonDocument.Parse(snapshot.State);
        if (stored.RootElement.GetProperty("state").GetRawText() is var text && text != Encoding.UTF8.GetString(expected))
        {
            throw new SimulationFailure("SnapshotsAreHistory", $"The snapshot of {id} at {snapshot.Seq} is {text}, and its events make {Encoding.UTF8.GetString(expected)}.");
        }
    }
}

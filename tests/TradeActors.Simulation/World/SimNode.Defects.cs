using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <content>What a shell with a deliberate defect does otherwise.</content>
internal sealed partial class SimNode
{
    private readonly HashSet<EntityId> _forgotten = [];

    /// <summary>A defect reads the database's clock wrong in every second process, by less than what makes a node take no part.</summary>
    private TimeSpan Lag => world.Defect == Defect.TimeRunsBackwards && (Life + Number) % 2 == 0 ? TimeSpan.FromMilliseconds(900) : TimeSpan.Zero;

    /// <summary>Gives the answer to a question before its core does.</summary>
    public void AnswerEarly(object message, object reply)
    {
        foreach (var askId in _asks.Where(ask => ReferenceEquals(ask.Value.Message, message)).Select(ask => ask.Key).Order().ToArray())
        {
            world.At(world.Now, () => Reply(askId, reply)); // Not from within a decision, of which a failure would be taken for one of the rules.
        }
    }

    /// <summary>A receiver that has forgotten a lane takes whatever comes for the next of it.</summary>
    private Envelope Misaddress(Envelope envelope) =>
        world.Journal.HasPruned(envelope.To, envelope.From, envelope.Lane) ? envelope with { Previous = 0 } : envelope;

    private FanOutEnvelope Misaddress(FanOutEnvelope envelope) => world.Defect != Defect.ReceiverPrunesByTime ? envelope : envelope with
    {
        Members = [.. envelope.Members.Select(member => world.Journal.HasPruned(member.To, envelope.From, member.Lane) ? member with { Previous = 0 } : member)],
    };

    /// <summary>Snapshots of what is about to be stored, written at once.</summary>
    private void LeakSnapshots(ImmutableArray<EntityAppend> parts)
    {
        foreach (var part in parts.Where(part => part is { Snapshot: not null, Events.IsEmpty: false }))
        {
            var json = JsonNode.Parse(part.Snapshot!.State)!;
            var state = world.Types.Decode(json["type"]!.GetValue<string>(), Encoding.UTF8.GetBytes(json["state"]!.ToJsonString()));
            var rules = world.Rules.First(rules => rules.Kind == part.Id.Kind);
            state = part.Events.Select(row => world.Types.Decode(row.Type, row.Payload)).Where(e => e is not RuntimeEvent).Aggregate(state, rules.Apply);
            json["state"] = JsonNode.Parse(world.Types.Encode(state).Payload);
            world.Journal.WriteSnapshot(
                part.Id, part.Snapshot with { Seq = part.ExpectedSeq + part.Events.Length, State = Encoding.UTF8.GetBytes(json.ToJsonString()) });
        }
    }

    /// <summary>Of each refused part, what its entity decided after its first decision, in the place of that.</summary>
    private void KeepLater(ImmutableArray<EntityAppend> parts)
    {
        foreach (var part in parts)
        {
            var later = part.Events.Skip(1).SkipWhile(row => row.Meta is null).ToArray();
            if (later.Length > 0)
            {
                ImmutableArray<EventRow> moved = [.. later.Select((row, i) => row with { Seq = part.ExpectedSeq + 1 + i })];
                Store([part with { Events = moved, Rows = [], Snapshot = null }]);
            }
        }
    }

    private void Misload(EntityId id, long life)
    {
        switch (world.Defect)
        {
            case Defect.WakeRowRemovedEarly:
                world.Journal.RemoveWake(id);
                break;
            case Defect.PassivationDropsEffect:
                _forgotten.Remove(id);
                world.After(random, world.CoreOptions.PassivateAfter.TotalMilliseconds, world.CoreOptions.PassivateAfter.TotalMilliseconds, () => Forget(id, life));
                break;
        }
    }

    /// <summary>Drops an entity from memory that only listens to its broker; the others of its shard are loaded again as after any claim.</summary>
    private void Forget(EntityId id, long life)
    {
        var shard = id.ShardHash(SimWorld.ShardCount);
        var isListening = _effects.Keys.Where(effect => effect.Item1 == id).Select(effect => effect.Item2).SequenceEqual(["session"]);
        if (life != Life || !Owns(shard) || !isListening || !_forgotten.Add(id))
        {
            return;
        }

        world.Trace.Add("forget", Name, id);
        world.Journal.RemoveWake(id);
        world.Journal.Claim(shard, Name); // So that it is dropped from memory, and the others of its shard are loaded again.
    }
}

using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>
/// Promises 1 and 2 from one end to the other, by the stored events alone: every acknowledged signal is judged once, or set aside for the operator; an accepted one is on every account
/// that was subscribed then, once, or was set aside there; and what it came to is orders, a close, or a stored reason.
/// </summary>
internal sealed class SignalChecks(SimWorld world)
{
    private readonly SortedDictionary<string, List<(EntityId Account, SignalTaken Taken)>> _taken = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _parked = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _acted = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (SignalOutcome Outcome, string? Reason)> _settled = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _abandoned = new(StringComparer.Ordinal);

    public void Run()
    {
        foreach (var id in world.Journal.Streams.Where(id => id.Kind == EntityKind.Account))
        {
            foreach (var row in world.Journal.Events(id))
            {
                Read(id, world.Types.Decode(row.Type, row.Payload));
            }
        }

        var judged = world.Model.Recorders.SelectMany(recorder => recorder.Judged).Select(signal => signal.Key).ToArray();
        Require(judged.Length == judged.Distinct().Count(), "A delivery has been judged by two recorders.");
        foreach (var signalId in world.Model.Acknowledged.Except(judged).Except(world.Model.SetAside))
        {
            Require(false, $"{signalId} is acknowledged and no recorder has judged it.");
        }

        foreach (var recorder in world.Model.Recorders)
        {
            foreach (var lane in recorder.Lanes)
            {
                foreach (var fanOut in lane.FanOuts)
                {
                    CheckMember(recorder.Id, lane, fanOut);
                }
            }
        }

        var expected = world.Model.Recorders.SelectMany(recorder => recorder.Lanes)
            .Sum(lane => lane.FanOuts.Count(fanOut => !_parked.Contains(Parked(lane.Account, lane.Lane, fanOut.Number))));
        Require(_taken.Values.Sum(taken => taken.Count) == expected, "An account has taken a signal of which it was no member.");
    }

    private void Read(EntityId id, object @event)
    {
        switch (@event)
        {
            case SignalTaken e:
                if (!_taken.TryGetValue(Taken(id, e.SubscriptionId, e.SignalId), out var taken))
                {
                    _taken.Add(Taken(id, e.SubscriptionId, e.SignalId), taken = []);
                }

                taken.Add((id, e));
                break;
            case MessageParked { From: { } from } when from.Split('#') is [_, { Length: > 0 } lane, var number]:
                _parked.Add(Parked(id, lane, long.Parse(number)));
                break;
            case OrderPlanned { SignalId: { } signalId } e:
                _acted.Add(Taken(id, e.Owner, signalId));
                break;
            case CloseAsked { SignalId: { } signalId } e:
                _acted.Add(Taken(id, e.Owner, signalId));
                break;
            case EntryQueued e:
                _acted.Add(Taken(id, e.Owner, e.Entry.SignalId));
                break;
            case SignalSettled e:
                Require(_settled.TryAdd(Taken(id, e.SubscriptionId, e.SignalId), (e.Outcome, e.Reason)), $"{id} settles {e.SignalId} of {e.SubscriptionId} twice.");
                break;
            case OrderChanged { Status: OrdStatus.Abandoned }:
                _abandoned.Add(id.ToString());
                break;
        }
    }

    private void CheckMember(EntityId recorder, LaneModel lane, FanOutModel fanOut)
    {
        var key = Taken(lane.Account, lane.Lane, fanOut.SignalId);
        var taken = _taken.GetValueOrDefault(key) ?? [];
        if (_parked.Contains(Parked(lane.Account, lane.Lane, fanOut.Number)))
        {
            Require(taken.Count == 0, $"{lane.Account} has taken {fanOut.SignalId} of {recorder} and set it aside.");
            return;
        }

        Require(taken.Count == 1, $"{lane.Account} has taken {fanOut.SignalId} of {recorder} for {lane.Lane} {taken.Count} times.");
        var e = taken[0].Taken;
        Require(e.RecorderId == recorder.Key && e.Number == fanOut.Number, $"{lane.Account} has taken {fanOut.SignalId} as {e.Number} of {e.RecorderId}.");
        if (e.Outcome != SignalOutcome.Ordered)
        {
            Require(e.Reason is not null && !_acted.Contains(key), $"{lane.Account} says {e.Outcome} of {fanOut.SignalId}, and gives no reason or acts on it.");
            return;
        }

        Require(_acted.Contains(key), $"{lane.Account} says it has ordered for {fanOut.SignalId}, and nothing stands for it.");
        Require(
            _abandoned.Contains(lane.Account.ToString()) || IsOpen(lane, fanOut)
                || (_settled.TryGetValue(key, out var end) && (end.Outcome == SignalOutcome.Filled || end.Reason is not null)),
            $"{lane.Account} has not said what became of {fanOut.SignalId}.");
    }

    /// <summary>Something of it still rests at the broker.</summary>
    private bool IsOpen(LaneModel lane, FanOutModel fanOut) => world.Journal.Events(lane.Account)
        .Select(row => world.Types.Decode(row.Type, row.Payload)).OfType<OrderPlanned>()
        .Any(e => e.Owner == lane.Lane && e.SignalId == fanOut.SignalId && !world.Model.Account(lane.Account).Orders[e.ClOrdId].IsOver);

    private static string Taken(EntityId account, string lane, string signalId) => $"{account}|{lane}|{signalId}";

    private static string Parked(EntityId account, string lane, long number) => $"{account}|{lane}|#{number}";

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure("SignalsReachAll", otherwise);
        }
    }
}

using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Connections;

/// <summary>
/// What is made of a look at the broker's own lists. An order of ours that works there is ours, whatever was concluded here: one that is being asked for is
/// found, one that was given up is taken back, one that was told as over is canceled. An order of ours that no longer works there is asked for. A position
/// that differs and stays so is shown to a person and never closed by itself: foreign quantity is no business of ours.
/// </summary>
internal static class Reconciliation
{
    /// <summary>Two looks of one session, that far apart, must show the same difference with no fill in between: fills are on their way, and lists lag.</summary>
    public static readonly TimeSpan DriftSettles = TimeSpan.FromSeconds(10);

    public static Reaction Compare(ConnectionState state, SnapshotTaken taken, DateTimeOffset now)
    {
        var events = ImmutableArray.CreateBuilder<object>();
        var sends = ImmutableArray.CreateBuilder<Outgoing>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        foreach (var order in state.Orders.Values)
        {
            var reaction = Compare(state, taken, order, now);
            events.AddRange(reaction.Events);
            sends.AddRange(reaction.Sends);
            warnings.AddRange(reaction.Warnings);
        }

        ComparePositions(state, taken, events, warnings);
        return new Reaction(events.ToImmutable(), sends.ToImmutable(), null) { Warnings = warnings.ToImmutable() };
    }

    private static Reaction Compare(ConnectionState state, SnapshotTaken taken, OrderInFlight order, DateTimeOffset now)
    {
        var listed = taken.Snapshot.WorkingOrders.FirstOrDefault(working =>
            working.ClOrdId == order.ClOrdId || (working.ClOrdId is null && working.BrokerOrderId == order.BrokerOrderId));
        return (order, listed) switch
        {
            ({ Phase: OrderPhase.Unknown or OrderPhase.Abandoned }, { } found) => Connection.Adopt(order, found, now),
            ({ IsUnseen: true }, { } found) => Revive(order, found.BrokerOrderId),
            // Its end was not heard, or is on its way: the broker is asked before anything is concluded.
            ({ Phase: OrderPhase.Working }, null) when taken.AskedAt >= state.Traits!.NotPlacedFrom(order.SendBefore) =>
                new([new OutcomeUnknown(order.ClOrdId, "Not among the broker's working orders", now)], [], null),
            _ => Reaction.Nothing,
        };
    }

    /// <summary>It was concluded here that the order was never placed, and it works: a request can arrive later than any deadline. It is canceled; fills are booked.</summary>
    public static Reaction Revive(OrderInFlight order, string brokerOrderId) => new([new OrderRevived(order.ClOrdId, brokerOrderId)], [], null)
    {
        Warnings = [$"{order.ClOrdId} was told as over and works at the broker as {brokerOrderId}: it is canceled."],
    };

    private static void ComparePositions(
        ConnectionState state, SnapshotTaken taken, ImmutableArray<object>.Builder events, ImmutableArray<string>.Builder warnings)
    {
        var there = taken.Snapshot.Positions.GroupBy(position => position.Symbol, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(group => group.Key, group => group.Sum(position => position.Quantity), StringComparer.Ordinal);
        foreach (var symbol in state.Net.Keys.Union(there.Keys, StringComparer.Ordinal).Union(state.Drifts.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (booked, held) = (state.Net.GetValueOrDefault(symbol), there.GetValueOrDefault(symbol));
            var known = state.Drifts.GetValueOrDefault(symbol);
            if ((known?.Quantity ?? 0m) != held - booked || (taken.IsFirst && known is { IsConfirmed: false }))
            {
                events.Add(new DriftSeen(symbol, held - booked, taken.AskedAt));
            }
            else if (known is { IsConfirmed: false } && taken.AskedAt - known.Since >= DriftSettles)
            {
                events.Add(new DriftConfirmed(symbol, known.Quantity));
                warnings.Add($"The broker holds {held} {symbol}, and {booked} is booked. Nothing is done about the difference of {known.Quantity}: look at it.");
            }
        }
    }
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;

namespace TradeActors.Entities.Accounts;

/// <summary>Binds <see cref="Account"/> to the entity port.</summary>
public sealed class AccountBehavior(Installation installation, ILastQuotes quotes) : IEntityBehavior
{
    public string Kind => EntityKind.Account;

    public int SnapshotSchema => 2;

    public object Empty => AccountState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context) => Account.Decide(
        (AccountState)state, message, new AccountContext(context.Self, context.Now, installation.Incarnation, context.Sender, quotes), context.LookedUp is not null);

    public object Apply(object state, object @event) => Account.Apply((AccountState)state, (AccountEvent)@event);

    public Pending Pending(EntityId self, object state) => Account.Pending((AccountState)state);

    /// <summary>A caller's own ClOrdID that has left the state is looked up before it counts as new (PROTOCOL 7).</summary>
    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) =>
        message is PlaceManualOrder { ClOrdId: { } clOrdId } && (AccountState)state is { HasForgotten: true } known && !known.Orders.ContainsKey(clOrdId)
            ? [new RowKey(ReadTable.Orders, self.Tenant, self.Key, clOrdId)]
            : [];

    /// <summary>An operation waits for its result: nothing will come, and it must hear so.</summary>
    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) =>
        message is FanOutPart { Message: OperationOrder order }
            ? [new Outgoing(context.Sender!.Value, new OperationResult(order.Kind, OperationReason.Parked, context.Now))]
            : [];

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        var state = (AccountState)after;
        LiveRows.Put(self, state.LiveSeq, @event, rows);
        switch (@event.Event)
        {
            case AccountOpened or LimitsChanged or AccountHalted or HaltConfirmed or AccountResumed:
                PutAccount(self, state, rows);
                break;
            case OrderPlanned e:
                PutOrder(self, state.Orders[e.ClOrdId], @event.At, rows);
                PutOutcome(self, state, e.Owner, e.SignalId, rows);
                break;
            case OrderChanged e:
                PutOrder(self, state, e.ClOrdId, @event.At, rows);
                break;
            case TradeBooked e:
                PutOrder(self, state, e.ClOrdId, @event.At, rows);
                PutFill(self, state, e, rows);
                PutAccount(self, state, rows);
                break;
            case SignalTaken e:
                PutOutcome(self, e, [], e.Outcome, e.Reason, rows);
                break;
            case EntryDropped e:
                PutOutcome(self, state, e.Owner, e.SignalId, rows);
                break;
            case SignalSettled e:
                var open = ((AccountState)before).OpenSignals[OpenSignal.Key(e.SubscriptionId, e.SignalId)];
                PutOutcome(self, open.Taken, open.Orders, e.Outcome, e.Reason, rows);
                break;
        }
    }

    private static void PutAccount(EntityId self, AccountState state, IRowSink rows)
    {
        var opened = state.Opened!;
        var word = !state.IsHalted ? "active" : state.ConfirmedHalts < state.Halts ? "halting" : "halted";
        rows.Put(
            new RowKey(ReadTable.Accounts, self.Tenant, "", self.Key), opened.At.ToUnixTimeMilliseconds(), word,
            new AccountRow(
                self.Key, opened.Name, opened.Broker, opened.Currency, state.Balance, state.RealizedToday, state.TradingDay, word, state.HaltedBecause,
                [.. state.Positions.Values.Select(position => new PositionDoc(position.Symbol, position.Quantity, position.AveragePrice))],
                state.Limits, opened.At));
    }

    private static void PutOrder(EntityId self, AccountState state, string clOrdId, DateTimeOffset at, IRowSink rows)
    {
        if (state.Orders.TryGetValue(clOrdId, out var order))
        {
            PutOrder(self, order, at, rows);
        }
    }

    private static void PutOrder(EntityId self, AccountOrder order, DateTimeOffset at, IRowSink rows)
    {
        var word = OrderStates.Word(order.Status);
        var terms = order.Terms;
        var subscription = order.Owner == AccountState.Manual ? null : order.Owner;
        rows.Put(
            new RowKey(ReadTable.Orders, self.Tenant, self.Key, order.ClOrdId), TimedSort.Of(order.CreatedAt, order.Number), word,
            new OrderRow(
                order.ClOrdId, order.ClOrdId, terms.Symbol, terms.Side, terms.OrdType, terms.OrderQty, order.CumQty, terms.Price, terms.StopPx,
                order.AvgPx, terms.TimeInForce, word, order.Reason, order.Purpose, order.RecorderId, subscription, order.SignalId, order.CreatedAt, at));
    }

    private static void PutFill(EntityId self, AccountState state, TradeBooked e, IRowSink rows)
    {
        var order = state.Orders.GetValueOrDefault(e.ClOrdId);
        rows.Put(
            new RowKey(ReadTable.Fills, self.Tenant, self.Key, e.ExecId), TimedSort.Of(e.TransactTime, state.LastFillNumber), "",
            new FillRow(
                e.ExecId, e.ClOrdId, e.Symbol, e.Side, e.LastQty, e.LastPx, e.Commission, e.Realized, order?.RecorderId, order?.SignalId, e.TransactTime));
    }

    private static void PutOutcome(EntityId self, AccountState state, string owner, string? signalId, IRowSink rows)
    {
        if (signalId is not null && state.OpenSignals.TryGetValue(OpenSignal.Key(owner, signalId), out var open))
        {
            PutOutcome(self, open.Taken, open.Orders, SignalOutcome.Ordered, open.Taken.Reason, rows);
        }
    }

    private static void PutOutcome(
        EntityId self, SignalTaken taken, System.Collections.Immutable.ImmutableArray<string> orders, SignalOutcome outcome, string? reason, IRowSink rows)
    {
        var word = SignalOutcomes.Word(outcome);
        rows.Put(
            new RowKey(ReadTable.SignalOutcomes, self.Tenant, taken.SignalId, $"{self.Key}/{taken.SubscriptionId}"), taken.Number, word,
            new OutcomeRow(self.Key, taken.SubscriptionId, word, reason, taken.Detail, orders, taken.Verdicts));
    }
}

/// <summary>What became of a signal on an account, as the API spells it.</summary>
public static class SignalOutcomes
{
    public static string Word(SignalOutcome outcome) => outcome switch
    {
        SignalOutcome.Ordered => "ordered",
        SignalOutcome.Filled => "filled",
        SignalOutcome.Skipped => "skipped",
        SignalOutcome.Expired => "expired",
        _ => "failed",
    };
}

/// <summary>Order states as the API spells them.</summary>
public static class OrderStates
{
    public static string Word(OrdStatus status) => status switch
    {
        OrdStatus.Planned => "planned",
        OrdStatus.PendingNew => "pendingNew",
        OrdStatus.PartiallyFilled => "partiallyFilled",
        OrdStatus.Unknown or OrdStatus.Abandoned => "unknown",
        OrdStatus.Filled => "filled",
        OrdStatus.Canceled => "canceled",
        OrdStatus.Rejected => "rejected",
        OrdStatus.Expired => "expired",
        _ => "working",
    };

    /// <summary>The states of orders that may still fill.</summary>
    public static readonly System.Collections.Immutable.ImmutableArray<string> Working = ["planned", "pendingNew", "working", "partiallyFilled", "unknown"];
}

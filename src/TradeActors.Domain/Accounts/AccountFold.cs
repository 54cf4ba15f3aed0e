using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>Folds stored events into the account's state. No rule is left to check: the event has happened.</summary>
internal static class AccountFold
{
    public static AccountState Apply(AccountState state, AccountEvent @event)
    {
        state = state with { LiveSeq = state.LiveSeq + 1 };
        return @event switch
        {
            AccountOpened e => state with { Opened = e, Limits = e.Limits, Balance = e.StartingBalance },
            LimitsChanged e => state with { Limits = e.Limits },
            AccountHalted e => state with { HaltedBecause = e.Reason, Halts = state.Halts + 1 },
            HaltConfirmed e => state with { ConfirmedHalts = e.Halts },
            OperationTaken or OperationSettled => OperationWork.Apply(state, @event),
            AccountResumed => state with { HaltedBecause = null },
            SubscriptionSet e => state with { Subscriptions = state.Subscriptions.SetItem(e.SubscriptionId, e) },
            SignalTaken e => Take(state, e),
            SignalSettled e => state with { OpenSignals = state.OpenSignals.Remove(OpenSignal.Key(e.SubscriptionId, e.SignalId)) },
            CloseAsked e => ChangeShare(
                Supersede(state, e.Owner, e.Symbol), e.Owner, e.Symbol,
                share => share with { Goal = new CloseGoal(e.DownTo, e.SignalId, 0, null), Next = null }),
            SharesNetted e => Tally(
                Net(Net(state, e.Owner, e.Symbol, e.Quantity), e.Against, e.Symbol, e.Quantity), e.Owner, tally => tally.WithRealized(e.TradingDate, e.Realized)),
            ProtectionSet e => ChangeShare(state, e.Owner, e.Symbol, share => share with
            {
                Protection = e.StopPx is null && e.Targets.IsEmpty ? null : new Protection(e.StopPx, e.Targets, e.SignalId, 0, null),
                FlattenAt = e.FlattenAt,
            }),
            ProtectionDelayed e => ChangeShare(state, e.Owner, e.Symbol, share => share with
            {
                Protection = share.Protection is { } protection ? protection with { Refusals = protection.Refusals + 1, RetryAt = e.RetryAt } : null,
            }),
            CloseReached e => ChangeShare(OperationWork.Reach(state, e), e.Owner, e.Symbol, share => share with { Goal = null, Next = null }),
            CloseDelayed e => ChangeShare(state, e.Owner, e.Symbol, share => share with
            {
                Goal = share.Goal! with { Refusals = share.Goal.Refusals + 1, RetryAt = e.RetryAt },
            }),
            EntryQueued e => ChangeShare(Supersede(state, e.Owner, e.Symbol), e.Owner, e.Symbol, share => share with { Next = e.Entry }),
            EntryDropped e => Drop(state, e),
            OrderPlanned e => Plan(state, e),
            CancelAsked e => ChangeOrder(state, e.ClOrdId, order => order with { CancelAsked = true, CanceledForClose = order.CanceledForClose || e.ForClose }),
            OrderChanged e => Forget(Answered(ChangeOrder(state, e.ClOrdId, order => order with { Status = e.Status, Reason = e.Reason ?? order.Reason }), e), e.ClOrdId),
            TradeBooked e => Book(state, e),
            _ => throw new UnreachableException($"No fold for {@event.GetType().Name}."),
        };
    }

    private static AccountState Take(AccountState state, SignalTaken taken)
    {
        state = taken.Entry switch
        {
            null => state,
            { IsOffer: true } entry => Tally(state, taken.SubscriptionId, tally => tally.WithOffer(entry.TradingDate)),
            { } entry => Tally(state, taken.SubscriptionId, tally => tally.WithEntry(entry.TradingDate, entry.ReceivedAt)),
        };
        return taken.Outcome == SignalOutcome.Ordered
            ? state with { OpenSignals = state.OpenSignals.SetItem(OpenSignal.Key(taken.SubscriptionId, taken.SignalId), new OpenSignal(taken, [])) }
            : state;
    }

    private static AccountState Tally(AccountState state, string owner, Func<EntryTally, EntryTally> change) => owner == AccountState.Manual
        ? state
        : state with { Tallies = state.Tallies.SetItem(owner, change(state.Tallies.GetValueOrDefault(owner, EntryTally.None))) };

    /// <summary>An accepted order of the protection ends the series of refusals.</summary>
    private static AccountState Answered(AccountState state, OrderChanged e) =>
        e.Status == OrdStatus.Working && state.Orders.GetValueOrDefault(e.ClOrdId) is { Purpose: OrderPurpose.Protection } order
            && state.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol))?.Protection is { Refusals: > 0 } protection
            ? ChangeShare(state, order.Owner, order.Terms.Symbol, share => share with { Protection = protection with { Refusals = 0 } })
            : state;

    private static AccountState Drop(AccountState state, EntryDropped e) =>
        ChangeShare(Explain(state, e.Owner, e.SignalId, e.Reason), e.Owner, e.Symbol, share => share with { Next = null });

    /// <summary>A waiting entry gives way to what comes now; its signal's outcome says so.</summary>
    private static AccountState Supersede(AccountState state, string owner, string symbol) =>
        state.Shares.GetValueOrDefault(Share.Key(owner, symbol))?.Next is { } next ? Explain(state, owner, next.SignalId, SignalReason.Superseded) : state;

    private static AccountState Explain(AccountState state, string owner, string signalId, string reason)
    {
        var key = OpenSignal.Key(owner, signalId);
        return state.OpenSignals.TryGetValue(key, out var open)
            ? state with { OpenSignals = state.OpenSignals.SetItem(key, open with { Taken = open.Taken with { Reason = reason } }) }
            : state;
    }

    /// <summary>Brings a share nearer to flat.</summary>
    private static AccountState Net(AccountState state, string owner, string symbol, decimal quantity) =>
        ChangeShare(state, owner, symbol, share => share with { Quantity = share.Quantity - (Math.Sign(share.Quantity) * quantity) });

    private static AccountState Plan(AccountState state, OrderPlanned e)
    {
        var order = new AccountOrder(
            e.ClOrdId, e.Number, e.Owner, e.RecorderId, e.SignalId, e.Purpose, e.Terms, OrdStatus.Planned, 0m, null, null, false, false, e.At, e.Guard,
            e.Level);
        // A signal is settled when its entry is, not when what protects the position ends.
        var signalKey = e.SignalId is null || e.Purpose == OrderPurpose.Protection ? null : OpenSignal.Key(e.Owner, e.SignalId);
        var signals = signalKey is not null && state.OpenSignals.TryGetValue(signalKey, out var open)
            ? state.OpenSignals.SetItem(signalKey, open with { Orders = open.Orders.Add(e.ClOrdId) })
            : state.OpenSignals;
        // A closing order answers the goal's wait: the next refusal sets a new one.
        state = ChangeShare(state, e.Owner, e.Terms.Symbol, share => (e.Purpose, share) switch
        {
            (OrderPurpose.Exit, { Goal: { } goal }) => share with { Goal = goal with { RetryAt = null } },
            (OrderPurpose.Protection, { Protection: { } protection }) => share with { Protection = protection with { RetryAt = null } },
            _ => share,
        });
        return state with { Orders = state.Orders.SetItem(e.ClOrdId, order), LastOrderNumber = e.Number, OpenSignals = signals };
    }

    private static AccountState Book(AccountState state, TradeBooked e)
    {
        var signed = e.LastQty * e.Side.Sign;
        state = ChangeOrder(state, e.ClOrdId, order => Fill(order, e.LastQty, e.LastPx));
        state = ChangeShare(state, e.Owner, e.Symbol, share => Trade(share, signed, e.LastPx, state.Orders.GetValueOrDefault(e.ClOrdId), e.LastQty));
        state = Tally(state, e.Owner, tally => tally.WithRealized(e.TradingDate, e.OwnRealized));
        var position = Trade(state.Positions.GetValueOrDefault(e.Symbol) ?? new Position(e.Symbol, 0m, 0m), signed, e.LastPx);
        var today = e.TradingDay == state.TradingDay ? state.RealizedToday : 0m;
        state = state with
        {
            Positions = position.Quantity == 0m ? state.Positions.Remove(e.Symbol) : state.Positions.SetItem(e.Symbol, position),
            Balance = state.Balance + e.Realized - e.Commission,
            RealizedToday = today + e.Realized - e.Commission,
            TradingDay = e.TradingDay,
            LastFillNumber = state.LastFillNumber + 1,
        };
        return Forget(state, e.ClOrdId);
    }

    private static AccountOrder Fill(AccountOrder order, decimal lastQty, decimal lastPx)
    {
        var cumQty = order.CumQty + lastQty;
        return order with
        {
            CumQty = cumQty,
            AvgPx = (((order.AvgPx ?? 0m) * order.CumQty) + (lastPx * lastQty)) / cumQty,
            // A fill can cross a cancel on the wire: a canceled order may yet fill, but never works again.
            Status = cumQty >= order.Terms.OrderQty ? OrdStatus.Filled : order.Status.IsTerminal ? order.Status : OrdStatus.PartiallyFilled,
        };
    }

    private static Position Trade(Position position, decimal signed, decimal price) => position with
    {
        Quantity = position.Quantity + signed,
        AveragePrice = AverageOf(position.Quantity, position.AveragePrice, signed, price),
    };

    /// <summary>What protected a share does not protect the other side, or what is opened after it was flat.</summary>
    private static Share Trade(Share share, decimal signed, decimal price, AccountOrder? order, decimal lastQty)
    {
        var traded = share with
        {
            Quantity = share.Quantity + signed,
            AveragePrice = AverageOf(share.Quantity, share.AveragePrice, signed, price),
        };
        return Math.Sign(traded.Quantity) != Math.Sign(share.Quantity)
            ? traded with { Protection = null, FlattenAt = null }
            // An order of an earlier protection, which fills while it is being withdrawn, has served no target of this one.
            : order is { Purpose: OrderPurpose.Protection, Level: { } level } && share.Protection is { } protection
                && level < protection.Targets.Length && order.Terms.Price == protection.Targets[level].Price
                ? traded with { Protection = protection with { Targets = Close(protection.Targets, level, lastQty) } }
                : traded;
    }

    private static ImmutableArray<ProtectionTarget> Close(ImmutableArray<ProtectionTarget> targets, int level, decimal quantity) =>
        targets.SetItem(level, targets[level] with { Closed = targets[level].Closed + quantity });

    /// <summary>0 when flat.</summary>
    private static decimal AverageOf(decimal held, decimal average, decimal signed, decimal price)
    {
        var quantity = held + signed;
        var grows = held == 0m || Math.Sign(held) == Math.Sign(signed);
        return quantity == 0m ? 0m
            : grows ? ((average * held) + (price * signed)) / quantity
            : Math.Sign(quantity) == Math.Sign(signed) ? price : average;
    }

    /// <summary>An order that has just finished joins the kept ones, and the oldest of those leaves.</summary>
    private static AccountState Forget(AccountState state, string clOrdId)
    {
        if (!state.Orders.TryGetValue(clOrdId, out var order) || order.IsLive || state.Finished.Contains(clOrdId))
        {
            return state;
        }

        var finished = state.Finished.Add(clOrdId);
        return finished.Count <= AccountState.FinishedKept
            ? state with { Finished = finished }
            : state with { Finished = finished.RemoveAt(0), Orders = state.Orders.Remove(finished[0]), HasForgotten = true };
    }

    /// <summary>Changes a share, beginning it where there is none and dropping it when nothing of it is left.</summary>
    private static AccountState ChangeShare(AccountState state, string owner, string symbol, Func<Share, Share> change)
    {
        var key = Share.Key(owner, symbol);
        var share = change(state.Shares.GetValueOrDefault(key) ?? new Share(owner, symbol, 0m, null, null));
        var isNothing = share is { Quantity: 0m, Goal: null, Next: null };
        return state with { Shares = isNothing ? state.Shares.Remove(key) : state.Shares.SetItem(key, share) };
    }

    private static AccountState ChangeOrder(AccountState state, string clOrdId, Func<AccountOrder, AccountOrder> change) =>
        state.Orders.TryGetValue(clOrdId, out var order) ? state with { Orders = state.Orders.SetItem(clOrdId, change(order)) } : state;
}

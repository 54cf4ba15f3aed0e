using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// How goals become orders (PROTOCOL 2). A goal stands until the share has come down to it: its entries are cancelled first, at most one closing
/// order is out at a time, never for more than what is held less what rests on the closing side, an unknown one blocks the next, and what is
/// entered afterwards waits.
/// </summary>
internal static class CloseWork
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    public static void Advance(Draft draft)
    {
        if (draft.State.Shares.IsEmpty)
        {
            return;
        }

        foreach (var key in draft.State.Shares.Keys)
        {
            if (draft.State.Shares.TryGetValue(key, out var share) && share.Goal is { } goal)
            {
                Advance(draft, share, goal);
            }
        }
    }

    /// <summary>Everything, whoever holds it, down to nothing; every working order canceled.</summary>
    public static void Flatten(Draft draft)
    {
        // Also a resident order of a share that is flat already: it may fill before its cancel arrives.
        foreach (var order in draft.State.LiveOrders.ToArray())
        {
            Ask(draft, order.Owner, order.Terms.Symbol);
        }

        foreach (var share in draft.State.Shares.Values)
        {
            Ask(draft, share.Owner, share.Symbol);
        }
    }

    /// <summary>
    /// A fill that crossed: of an entry that was canceled for a close, or of an exit that the share had outgrown. What it opened is closed at once.
    /// </summary>
    public static void WatchCrossing(Draft draft, AccountOrder order, decimal lastQty)
    {
        var share = draft.State.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol));
        if (share is null or { Goal: not null } or { Quantity: 0m })
        {
            return;
        }

        if (order is { Purpose: OrderPurpose.Entry, CanceledForClose: true })
        {
            draft.Emit(new CloseAsked(share.Owner, share.Symbol, Math.Max(0m, Math.Abs(share.Quantity) - lastQty), order.SignalId));
        }
        else if (order.Purpose is OrderPurpose.Exit or OrderPurpose.Protection && Math.Sign(share.Quantity) == order.Terms.Side.Sign)
        {
            draft.Emit(new CloseAsked(share.Owner, share.Symbol, 0m, order.SignalId));
        }
    }

    /// <summary>The closing order was refused: try again later, not at once and for ever.</summary>
    public static void Delay(Draft draft, AccountOrder order)
    {
        if (draft.State.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol)) is { Goal: { } goal })
        {
            draft.Emit(new CloseDelayed(order.Owner, order.Terms.Symbol, draft.Now + Backoff(goal.Refusals)));
        }
    }

    /// <summary>How long to wait after so many refusals in a row.</summary>
    public static TimeSpan Backoff(int refusals)
    {
        var delay = FirstRetry * (1 << Math.Min(refusals, 10));
        return delay < LastRetry ? delay : LastRetry;
    }

    /// <summary>
    /// Whether an order that closes the share can be reduce-only. The broker sees the net position only: against other owners' opposite shares the order
    /// may rightly open there.
    /// </summary>
    public static bool IsReducing(AccountState state, Share share) =>
        state.Shares.Values.All(other => other.Symbol != share.Symbol || Math.Sign(other.Quantity) != -Math.Sign(share.Quantity));

    /// <summary>What a window's end closes: shares, and entries that are still working.</summary>
    public static void FlattenDue(Draft draft)
    {
        foreach (var share in draft.State.Shares.Values.Where(share => share.FlattenAt <= draft.Now))
        {
            Ask(draft, share.Owner, share.Symbol);
        }

        foreach (var entry in draft.State.LiveOrders.Where(order => IsEntryDue(order, draft.Now)).ToArray())
        {
            Ask(draft, entry.Owner, entry.Terms.Symbol);
        }
    }

    private static bool IsEntryDue(AccountOrder order, DateTimeOffset now) =>
        order is { Purpose: OrderPurpose.Entry, CanceledForClose: false } && order.Guard?.FlattenAt <= now;

    private static void Ask(Draft draft, string owner, string symbol)
    {
        var share = draft.State.Shares.GetValueOrDefault(Share.Key(owner, symbol));
        if (share is not { Goal.DownTo: 0m, Next: null })
        {
            draft.Emit(new CloseAsked(owner, symbol, 0m, null));
        }
    }

    private static void Advance(Draft draft, Share share, CloseGoal goal)
    {
        var live = draft.State.LiveOrdersOf(share.Owner, share.Symbol).ToArray();
        foreach (var entry in live.Where(order => order is { Purpose: OrderPurpose.Entry, CanceledForClose: false }))
        {
            draft.AskCancel(entry, forClose: true);
        }

        ClearProtection(draft, live, goal);
        if (live.Any(order => order.Purpose == OrderPurpose.Exit))
        {
            return; // Also when it is unknown: two closing orders could both fill.
        }

        if (NetAgainstPerson(draft, share, goal, live))
        {
            share = draft.State.Shares.GetValueOrDefault(Share.Key(share.Owner, share.Symbol)) ?? share with { Quantity = 0m };
        }

        var excess = Math.Abs(share.Quantity) - goal.DownTo;
        if (excess > 0m)
        {
            // What rests on the closing side may still fill, pending cancel or unknown: together they never exceed what is held.
            var resident = live.Where(order => order.Terms.Side.Sign == -Math.Sign(share.Quantity)).Sum(order => order.LeavesQty);
            var free = Math.Min(excess, Math.Abs(share.Quantity) - resident);
            if (free > 0m)
            {
                Close(draft, share, goal, free);
            }
        }
        else if (draft.State.LiveOrdersOf(share.Owner, share.Symbol).All(order => order is { Purpose: OrderPurpose.Protection, CancelAsked: false }))
        {
            draft.Emit(new CloseReached(share.Owner, share.Symbol));
            Enter(draft, share);
        }
    }

    /// <summary>Withdraws what protects more than the goal leaves; until that is confirmed it counts against what may be closed.</summary>
    private static void ClearProtection(Draft draft, AccountOrder[] live, CloseGoal goal)
    {
        var kept = goal.DownTo;
        foreach (var order in live.Where(order => order is { Purpose: OrderPurpose.Protection, CancelAsked: false }).OrderBy(order => order.Number))
        {
            if (order.LeavesQty <= kept)
            {
                kept -= order.LeavesQty;
            }
            else
            {
                draft.AskCancel(order, forClose: true);
            }
        }
    }

    /// <summary>
    /// What a person has sold of a bought share (or bought of a sold one) is closed already: selling it again would open. Shares of other
    /// subscriptions are left alone (docs/adr/0005).
    /// </summary>
    private static bool NetAgainstPerson(Draft draft, Share share, CloseGoal goal, AccountOrder[] live)
    {
        var opposite = draft.State.Shares.Values.FirstOrDefault(other =>
            other.Symbol == share.Symbol && Math.Sign(other.Quantity) == -Math.Sign(share.Quantity)
            && (other.Owner == AccountState.Manual) != (share.Owner == AccountState.Manual));
        // What of the other share is being closed by orders already is left to them.
        var free = opposite is null ? 0m : Math.Abs(opposite.Quantity) - draft.State.LiveOrdersOf(opposite.Owner, opposite.Symbol)
            .Where(order => order.Terms.Side.Sign == -Math.Sign(opposite.Quantity))
            .Sum(order => order.LeavesQty);
        // And what may still be closed by orders of its own is not netted away under them.
        var own = Math.Abs(share.Quantity) - Math.Max(goal.DownTo, live.Where(order => order.Terms.Side.Sign == -Math.Sign(share.Quantity)).Sum(order => order.LeavesQty));
        var quantity = Math.Min(own, free);
        if (quantity <= 0m)
        {
            return false;
        }

        var (traded, person) = share.Owner == AccountState.Manual ? (opposite!, share) : (share, opposite!);
        var realized = (person.AveragePrice - traded.AveragePrice) * Math.Sign(traded.Quantity) * quantity * Valuation.PointValueOf(share.Symbol);
        draft.Emit(new SharesNetted(traded.Owner, person.Owner, share.Symbol, quantity, realized, draft.TradingDateOf(share.Symbol)));
        return true;
    }

    private static void Close(Draft draft, Share share, CloseGoal goal, decimal quantity)
    {
        if (goal.RetryAt > draft.Now)
        {
            return;
        }

        var terms = new OrderTerms(
            share.Symbol, share.Quantity > 0m ? Side.Sell : Side.Buy, OrdType.Market, quantity, ReduceOnly: IsReducing(draft.State, share));
        var recorder = draft.State.Subscriptions.GetValueOrDefault(share.Owner)?.RecorderId;
        draft.PlanOrder(share.Owner, recorder, goal.SignalId, OrderPurpose.Exit, terms, validUntil: null);
    }

    /// <summary>The share is closed: what waited for that is entered, unless it has become late or is refused by now (PROTOCOL 13).</summary>
    private static void Enter(Draft draft, Share closed)
    {
        if (closed.Next is not { } next)
        {
            return;
        }

        var held = next.IsTarget ? Math.Abs(closed.Quantity) : 0m;
        if (held >= next.Quantity)
        {
            return; // The share has reached its target by closing alone.
        }

        var terms = next.TermsFor(next.Quantity - held);
        var reason = next.ValidUntil < draft.Now ? SignalReason.Late
            : next.Guard?.FlattenAt <= draft.Now ? SignalReason.OutsideWindow
            : draft.State.Subscriptions.GetValueOrDefault(closed.Owner) is { IsEnabled: false } ? SignalReason.SubscriptionPaused
            : draft.State.IsHalted ? SignalReason.Halted // Also where it reduces the net position: for its subscription it is new exposure.
            : AccountLimitsRules.CheckEntry(draft, terms, isHalted: false)?.Reason;
        if (reason is not null)
        {
            draft.Emit(new EntryDropped(closed.Owner, closed.Symbol, next.SignalId, reason));
            return;
        }

        draft.PlanOrder(closed.Owner, next.RecorderId, next.SignalId, OrderPurpose.Entry, terms, next.ValidUntil, guard: next.Guard);
    }
}

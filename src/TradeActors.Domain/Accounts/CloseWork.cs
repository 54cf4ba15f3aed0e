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
        foreach (var order in draft.State.LiveOrders.Where(order => order.Purpose == OrderPurpose.Entry).ToArray())
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
        else if (order.Purpose == OrderPurpose.Exit && Math.Sign(share.Quantity) == order.Terms.Side.Sign)
        {
            draft.Emit(new CloseAsked(share.Owner, share.Symbol, 0m, order.SignalId));
        }
    }

    /// <summary>The closing order was refused: try again later, not at once and for ever.</summary>
    public static void Delay(Draft draft, AccountOrder order)
    {
        if (draft.State.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol)) is { Goal: { } goal })
        {
            var delay = FirstRetry * Math.Pow(2, Math.Min(goal.Refusals, 10));
            draft.Emit(new CloseDelayed(order.Owner, order.Terms.Symbol, draft.Now + (delay < LastRetry ? delay : LastRetry)));
        }
    }

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

        if (live.Any(order => order.Purpose == OrderPurpose.Exit))
        {
            return; // Also when it is unknown: two closing orders could both fill.
        }

        if (NetAgainstPerson(draft, share, goal))
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
        else if (live.Length == 0)
        {
            draft.Emit(new CloseReached(share.Owner, share.Symbol));
            Enter(draft, share);
        }
    }

    /// <summary>
    /// What a person has sold of a bought share (or bought of a sold one) is closed already: selling it again would open. Shares of other
    /// subscriptions are left alone (docs/adr/0005).
    /// </summary>
    private static bool NetAgainstPerson(Draft draft, Share share, CloseGoal goal)
    {
        var opposite = draft.State.Shares.Values.FirstOrDefault(other =>
            other.Symbol == share.Symbol && Math.Sign(other.Quantity) == -Math.Sign(share.Quantity)
            && (other.Owner == AccountState.Manual) != (share.Owner == AccountState.Manual));
        // What of the other share is being closed by orders already is left to them.
        var free = opposite is null ? 0m : Math.Abs(opposite.Quantity) - draft.State.LiveOrdersOf(opposite.Owner, opposite.Symbol)
            .Where(order => order.Terms.Side.Sign == -Math.Sign(opposite.Quantity))
            .Sum(order => order.LeavesQty);
        var quantity = Math.Min(Math.Abs(share.Quantity) - goal.DownTo, free);
        if (quantity <= 0m)
        {
            return false;
        }

        draft.Emit(new SharesNetted(share.Owner, opposite!.Owner, share.Symbol, quantity));
        return true;
    }

    private static void Close(Draft draft, Share share, CloseGoal goal, decimal quantity)
    {
        if (goal.RetryAt > draft.Now)
        {
            return;
        }

        var side = share.Quantity > 0m ? Side.Sell : Side.Buy;
        // The broker sees the net position only: against other owners' opposite shares this order may rightly open there.
        var isReducing = draft.State.Shares.Values.All(other => other.Symbol != share.Symbol || Math.Sign(other.Quantity) * side.Sign <= 0);
        var terms = new OrderTerms(share.Symbol, side, OrdType.Market, quantity, ReduceOnly: isReducing);
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

        var terms = new OrderTerms(next.Symbol, next.Side, next.OrdType, next.Quantity - held, next.Price, next.StopPx);
        var reason = next.ValidUntil < draft.Now ? SignalReason.Late
            : draft.State.Subscriptions.GetValueOrDefault(closed.Owner) is { IsEnabled: false } ? SignalReason.SubscriptionPaused
            : AccountLimitsRules.CheckEntry(draft.State, terms, draft.State.IsHalted)?.Reason;
        if (reason is not null)
        {
            draft.Emit(new EntryDropped(closed.Owner, closed.Symbol, next.SignalId, reason));
            return;
        }

        draft.PlanOrder(closed.Owner, next.RecorderId, next.SignalId, OrderPurpose.Entry, terms, next.ValidUntil);
    }
}

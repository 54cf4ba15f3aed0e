using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// What a recorder's signal means for the share that its subscription holds on this account. Reductions are always carried out; an entry must
/// pass every rule, and is refused with a reason (PROTOCOL 6, 13).
/// </summary>
internal static class SignalJudge
{
    /// <summary>One signal for one subscription, while it is judged.</summary>
    /// <param name="Expected">Signed size that the share is on its way to: what waits to be entered, else what a goal leaves, else filled and working.</param>
    private sealed record Case(
        FanOutPart Part, RecorderSignal Signal, SubscriptionTerms Terms, Settings Settings, Instrument Instrument, Share Share, decimal Expected);

    public static void Take(Draft draft, FanOutPart part)
    {
        var signal = (RecorderSignal)part.Message;
        var terms = (SubscriptionTerms)part.Terms!;
        if (!draft.State.Subscriptions.ContainsKey(terms.SubscriptionId))
        {
            draft.Emit(new SubscriptionSet(terms.SubscriptionId, draft.Context.Sender!.Value.Key, 0, true));
        }

        if (terms.Overrides?.Inverse is { } inverse && inverse != (signal.Settings.Inverse ?? false))
        {
            signal = signal with { Plan = signal.Plan.Swapped() };
        }

        var contract = InstrumentCatalog.FindContract(signal.Plan.Symbol);
        if (contract is null)
        {
            Say(draft, part, signal, terms, SignalOutcome.Failed, SignalReason.UnknownSymbol, $"'{signal.Plan.Symbol}' is not in this node's catalog.", []);
            return;
        }

        var share = ShareFor(draft.State, terms.SubscriptionId, signal.Plan);
        Judge(draft, new Case(
            part, signal, terms, signal.Settings.OverriddenBy(terms.Overrides), contract.Instrument, share, Expect(draft.State, share)));
    }

    /// <summary>Reports signals of which nothing is outstanding any more.</summary>
    public static void Settle(Draft draft)
    {
        foreach (var open in draft.State.OpenSignals.Values)
        {
            var owner = open.Taken.SubscriptionId;
            var orders = open.Orders.Select(id => draft.State.Orders.GetValueOrDefault(id)).OfType<AccountOrder>().ToArray();
            var isOutstanding = orders.Any(order => order.IsLive)
                || draft.State.Shares.Values.Any(share => share.Owner == owner
                    && (share.Goal?.SignalId == open.Taken.SignalId || share.Next?.SignalId == open.Taken.SignalId));
            if (isOutstanding)
            {
                continue;
            }

            var (outcome, reason) = OutcomeOf(open, orders);
            draft.Emit(new SignalSettled(owner, open.Taken.SignalId, outcome, reason));
        }
    }

    private static (SignalOutcome Outcome, string? Reason) OutcomeOf(OpenSignal open, AccountOrder[] orders)
    {
        if (orders.Any(order => order.CumQty > 0m))
        {
            return (SignalOutcome.Filled, open.Taken.Reason);
        }

        return orders.LastOrDefault()?.Status switch
        {
            OrdStatus.Expired => (SignalOutcome.Expired, SignalReason.Late),
            OrdStatus.Rejected => (SignalOutcome.Failed, SignalReason.OrderRejected),
            OrdStatus.Canceled => (SignalOutcome.Skipped, SignalReason.Canceled),
            _ => (SignalOutcome.Skipped, open.Taken.Reason ?? SignalReason.NothingToClose),
        };
    }

    /// <summary>The share that a plan reduces: of the named month, or of whichever month is held when the signal named only the root.</summary>
    private static Share ShareFor(AccountState state, string owner, SignalPlan plan)
    {
        var symbol = plan.HeldSymbol ?? plan.Symbol;
        var own = state.Shares.Values.Where(share => share.Owner == owner).ToArray();
        return own.FirstOrDefault(share => share.Symbol == symbol)
            ?? own.FirstOrDefault(share => plan.Root is not null && InstrumentCatalog.FindContract(share.Symbol)?.Instrument.Root == plan.Root)
            ?? new Share(owner, symbol, 0m, null, null);
    }

    private static decimal Expect(AccountState state, Share share)
    {
        if (share.Next is { } next)
        {
            return next.Quantity * next.Side.Sign;
        }

        if (share.Goal is { } goal)
        {
            return Math.Sign(share.Quantity) * Math.Min(Math.Abs(share.Quantity), goal.DownTo);
        }

        return share.Quantity + state.LiveOrdersOf(share.Owner, share.Symbol)
            .Where(order => order is { Purpose: OrderPurpose.Entry, CanceledForClose: false })
            .Sum(order => order.LeavesQty * order.Terms.Side.Sign);
    }

    private static void Judge(Draft draft, Case c)
    {
        var plan = c.Signal.Plan;
        var target = plan.Target is { } wanted ? Math.Sign(wanted) * Scale(c, Math.Abs(wanted)) : (decimal?)null;
        var downTo = target is { } t ? ReduceToTarget(c, t) : ReduceByPlan(c);
        var entry = EntryOf(draft, c, target, out var verdicts, out var refusal);
        if (downTo is null && entry is null)
        {
            refusal ??= new AccountLimitsRules.Refusal(
                target is null ? SignalReason.NothingToClose : SignalReason.AlreadyAtTarget, "The subscription's share needs no change.");
            var outcome = refusal.Reason == SignalReason.Late ? SignalOutcome.Expired : SignalOutcome.Skipped;
            Say(draft, c.Part, c.Signal, c.Terms, outcome, refusal.Reason, refusal.Detail, verdicts);
            return;
        }

        Say(draft, c.Part, c.Signal, c.Terms, SignalOutcome.Ordered, refusal?.Reason, refusal?.Detail, verdicts);
        if (downTo is { } size)
        {
            draft.Emit(new CloseAsked(c.Share.Owner, c.Share.Symbol, size, c.Signal.SignalId));
        }

        if (entry is not null)
        {
            Enter(draft, c, entry, isWaiting: downTo is not null || c.Share.Goal is not null);
        }
    }

    /// <summary>The size to come down to for a target; null when nothing needs closing.</summary>
    private static decimal? ReduceToTarget(Case c, decimal target)
    {
        if (c.Expected == 0m && c.Share.Quantity == 0m)
        {
            return null;
        }

        var isSameSide = target != 0m && Math.Sign(target) == Math.Sign(c.Expected);
        return c.Share.Next is not null ? (target == c.Expected ? null : 0m)
            : !isSameSide ? (c.Share.Goal is { DownTo: 0m } ? null : 0m)
            : Math.Abs(target) < Math.Abs(c.Expected) ? Math.Abs(target) : null;
    }

    private static decimal? ReduceByPlan(Case c)
    {
        var plan = c.Signal.Plan;
        var isHeld = c.Expected != 0m || c.Share.Quantity != 0m;
        if (!isHeld)
        {
            return null;
        }

        return plan.Reduce switch
        {
            Reduction.All => 0m,
            Reduction.Quantity when c.Share.Next is not null => 0m, // What waits is queued again, smaller.
            Reduction.Quantity => Math.Max(0m, Math.Abs(c.Expected) - Scale(c, plan.ReduceQuantity!.Value)),
            // An entry against what is held: whatever the recorder's own position was, the share is closed first.
            _ when plan is { EnterSide: { } side, IsAdd: false } && Math.Sign(c.Expected) == -side.Sign => 0m,
            _ => null,
        };
    }

    private static QueuedEntry? EntryOf(
        Draft draft, Case c, decimal? target, out ImmutableArray<Verdict> verdicts, out AccountLimitsRules.Refusal? refusal)
    {
        verdicts = [];
        refusal = null;
        if (SideAndSize(c, target) is not var (side, quantity))
        {
            return null;
        }

        var plan = c.Signal.Plan;
        var entry = new QueuedEntry(
            c.Signal.SignalId, draft.Context.Sender!.Value.Key, plan.Symbol, side, quantity, plan.OrdType, plan.Price, plan.StopPx,
            c.Signal.AgedFrom + c.Settings.EntryMaxAge, IsTarget: IsTopUp(c, target));
        refusal = Refuse(draft, c, entry, out verdicts);
        return refusal is null ? entry : null;
    }

    /// <summary>What the plan would enter on this share, before any rule; null when it enters nothing.</summary>
    private static (Side Side, decimal Quantity)? SideAndSize(Case c, decimal? target)
    {
        var plan = c.Signal.Plan;
        if (target is { } wanted)
        {
            var isSameSide = c.Share.Next is null && Math.Sign(wanted) == Math.Sign(c.Expected);
            var grow = isSameSide ? Math.Abs(wanted) - Math.Abs(c.Expected) : Math.Abs(wanted);
            return plan.IsReductionOnly || wanted == 0m ? null
                : IsTopUp(c, target) ? (wanted > 0m ? Side.Buy : Side.Sell, Math.Abs(wanted))
                : grow <= 0m ? null : (wanted > 0m ? Side.Buy : Side.Sell, grow);
        }

        if (plan is { EnterSide: null, Reduce: Reduction.Quantity } && c.Share.Next is { } next)
        {
            var left = next.Quantity - Scale(c, plan.ReduceQuantity!.Value);
            return left > 0m ? (next.Side, left) : null;
        }

        if (plan.EnterSide is not { } side)
        {
            return null;
        }

        var size = plan.EnterQuantity ?? (plan.IsAdd ? c.Settings.Sizing?.Add : c.Settings.Sizing?.Initial) ?? (plan.IsAdd ? 0m : 1m);
        return (side, Scale(c, size));
    }

    /// <summary>
    /// A target below an entry in flight: the entry is canceled for it, so what its fills leave missing is entered afterwards.
    /// </summary>
    private static bool IsTopUp(Case c, decimal? target) =>
        target is { } wanted && wanted != 0m && c.Share.Next is null && Math.Sign(wanted) == Math.Sign(c.Expected)
        && Math.Abs(wanted) < Math.Abs(c.Expected) && Math.Abs(wanted) > Math.Abs(c.Share.Quantity);

    /// <summary>Every rule for an entry, in order, with a verdict for each; the first that fails refuses.</summary>
    private static AccountLimitsRules.Refusal? Refuse(Draft draft, Case c, QueuedEntry entry, out ImmutableArray<Verdict> verdicts)
    {
        var plan = c.Signal.Plan;
        var subscription = draft.State.Subscriptions[c.Terms.SubscriptionId];
        var isSameSide = Math.Sign(c.Expected) == entry.Side.Sign;
        var age = draft.Now - c.Signal.AgedFrom;
        var direction = c.Settings.Direction;
        var isDirectionAllowed = direction == DirectionFilter.Both || (direction == DirectionFilter.LongOnly) == (entry.Side == Side.Buy);
        var terms = new OrderTerms(entry.Symbol, entry.Side, entry.OrdType, entry.Quantity, entry.Price, entry.StopPx);
        var limit = entry.Quantity > 0m ? AccountLimitsRules.CheckEntry(draft.State, terms, isHalted: false) : null;
        (string Filter, bool Passed, string Reason, string Detail)[] rules =
        [
            ("subscription", subscription.IsEnabled, SignalReason.SubscriptionPaused, subscription.IsEnabled ? "enabled" : "paused or removed"),
            ("halt", !draft.State.IsHalted, SignalReason.Halted, draft.State.HaltedBecause ?? "not halted"),
            ("blocked", c.Settings.Blocked != true, SignalReason.Blocked, c.Settings.Blocked == true ? "blocked by the subscription" : "not blocked"),
            ("age", age <= c.Settings.EntryMaxAge, SignalReason.Late, $"{age.TotalSeconds:0.###} s old, {c.Settings.EntryMaxAge.TotalSeconds:0} s allowed"),
            ("direction", isDirectionAllowed, SignalReason.Direction, $"{entry.Side} with direction {direction}"),
            ("position", !plan.IsAdd || isSameSide, SignalReason.NotInTrade, "an addition needs a position in its direction"),
            ("position", plan.IsAdd || plan.EnterSide is null || !isSameSide, SignalReason.AlreadyInTrade, $"the share already holds {c.Expected}"),
            ("quantity", entry.Quantity > 0m, SignalReason.QuantityTooSmall, $"{entry.Quantity} after the multiplier {c.Terms.Multiplier}"),
            ("limits", limit is null, limit?.Reason ?? "", limit?.Detail ?? "within the account's limits"),
        ];
        verdicts = [.. rules.Select(rule => new Verdict(rule.Filter, rule.Passed, rule.Detail))];
        var failed = Array.FindIndex(rules, rule => !rule.Passed);
        return failed < 0 ? null : new AccountLimitsRules.Refusal(rules[failed].Reason, rules[failed].Detail);
    }

    private static void Enter(Draft draft, Case c, QueuedEntry entry, bool isWaiting)
    {
        if (isWaiting)
        {
            var waiting = c.Signal.Plan.IsAdd ? c.Share.Next?.Quantity ?? 0m : 0m;
            draft.Emit(new EntryQueued(c.Share.Owner, c.Share.Symbol, entry with { Quantity = entry.Quantity + waiting }));
            return;
        }

        var terms = new OrderTerms(entry.Symbol, entry.Side, entry.OrdType, entry.Quantity, entry.Price, entry.StopPx);
        draft.PlanOrder(c.Share.Owner, entry.RecorderId, entry.SignalId, OrderPurpose.Entry, terms, entry.ValidUntil);
    }

    /// <summary>Times the multiplier, rounded down to the instrument's step; at least one whole unit when the unscaled size was at least one.</summary>
    private static decimal Scale(Case c, decimal quantity)
    {
        var step = c.Instrument.QuantityStep;
        var scaled = c.Instrument.RoundQuantityDown(quantity * c.Terms.Multiplier);
        return scaled < step && quantity >= 1m && step == 1m ? 1m : scaled;
    }

    private static void Say(
        Draft draft, FanOutPart part, RecorderSignal signal, SubscriptionTerms terms, SignalOutcome outcome, string? reason, string? detail,
        ImmutableArray<Verdict> verdicts) =>
        draft.Emit(new SignalTaken(
            terms.SubscriptionId, draft.Context.Sender!.Value.Key, signal.SignalId, part.Number, outcome, reason, detail, verdicts, draft.Now));
}

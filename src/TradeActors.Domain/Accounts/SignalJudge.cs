using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
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
        if (draft.State.OpenSignals.IsEmpty)
        {
            return;
        }

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
        var entry = EntryOf(draft, c, target, out var verdicts, out var refusal, out var counted);
        if (downTo is null && entry is null)
        {
            refusal ??= new AccountLimitsRules.Refusal(
                target is null ? SignalReason.NothingToClose : SignalReason.AlreadyAtTarget, "The subscription's share needs no change.");
            var outcome = refusal.Reason == SignalReason.Late ? SignalOutcome.Expired : SignalOutcome.Skipped;
            Say(draft, c.Part, c.Signal, c.Terms, outcome, refusal.Reason, refusal.Detail, verdicts, counted);
            return;
        }

        Say(draft, c.Part, c.Signal, c.Terms, SignalOutcome.Ordered, refusal?.Reason, refusal?.Detail, verdicts, counted);
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
            Reduction.Quantity => Math.Max(0m, Math.Abs(c.Expected) - ReduceQuantity(c)),
            Reduction.Percent when c.Share.Next is not null => 0m,
            Reduction.Percent => Math.Max(0m, Math.Abs(c.Expected) - PercentOf(c, Math.Abs(c.Expected))),
            // An entry against what is held: whatever the recorder's own position was, the share is closed first.
            _ when plan is { EnterSide: { } side, IsAdd: false } && Math.Sign(c.Expected) == -side.Sign => 0m,
            _ => null,
        };
    }

    /// <summary>
    /// How much a close of so many units of the recorder takes from this share. A share whose size the account worked out itself follows in proportion.
    /// </summary>
    private static decimal ReduceQuantity(Case c)
    {
        var (plan, isOwnSize) = (c.Signal.Plan, c.Settings.Sizing?.Unit is not (null or SizingUnit.Contracts));
        return isOwnSize && plan.Held is { } held and not 0m
            ? c.Instrument.RoundQuantityDown(Math.Abs(c.Expected) * plan.ReduceQuantity!.Value / Math.Abs(held))
            : Scale(c, plan.ReduceQuantity!.Value);
    }

    private static decimal PercentOf(Case c, decimal quantity) => c.Instrument.RoundQuantityDown(quantity * c.Signal.Plan.ReducePercent!.Value / 100m);

    private static QueuedEntry? EntryOf(
        Draft draft, Case c, decimal? target, out ImmutableArray<Verdict> verdicts, out AccountLimitsRules.Refusal? refusal, out TakenEntry? counted)
    {
        (verdicts, refusal, counted) = ([], null, null);
        if (EntrySide(c, target) is not { } side)
        {
            return null;
        }

        var plan = c.Signal.Plan;
        var guard = EntryGuard.Of(plan, c.Settings, c.Instrument, quantity => Scale(c, quantity), draft.Now);
        var price = plan.Price ?? plan.StopPx ?? draft.Context.Quotes.PriceToTrade(plan.Symbol, side) ?? plan.ReferencePrice;
        var sized = SizeOf(draft, c, target, guard, price);
        if (plan.EnterSide is null && target is null && sized.Quantity == 0m)
        {
            return null; // What waited is closed by this very signal.
        }

        var entry = new QueuedEntry(
            c.Signal.SignalId, draft.Context.Sender!.Value.Key, plan.Symbol, side, Cap(c, target, sized.Quantity), plan.OrdType, plan.Price, plan.StopPx,
            c.Signal.AgedFrom + c.Settings.EntryMaxAge, IsTarget: IsTopUp(c, target), guard);
        refusal = Refuse(draft, c, entry, sized, price, out verdicts);
        // What "every Nth" counts are entries that everything else lets pass.
        counted = refusal is null or { Reason: SignalReason.NotNth }
            ? new TakenEntry(
                FilterRules.TradingDateOf(InstrumentCatalog.FindContract(plan.Symbol)!.Instrument, c.Signal.CountedAt), c.Signal.CountedAt, refusal is not null)
            : null;
        return refusal is null ? entry : null;
    }

    /// <summary>The cap of contracts per trade. What a target tops up to is a size to reach, not one to trade: it is capped by what is missing.</summary>
    private static decimal Cap(Case c, decimal? target, decimal quantity)
    {
        var held = IsTopUp(c, target) ? Math.Abs(c.Share.Quantity) : 0m;
        return held + FilterRules.Cap(c.Settings, quantity - held);
    }

    /// <summary>The side on which the plan enters on this share; null when it enters nothing.</summary>
    private static Side? EntrySide(Case c, decimal? target)
    {
        var plan = c.Signal.Plan;
        if (target is { } wanted)
        {
            var isSameSide = c.Share.Next is null && Math.Sign(wanted) == Math.Sign(c.Expected);
            var isGrowing = !isSameSide || Math.Abs(wanted) > Math.Abs(c.Expected) || IsTopUp(c, target);
            return plan.IsReductionOnly || wanted == 0m || !isGrowing ? null : wanted > 0m ? Side.Buy : Side.Sell;
        }

        return plan.EnterSide is null && plan.Reduce is Reduction.Quantity or Reduction.Percent && c.Share.Next is { } next ? next.Side : plan.EnterSide;
    }

    /// <summary>What the plan would enter on this share, before any rule.</summary>
    private static EntrySize.Result SizeOf(Draft draft, Case c, decimal? target, EntryGuard? guard, decimal? price)
    {
        var plan = c.Signal.Plan;
        if (target is { } wanted)
        {
            var isSameSide = c.Share.Next is null && Math.Sign(wanted) == Math.Sign(c.Expected) && !IsTopUp(c, target);
            var quantity = Math.Abs(wanted) - (isSameSide ? Math.Abs(c.Expected) : 0m);
            return new EntrySize.Result(quantity, new Ruling("size", true, "", $"the target is {FilterRules.Number(wanted)} after the multiplier"));
        }

        if (plan.EnterSide is null && c.Share.Next is { } next)
        {
            var less = plan.Reduce == Reduction.Percent ? PercentOf(c, next.Quantity) : ReduceQuantity(c);
            return new EntrySize.Result(Math.Max(0m, next.Quantity - less), new Ruling("size", true, "", "what waited, less what is closed"));
        }

        return EntrySize.Of(new EntrySize.Request(
            plan, c.Settings, c.Instrument, guard, price, () => Valuation.Equity(draft.State, draft.Context.Quotes), draft.State.Opened!.Currency,
            c.Terms.Multiplier));
    }

    /// <summary>
    /// A target below an entry in flight: the entry is canceled for it, so what its fills leave missing is entered afterwards.
    /// </summary>
    private static bool IsTopUp(Case c, decimal? target) =>
        target is { } wanted && wanted != 0m && c.Share.Next is null && Math.Sign(wanted) == Math.Sign(c.Expected)
        && Math.Abs(wanted) < Math.Abs(c.Expected) && Math.Abs(wanted) > Math.Abs(c.Share.Quantity);

    /// <summary>Every rule for an entry, in order, with a verdict for each; the first that fails refuses.</summary>
    private static AccountLimitsRules.Refusal? Refuse(
        Draft draft, Case c, QueuedEntry entry, EntrySize.Result sized, decimal? price, out ImmutableArray<Verdict> verdicts)
    {
        var plan = c.Signal.Plan;
        var subscription = draft.State.Subscriptions[c.Terms.SubscriptionId];
        var isSameSide = Math.Sign(c.Expected) == entry.Side.Sign;
        var age = draft.Now - c.Signal.AgedFrom;
        var filtered = new FilteredEntry(
            InstrumentCatalog.FindContract(plan.Symbol)!, entry.Side, c.Signal.CountedAt, draft.Now,
            draft.State.Tallies.GetValueOrDefault(c.Terms.SubscriptionId, EntryTally.None),
            () => Valuation.Unrealized(draft.State, c.Terms.SubscriptionId, draft.Context.Quotes));
        var wrongSide = price is { } known ? plan.Protection?.WrongSide(entry.Side, known) : null;
        var limit = entry.Quantity > 0m ? AccountLimitsRules.CheckEntry(draft, entry.TermsFor(entry.Quantity), isHalted: false) : null;
        List<Ruling> rulings =
        [
            new("subscription", subscription.IsEnabled, SignalReason.SubscriptionPaused, subscription.IsEnabled ? "enabled" : "paused or removed"),
            new("halt", !draft.State.IsHalted, SignalReason.Halted, draft.State.HaltedBecause ?? "not halted"),
            new("blocked", c.Settings.Blocked != true, SignalReason.Blocked, c.Settings.Blocked == true ? "blocked by the subscription" : "not blocked"),
            new("age", age <= c.Settings.EntryMaxAge, SignalReason.Late, $"{age.TotalSeconds:0.###} s old, {c.Settings.EntryMaxAge.TotalSeconds:0} s allowed"),
            .. FilterRules.Judge(c.Settings, filtered),
            new("position", !plan.IsAdd || isSameSide, SignalReason.NotInTrade, "an addition needs a position in its direction"),
            new("position", plan.IsAdd || plan.EnterSide is null || plan.Reduce == Reduction.All || !isSameSide, SignalReason.AlreadyInTrade, $"the share already holds {c.Expected}"),
            sized.Ruling,
            new(FilterRules.CapVerdict(c.Settings, sized.Quantity), ""),
            new("quantity", entry.Quantity > 0m, SignalReason.QuantityTooSmall, $"{FilterRules.Number(entry.Quantity)} after the multiplier {FilterRules.Number(c.Terms.Multiplier)}"),
            new("protection", wrongSide is null, SignalReason.ProtectionInvalid, wrongSide ?? "stop and target enclose the entry, or none is named"),
            new("limits", limit is null, limit?.Reason ?? "", limit?.Detail ?? "within the account's limits"),
        ];
        // The recorder has thinned its signals by its own number already; only a subscription's own number thins them again.
        if (rulings.TrueForAll(ruling => ruling.Verdict.Passed))
        {
            rulings.Add(FilterRules.Nth(c.Terms.Overrides?.Filters?.EveryNthSignal, filtered));
        }

        verdicts = [.. rulings.Select(ruling => ruling.Verdict)];
        var failed = rulings.FindIndex(ruling => !ruling.Verdict.Passed);
        return failed < 0 ? null : new AccountLimitsRules.Refusal(rulings[failed].Reason, rulings[failed].Verdict.Detail);
    }

    private static void Enter(Draft draft, Case c, QueuedEntry entry, bool isWaiting)
    {
        if (isWaiting)
        {
            var waiting = c.Signal.Plan.IsAdd ? c.Share.Next?.Quantity ?? 0m : 0m;
            draft.Emit(new EntryQueued(c.Share.Owner, c.Share.Symbol, entry with { Quantity = entry.Quantity + waiting }));
            return;
        }

        draft.PlanOrder(
            c.Share.Owner, entry.RecorderId, entry.SignalId, OrderPurpose.Entry, entry.TermsFor(entry.Quantity), entry.ValidUntil, guard: entry.Guard);
    }

    private static decimal Scale(Case c, decimal quantity) => EntrySize.Scale(c.Instrument, quantity, c.Terms.Multiplier);

    private static void Say(
        Draft draft, FanOutPart part, RecorderSignal signal, SubscriptionTerms terms, SignalOutcome outcome, string? reason, string? detail,
        ImmutableArray<Verdict> verdicts, TakenEntry? counted = null) =>
        draft.Emit(new SignalTaken(
            terms.SubscriptionId, draft.Context.Sender!.Value.Key, signal.SignalId, part.Number, outcome, reason, detail, verdicts, draft.Now, counted));
}

using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

/// <summary>What an action means on the recorder's own position (API.md, "Webhooks": meaning).</summary>
internal static class SignalMeaning
{
    /// <summary>The signal with buy and sell exchanged, and with them the sides of everything it names.</summary>
    public static ParsedSignal Swap(ParsedSignal parsed) => parsed with
    {
        TargetPosition = -parsed.TargetPosition,
        StopLoss = parsed.TakeProfit,
        TakeProfit = parsed.StopLoss,
        StopLossDistance = parsed.TakeProfitDistance,
        TakeProfitDistance = parsed.StopLossDistance,
        Only = parsed.Only switch
        {
            SignalStance.Long => SignalStance.Short,
            SignalStance.Short => SignalStance.Long,
            var other => other,
        },
        Action = parsed.Action switch
        {
            SignalAction.Buy => SignalAction.Sell,
            SignalAction.Sell => SignalAction.Buy,
            var other => other,
        },
    };

    /// <summary>The plan of a signal; null with a reason when it asks for nothing that can be done.</summary>
    public static SignalPlan? Of(RecorderState state, ParsedSignal parsed, Resolution resolved, out string? reason, out string? detail)
    {
        (reason, detail) = (null, null);
        var instrument = resolved.Contract!.Instrument;
        var heldSymbol = HeldSymbol(state, resolved);
        var held = state.Held.GetValueOrDefault(heldSymbol);
        var plan = new SignalPlan(
            resolved.Contract.Symbol,
            heldSymbol == resolved.Contract.Symbol ? null : heldSymbol,
            resolved.NamedByRoot ? instrument.Root : null,
            Reduction.None,
            OrdType: (OrdType)((int)(parsed.OrderType ?? SignalOrderType.Market) + 1),
            Price: parsed.OrderType is SignalOrderType.Limit or SignalOrderType.StopLimit ? Rounded(instrument, parsed.LimitPrice) : null,
            StopPx: parsed.OrderType is SignalOrderType.Stop or SignalOrderType.StopLimit ? Rounded(instrument, parsed.StopPrice) : null,
            Held: held == 0m ? null : held,
            Size: parsed.Size,
            Protection: ProtectionOf(parsed, instrument),
            ReferencePrice: parsed.Price);
        if (parsed.Only is { } only && only != StanceOf(held))
        {
            reason = parsed.Action == SignalAction.Close ? SignalReason.NothingToClose : SignalReason.PositionMismatch;
            detail = $"The signal counts only while the recorder is {only}; it holds {held}.";
            return null;
        }

        if (parsed.Action == SignalAction.Cancel)
        {
            (reason, detail) = (SignalReason.NotBuiltYet, "Cancelling alone is not built yet. A close also withdraws what is not filled.");
            return null;
        }

        var quantity = parsed.Quantity is { } asked ? instrument.RoundQuantityDown(asked) : (decimal?)null;
        if (quantity == 0m)
        {
            (reason, detail) = (SignalReason.QuantityTooSmall, $"{parsed.Quantity} is below the instrument's step of {instrument.QuantityStep}.");
            return null;
        }

        if (plan.Price == 0m || plan.StopPx == 0m)
        {
            (reason, detail) = (SignalReason.PriceInvalid, $"A price rounds to 0 at the instrument's tick of {instrument.TickSize}.");
            return null;
        }

        var result = parsed.TargetPosition is { } target
            ? Target(plan, held, Math.Sign(target) * instrument.RoundQuantityDown(Math.Abs(target)), out reason)
            : parsed.Action switch
            {
                SignalAction.Buy => Enter(state, plan, held, Side.Buy, quantity, parsed, out reason),
                SignalAction.Sell => Enter(state, plan, held, Side.Sell, quantity, parsed, out reason),
                SignalAction.Add => Add(state, plan, held, quantity, out reason),
                SignalAction.Close => Close(plan, held, quantity, parsed.ClosePercent, out reason),
                _ => Reverse(plan, held, out reason),
            };
        detail = reason switch
        {
            SignalReason.NothingToClose => "The recorder holds nothing of it.",
            SignalReason.NotInTrade => "The recorder holds nothing that could be added to.",
            SignalReason.SameDirection => $"The recorder already holds {held}; additions are off (sizing.add is not set, or ignoreSameDirection is).",
            SignalReason.QuantityTooSmall => $"The recorder's size is below the instrument's step of {instrument.QuantityStep}.",
            SignalReason.AlreadyAtTarget => $"The recorder already holds {held}.",
            _ => null,
        };
        return result;
    }

    /// <summary>The side of the plan's entry on the recorder's own position; null when it only reduces.</summary>
    public static Side? EntrySide(RecorderState state, SignalPlan plan)
    {
        if (plan.Target is not { } target)
        {
            return plan.EnterSide;
        }

        var held = state.Held.GetValueOrDefault(plan.HeldSymbol ?? plan.Symbol);
        var isGrowing = target != 0m && (Math.Sign(target) != Math.Sign(held) || Math.Abs(target) > Math.Abs(held));
        return !isGrowing ? null : target > 0m ? Side.Buy : Side.Sell;
    }

    /// <summary>The recorder's own positions after the plan, as if it filled at once: only those that change.</summary>
    public static ImmutableSortedDictionary<string, decimal> HeldAfter(RecorderState state, SignalPlan plan)
    {
        var heldSymbol = plan.HeldSymbol ?? plan.Symbol;
        var held = state.Held.GetValueOrDefault(heldSymbol);
        var changes = ImmutableSortedDictionary.CreateBuilder<string, decimal>(StringComparer.Ordinal);
        if (plan.Target is { } target)
        {
            var isSameSide = Math.Sign(target) == Math.Sign(held);
            target = Math.Sign(target) * Capped(state, Math.Abs(target), isSameSide ? Math.Abs(held) : 0m);
            changes[heldSymbol] = plan.IsReductionOnly ? (isSameSide ? Math.Sign(held) * Math.Min(Math.Abs(held), Math.Abs(target)) : 0m)
                : heldSymbol == plan.Symbol || isSameSide ? target : 0m;
            if (heldSymbol != plan.Symbol && !isSameSide && !plan.IsReductionOnly)
            {
                changes[plan.Symbol] = target;
            }

            return changes.ToImmutable();
        }

        var left = plan.Reduce switch
        {
            Reduction.All => 0m,
            Reduction.Quantity => Math.Sign(held) * Math.Max(0m, Math.Abs(held) - plan.ReduceQuantity!.Value),
            Reduction.Percent => held - PartOf(held, plan),
            _ => held,
        };
        changes[heldSymbol] = left;
        if (plan.EnterSide is { } side)
        {
            var size = FilterRules.Cap(state.Settings, plan.EnterQuantity ?? (plan.Size is null ? OwnSize(state, plan.Symbol, plan.IsAdd) : 1m));
            changes[plan.Symbol] = (changes.TryGetValue(plan.Symbol, out var kept) ? kept : state.Held.GetValueOrDefault(plan.Symbol)) + (side.Sign * size);
        }

        return changes.ToImmutable();
    }

    /// <summary>The contract that a reduction acts on: the named one, or whichever month of the root is held.</summary>
    private static string HeldSymbol(RecorderState state, Resolution resolved)
    {
        var symbol = resolved.Contract!.Symbol;
        return !resolved.NamedByRoot || state.Held.ContainsKey(symbol)
            ? symbol
            : state.Held.Keys.FirstOrDefault(held => InstrumentCatalog.FindContract(held)?.Instrument.Root == resolved.Contract.Instrument.Root) ?? symbol;
    }

    /// <summary>A target that grows by no more than the cap allows.</summary>
    private static decimal Capped(RecorderState state, decimal size, decimal held) => size <= held ? size : held + FilterRules.Cap(state.Settings, size - held);

    private static decimal PartOf(decimal held, SignalPlan plan) =>
        InstrumentCatalog.FindContract(plan.HeldSymbol ?? plan.Symbol)?.Instrument.RoundQuantityDown(held * plan.ReducePercent!.Value / 100m) ?? held;

    private static SignalStance StanceOf(decimal held) => held > 0m ? SignalStance.Long : held < 0m ? SignalStance.Short : SignalStance.Flat;

    private static SignalProtection? ProtectionOf(ParsedSignal parsed, Instrument instrument)
    {
        var protection = new SignalProtection(
            Rounded(instrument, parsed.StopLoss), parsed.StopLossDistance, Rounded(instrument, parsed.TakeProfit), parsed.TakeProfitDistance);
        return protection == new SignalProtection() ? null : protection;
    }

    private static SignalPlan? Enter(
        RecorderState state, SignalPlan plan, decimal held, Side side, decimal? quantity, ParsedSignal parsed, out string? reason)
    {
        reason = null;
        if (Math.Sign(held) == -side.Sign || (parsed.ClosesFirst && held != 0m))
        {
            return plan with { Reduce = Reduction.All, EnterSide = side, EnterQuantity = quantity };
        }

        if (held == 0m)
        {
            reason = quantity is null && plan.Size is null && OwnSize(state, plan.Symbol, isAdd: false) == 0m ? SignalReason.QuantityTooSmall : null;
            return reason is null ? plan with { EnterSide = side, EnterQuantity = quantity } : null;
        }

        var isAddAllowed = state.Settings.Sizing?.Add is > 0m && state.Settings.Filters?.IgnoreSameDirection != true && !parsed.IgnoreSameDirection;
        reason = isAddAllowed ? null : SignalReason.SameDirection;
        return isAddAllowed ? Addition(plan, side, quantity) : null;
    }

    /// <summary>A signal that says "add" needs no leave of the settings, but a size.</summary>
    private static SignalPlan? Add(RecorderState state, SignalPlan plan, decimal held, decimal? quantity, out string? reason)
    {
        var hasSize = quantity is not null || plan.Size is not null || state.Settings.Sizing?.Add is > 0m;
        reason = held == 0m ? SignalReason.NotInTrade : hasSize ? null : SignalReason.SameDirection;
        return reason is null ? Addition(plan, held > 0m ? Side.Buy : Side.Sell, quantity) : null;
    }

    /// <summary>An addition goes to the month that is held, not to a new front contract.</summary>
    private static SignalPlan Addition(SignalPlan plan, Side side, decimal? quantity) =>
        plan with { Symbol = plan.HeldSymbol ?? plan.Symbol, HeldSymbol = null, EnterSide = side, EnterQuantity = quantity, IsAdd = true };

    /// <summary>
    /// The recorder's own size, cut to the instrument's step like any quantity. One unit stands for a size that each account works out for itself.
    /// </summary>
    private static decimal OwnSize(RecorderState state, string symbol, bool isAdd)
    {
        if (state.Settings.Sizing?.Unit is not (null or SizingUnit.Contracts))
        {
            return 1m;
        }

        var size = (isAdd ? state.Settings.Sizing?.Add : state.Settings.Sizing?.Initial) ?? 1m;
        return InstrumentCatalog.FindContract(symbol)?.Instrument.RoundQuantityDown(size) ?? size;
    }

    private static SignalPlan? Close(SignalPlan plan, decimal held, decimal? quantity, decimal? percent, out string? reason)
    {
        reason = held == 0m ? SignalReason.NothingToClose : null;
        plan = plan with { OrdType = OrdType.Market, Price = null, StopPx = null, Size = null, Protection = null };
        return held == 0m ? null
            : percent < 100m ? plan with { Reduce = Reduction.Percent, ReducePercent = percent }
            : quantity < Math.Abs(held) ? plan with { Reduce = Reduction.Quantity, ReduceQuantity = quantity }
            : plan with { Reduce = Reduction.All };
    }

    private static SignalPlan? Reverse(SignalPlan plan, decimal held, out string? reason)
    {
        reason = held == 0m ? SignalReason.NothingToClose : null;
        return held == 0m ? null : plan with { Reduce = Reduction.All, EnterSide = held > 0m ? Side.Sell : Side.Buy };
    }

    private static SignalPlan? Target(SignalPlan plan, decimal held, decimal target, out string? reason)
    {
        reason = target != held ? null : held == 0m ? SignalReason.NothingToClose : SignalReason.AlreadyAtTarget;
        if (reason is not null)
        {
            return null;
        }

        // What adds goes to the month that is held, not to a new front contract.
        return held != 0m && Math.Sign(target) == Math.Sign(held)
            ? plan with { Symbol = plan.HeldSymbol ?? plan.Symbol, HeldSymbol = null, Target = target }
            : plan with { Target = target };
    }

    private static decimal? Rounded(Instrument instrument, decimal? price) => price is { } value ? instrument.RoundToTick(value) : null;
}

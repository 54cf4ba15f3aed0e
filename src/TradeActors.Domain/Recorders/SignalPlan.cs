using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

/// <summary>
/// What a signal means, judged on the recorder's own position and fixed at acceptance: first reduce, then, when that is done, enter. Each account
/// applies it to its own share of the position with its own size.
/// </summary>
/// <param name="Symbol">The contract to enter; the held one for a plan that only reduces.</param>
/// <param name="HeldSymbol">The contract to reduce, where it is another month of the same root; null when it is <paramref name="Symbol"/>.</param>
/// <param name="Root">Set when the signal named no month: a reduction then acts on whichever month the account holds.</param>
/// <param name="Reduce">What is closed first.</param>
/// <param name="ReduceQuantity">For <see cref="Reduction.Quantity"/>: units of the recorder, before the multiplier.</param>
/// <param name="EnterSide">Null when the plan only reduces.</param>
/// <param name="IsAdd">The entry enlarges a position that must exist.</param>
/// <param name="EnterQuantity">Quantity named by the signal, units of the recorder; null takes the size from the settings.</param>
/// <param name="Target">A signed target position, units of the recorder: each account trades the difference to its own share.</param>
/// <param name="OrdType">Of the entry. Reductions are market orders.</param>
/// <param name="ReducePercent">For <see cref="Reduction.Percent"/>: of what each account's share holds.</param>
/// <param name="Held">What the recorder held: a share that was sized by its own account is reduced by <paramref name="ReduceQuantity"/> in this proportion.</param>
/// <param name="Size">A size that is no number of contracts; each account works it out.</param>
/// <param name="Protection">Named by the signal; its sides win over those of the settings.</param>
/// <param name="ReferencePrice">The signal's own price, used where no quote is known.</param>
public sealed record SignalPlan(
    string Symbol,
    string? HeldSymbol,
    string? Root,
    Reduction Reduce,
    decimal? ReduceQuantity = null,
    Side? EnterSide = null,
    bool IsAdd = false,
    decimal? EnterQuantity = null,
    decimal? Target = null,
    OrdType OrdType = OrdType.Market,
    decimal? Price = null,
    decimal? StopPx = null,
    decimal? ReducePercent = null,
    decimal? Held = null,
    SignalSize? Size = null,
    SignalProtection? Protection = null,
    decimal? ReferencePrice = null)
{
    /// <summary>The same plan on the other side: what protected one side is the target of the other.</summary>
    public SignalPlan Swapped() => this with { EnterSide = EnterSide?.Opposite, Target = -Target, Protection = Protection?.Swapped() };

    /// <summary>The same plan without its entry; null when nothing is left.</summary>
    public SignalPlan? ReductionOnly() => Target is { } target
        ? this with { EnterSide = null, Target = target, IsReductionOnly = true }
        : Reduce == Reduction.None ? null : this with { EnterSide = null, EnterQuantity = null, IsAdd = false, Size = null, Protection = null };

    /// <summary>For a target plan: only the part that brings the share nearer to flat is done.</summary>
    public bool IsReductionOnly { get; init; }
}

public enum Reduction { None, All, Quantity, Percent }

/// <summary>Stop and target that a signal names for its entry, each as a price or as a distance from the entry, or not at all.</summary>
public sealed record SignalProtection(decimal? StopPrice = null, Distance? StopDistance = null, decimal? TargetPrice = null, Distance? TargetDistance = null)
{
    public SignalProtection Swapped() => new(TargetPrice, TargetDistance, StopPrice, StopDistance);

    /// <summary>Why it cannot protect an entry at this price; null when it can.</summary>
    public string? WrongSide(Side side, decimal entryPrice) =>
        StopPrice is { } stop && (entryPrice - stop) * side.Sign <= 0m
            ? $"the stop at {FilterRules.Number(stop)} is on the wrong side of an entry at {FilterRules.Number(entryPrice)}"
            : TargetPrice is { } target && (target - entryPrice) * side.Sign <= 0m
                ? $"the target at {FilterRules.Number(target)} is on the wrong side of an entry at {FilterRules.Number(entryPrice)}"
                : null;
}

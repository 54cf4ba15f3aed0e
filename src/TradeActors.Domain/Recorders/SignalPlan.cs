using TradeActors.Domain.Orders;

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
    decimal? StopPx = null)
{
    /// <summary>The same plan on the other side.</summary>
    public SignalPlan Swapped() => this with { EnterSide = EnterSide?.Opposite, Target = -Target };

    /// <summary>The same plan without its entry; null when nothing is left.</summary>
    public SignalPlan? ReductionOnly() => Target is { } target
        ? this with { EnterSide = null, Target = target, IsReductionOnly = true }
        : Reduce == Reduction.None ? null : this with { EnterSide = null, EnterQuantity = null, IsAdd = false };

    /// <summary>For a target plan: only the part that brings the share nearer to flat is done.</summary>
    public bool IsReductionOnly { get; init; }
}

public enum Reduction { None, All, Quantity }

using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>What an entry brings with it, fixed when its signal is taken: where its position is to be closed again.</summary>
/// <param name="StopPrice">Absolute; else <paramref name="StopDistance"/> from the price at which the entry fills; null with it for no stop.</param>
/// <param name="Targets">Nearest first.</param>
/// <param name="FlattenAt">When a window ends that closes what is open; null for never.</param>
public sealed record EntryGuard(decimal? StopPrice, Distance? StopDistance, ImmutableArray<GuardTarget> Targets, DateTimeOffset? FlattenAt)
{
    /// <summary>The signal's own stop or target, else that of the settings; null when nothing is asked for.</summary>
    internal static EntryGuard? Of(SignalPlan plan, Settings settings, Instrument instrument, Func<decimal, decimal> scale, DateTimeOffset now)
    {
        var named = plan.Protection ?? new SignalProtection();
        var hasOwnStop = named.StopPrice is not null || named.StopDistance is not null;
        var guard = new EntryGuard(
            named.StopPrice,
            hasOwnStop || settings.StopLoss is not { Distance: > 0m } stop ? named.StopDistance : new Distance(stop.Unit, stop.Distance),
            named.TargetPrice is not null || named.TargetDistance is not null
                ? [new GuardTarget(named.TargetPrice, named.TargetDistance, null, null)]
                : [
                    .. settings.TakeProfit is { Levels.IsDefault: false } targets
                        ? targets.Levels.Select(level => new GuardTarget(
                            null, new Distance(targets.Unit, level.Distance),
                            level.Quantity is { } quantity ? scale(quantity) : null, level.Percent))
                        : [],
                ],
            FilterRules.FlattenAt(settings, now));
        return guard is { StopPrice: null, StopDistance: null, Targets.IsEmpty: true, FlattenAt: null } ? null : guard;
    }

    /// <summary>From an entry at this price to the stop, in units of price and at least a tick; null without a stop.</summary>
    internal decimal? StopPoints(Instrument instrument, decimal entryPrice)
    {
        var points = StopPrice is { } stop ? Math.Abs(entryPrice - stop) : StopDistance?.InPoints(instrument, entryPrice);
        return points is { } distance ? Math.Max(instrument.TickSize, instrument.RoundToTick(distance)) : null;
    }
}

/// <param name="Price">Absolute; else <paramref name="Distance"/> from the price at which the entry fills.</param>
/// <param name="Quantity">After the multiplier. Targets with neither this nor a percent share the position equally.</param>
/// <param name="Percent">Of the position.</param>
public sealed record GuardTarget(decimal? Price, Distance? Distance, decimal? Quantity, decimal? Percent);

/// <summary>What protects a share while it is open.</summary>
/// <param name="Targets">Nearest first; their quantities are what each has to close of the whole entry.</param>
/// <param name="SignalId">The signal that asked for it.</param>
/// <param name="Refusals">Of its orders, since the last one that was accepted.</param>
public sealed record Protection(decimal? StopPx, ImmutableArray<ProtectionTarget> Targets, string? SignalId, int Refusals, DateTimeOffset? RetryAt);

public sealed record ProtectionTarget(decimal Price, decimal Quantity, decimal Closed);

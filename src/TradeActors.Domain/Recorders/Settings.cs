using System.Collections.Immutable;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Recorders;

/// <summary>
/// How a recorder filters, sizes and protects. Every member may be absent: a subscription's overrides win over the recorder's settings, and
/// those over the defaults given here.
/// </summary>
/// <param name="EntryMaxAgeSeconds">An entry older than this is not traded; exits always are. Default 30.</param>
/// <param name="DedupWindowSeconds">How long an equal body counts as a repeat; 0 turns the hash off. Default 25: four TradingView sends span 15 to 24 s.</param>
/// <param name="Inverse">Swaps buy and sell, after blocking. Default false.</param>
/// <param name="Blocked">Refuses entries; exits pass. Default false.</param>
/// <param name="Signing">Of the recorder alone.</param>
/// <param name="AllowedAddresses">
/// From which webhooks are taken: addresses and ranges of IPv4 and IPv6, and <c>tradingview</c> for those it publishes. Absent or empty: from all. Of the
/// recorder alone.
/// </param>
/// <param name="SilenceAlarmMinutes">
/// Without a signal for so long, inside the windows where there are any, an alarm is raised. Absent or 0: never. Of the recorder alone.
/// </param>
public sealed record Settings(
    SizingSettings? Sizing = null,
    TakeProfitSettings? TakeProfit = null,
    StopLossSettings? StopLoss = null,
    DcaSettings? Dca = null,
    FilterSettings? Filters = null,
    int? EntryMaxAgeSeconds = null,
    int? DedupWindowSeconds = null,
    bool? Inverse = null,
    bool? Blocked = null,
    SigningSettings? Signing = null,
    ImmutableArray<string>? AllowedAddresses = null,
    int? SilenceAlarmMinutes = null)
{
    public static readonly Settings None = new();

    public TimeSpan EntryMaxAge => TimeSpan.FromSeconds(EntryMaxAgeSeconds ?? 30);

    public TimeSpan DedupWindow => TimeSpan.FromSeconds(DedupWindowSeconds ?? 25);

    public DirectionFilter Direction => Filters?.Direction ?? DirectionFilter.Both;

    /// <summary>These settings with every member that <paramref name="overrides"/> has replaced by it.</summary>
    public Settings OverriddenBy(Settings? overrides) => overrides is null ? this : new(
        Sizing is null ? overrides.Sizing : Sizing.OverriddenBy(overrides.Sizing),
        overrides.TakeProfit ?? TakeProfit,
        overrides.StopLoss ?? StopLoss,
        overrides.Dca ?? Dca,
        Filters is null ? overrides.Filters : Filters.OverriddenBy(overrides.Filters),
        overrides.EntryMaxAgeSeconds ?? EntryMaxAgeSeconds,
        overrides.DedupWindowSeconds ?? DedupWindowSeconds,
        overrides.Inverse ?? Inverse,
        overrides.Blocked ?? Blocked,
        Signing,
        AllowedAddresses,
        SilenceAlarmMinutes);

    /// <summary>What accounts judge by: without what concerns the way to the recorder only.</summary>
    public Settings ForAccounts() => this with { Signing = null, AllowedAddresses = null, SilenceAlarmMinutes = null };
}

/// <param name="Required">Whether a webhook without a valid signature is refused. Default false: then only a wrong signature is.</param>
public sealed record SigningSettings(bool? Required = null);

/// <param name="Initial">Size of a first entry, in <paramref name="Unit"/>. Default 1.</param>
/// <param name="Add">Size of an addition in the same direction; absent or 0 refuses additions.</param>
/// <param name="Unit">Default contracts.</param>
public sealed record SizingSettings(decimal? Initial = null, decimal? Add = null, SizingUnit? Unit = null)
{
    public SizingSettings OverriddenBy(SizingSettings? overrides) =>
        overrides is null ? this : new(overrides.Initial ?? Initial, overrides.Add ?? Add, overrides.Unit ?? Unit);
}

/// <param name="Levels">Nearest first; none is no take-profit.</param>
public sealed record TakeProfitSettings(DistanceUnit Unit, ImmutableArray<TakeProfitLevel> Levels);

/// <param name="Distance">From the entry, in the settings' unit, above 0.</param>
/// <param name="Quantity">How much of the position leaves here, in the instrument's unit, before the multiplier.</param>
/// <param name="Percent">How much of the position leaves here. Levels with neither share the position equally.</param>
public sealed record TakeProfitLevel(decimal Distance, decimal? Quantity = null, decimal? Percent = null);

/// <param name="Distance">From the entry, in the settings' unit; 0 is no stop, so that a subscription can do without the recorder's.</param>
public sealed record StopLossSettings(
    DistanceUnit Unit, decimal Distance, TrailingSettings? Trailing = null, BreakEvenSettings? BreakEven = null);

public sealed record TrailingSettings(decimal Activation, decimal Offset, decimal? Step = null);

public sealed record BreakEvenSettings(decimal Activation, decimal Offset);

public sealed record DcaSettings(bool Enabled, decimal Distance, DistanceUnit Unit, int MaxAdds);

public enum DirectionFilter { Both, LongOnly, ShortOnly }

/// <summary>What stops an entry; a close passes all of it. Absent members do not filter, and neither does 0.</summary>
/// <param name="Windows">Entries are made inside any of them.</param>
/// <param name="CooldownSeconds">Between accepted entries, by the time of their receipt.</param>
/// <param name="MaxSignalsPerSession">Accepted entries in the instrument's trading day.</param>
/// <param name="MaxDailyLoss">Realised today plus unrealised, account currency, as an amount above 0.</param>
/// <param name="MaxContractsPerTrade">Caps the quantity of an entry, after the multiplier.</param>
/// <param name="EveryNthSignal">Of the entries that pass everything else, counted in the instrument's trading day.</param>
/// <param name="Symbols">Roots or contracts.</param>
public sealed record FilterSettings(
    DirectionFilter? Direction = null,
    ImmutableArray<WindowSettings>? Windows = null,
    int? CooldownSeconds = null,
    int? MaxSignalsPerSession = null,
    decimal? MaxDailyLoss = null,
    decimal? MaxContractsPerTrade = null,
    int? EveryNthSignal = null,
    bool? IgnoreSameDirection = null,
    ImmutableArray<string>? Symbols = null)
{
    public FilterSettings OverriddenBy(FilterSettings? overrides) => overrides is null ? this : new(
        overrides.Direction ?? Direction,
        overrides.Windows ?? Windows,
        overrides.CooldownSeconds ?? CooldownSeconds,
        overrides.MaxSignalsPerSession ?? MaxSignalsPerSession,
        overrides.MaxDailyLoss ?? MaxDailyLoss,
        overrides.MaxContractsPerTrade ?? MaxContractsPerTrade,
        overrides.EveryNthSignal ?? EveryNthSignal,
        overrides.IgnoreSameDirection ?? IgnoreSameDirection,
        overrides.Symbols ?? Symbols);
}

/// <param name="Start">Local time of day, "08:30".</param>
/// <param name="End">Inclusive; before <paramref name="Start"/> it lies on the next day.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="Days">On which it starts, monday to sunday or mon to sun; absent for every day.</param>
/// <param name="FlattenAtEnd">What is open is closed when it ends.</param>
public sealed record WindowSettings(string Start, string End, string TimeZone, ImmutableArray<string>? Days = null, bool? FlattenAtEnd = null);

using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Recorders;

/// <summary>One thing that is wrong with settings.</summary>
/// <param name="Field">Path as in the request, such as <c>settings.sizing.initial</c>.</param>
public sealed record SettingsError(string Field, string Message);

/// <summary>Checks settings before they are stored. What contradicts itself, or is not carried out in this version, is refused, never ignored.</summary>
public static class SettingsRules
{
    private const int MostLevels = 10;
    private const int MostWindows = 20;
    private const int MostAddresses = 100;
    private const int LongestSilence = 7 * 24 * 60;
    private const int LongestSeconds = 86_400;
    private const decimal Largest = 1_000_000_000m;

    /// <param name="areOverrides">Of a subscription: what belongs to the recorder alone is refused.</param>
    public static IReadOnlyList<SettingsError> Check(Settings settings, string path = "settings", bool areOverrides = false)
    {
        var check = new Checker();
        check.OfRecorder(areOverrides, settings.Signing, $"{path}.signing");
        check.OfRecorder(areOverrides, settings.AllowedAddresses, $"{path}.allowedAddresses");
        check.OfRecorder(areOverrides, settings.SilenceAlarmMinutes, $"{path}.silenceAlarmMinutes");
        check.That(settings.SilenceAlarmMinutes is null or (>= 0 and <= LongestSilence), $"{path}.silenceAlarmMinutes", "Must be 0 (off) to 10,080 minutes, a week.");
        CheckAddresses(settings.AllowedAddresses, $"{path}.allowedAddresses", check);
        CheckSizing(settings.Sizing, $"{path}.sizing", check);
        CheckFilters(settings.Filters, $"{path}.filters", check);
        CheckTakeProfit(settings.TakeProfit, $"{path}.takeProfit", check);
        CheckStopLoss(settings.StopLoss, $"{path}.stopLoss", check);
        check.Built(settings.Dca is not { Enabled: true }, $"{path}.dca", "Averaging down");
        check.That(settings.EntryMaxAgeSeconds is null or (>= 1 and <= LongestSeconds), $"{path}.entryMaxAgeSeconds", "Must be 1 to 86,400 seconds.");
        check.That(settings.DedupWindowSeconds is null or (>= 0 and <= LongestSeconds), $"{path}.dedupWindowSeconds", "Must be 0 (off) to 86,400 seconds.");
        return check.Errors;
    }

    private static void CheckAddresses(ImmutableArray<string>? allowed, string path, Checker check)
    {
        var entries = allowed is { IsDefault: false } given ? given : [];
        check.That(entries.Length <= MostAddresses, path, $"At most {MostAddresses} entries. Use ranges.");
        for (var i = 0; i < entries.Length; i++)
        {
            var trouble = AddressList.Trouble(entries[i]);
            check.That(trouble is null, $"{path}[{i}]", trouble ?? "");
        }
    }

    private static void CheckSizing(SizingSettings? sizing, string path, Checker check)
    {
        if (sizing is null)
        {
            return;
        }

        var (most, text) = sizing.Unit switch
        {
            null or SizingUnit.Contracts => (1_000_000m, "1,000,000"),
            SizingUnit.RiskPercent => (100m, "100 %"),
            SizingUnit.PercentOfEquity => (10_000m, "10,000 %"),
            _ => (Largest, "1,000,000,000"),
        };
        check.That(sizing.Initial is null or > 0m && !(sizing.Initial > most), $"{path}.initial", $"Must be above 0 and at most {text}.");
        check.That(sizing.Add is null or >= 0m && !(sizing.Add > most), $"{path}.add", $"Must be 0 to {text}; 0 refuses additions.");
    }

    private static void CheckTakeProfit(TakeProfitSettings? target, string path, Checker check)
    {
        if (target is null)
        {
            return;
        }

        var levels = target.Levels is { IsDefault: false } given ? given : [];
        check.That(levels.Length <= MostLevels, $"{path}.levels", $"Give at most {MostLevels} levels; none is no take-profit.");
        for (var i = 0; i < levels.Length; i++)
        {
            var (at, level) = ($"{path}.levels[{i}]", levels[i]);
            check.Distance(level.Distance, target.Unit, isStop: false, $"{at}.distance", "A take-profit on the wrong side of the entry: the distance must be above 0.");
            check.That(level.Quantity is null or (> 0m and <= 1_000_000m), $"{at}.quantity", "Must be above 0 and at most 1,000,000.");
            check.That(level.Percent is null or (> 0m and <= 100m), $"{at}.percent", "Must be above 0 and at most 100.");
            check.That(level.Quantity is null || level.Percent is null, at, "Give a quantity or a percent, not both.");
            check.That(i == 0 || level.Distance > levels[i - 1].Distance, $"{at}.distance", "Must be farther than the level before it.");
        }

        var shares = levels.Select(level => level.Quantity is not null ? 1 : level.Percent is not null ? 2 : 0).Distinct().Count();
        check.That(shares <= 1, $"{path}.levels", "Give every level a quantity, or every level a percent, or none (then they share the position equally).");
        var percents = levels.Sum(level => level.Percent ?? 0m);
        check.That(percents <= 100m, $"{path}.levels", $"The percents add up to {FilterRules.Number(percents)}, more than 100.");
    }

    private static void CheckStopLoss(StopLossSettings? stop, string path, Checker check)
    {
        if (stop is null)
        {
            return;
        }

        if (stop.Distance != 0m)
        {
            check.Distance(stop.Distance, stop.Unit, isStop: true, $"{path}.distance", "A stop on the wrong side of the entry: the distance must be above 0, or 0 for no stop.");
        }

        check.Built(stop.Trailing is null or { Activation: 0m, Offset: 0m, Step: null or 0m }, $"{path}.trailing", "A trailing stop");
        check.Built(stop.BreakEven is null or { Activation: 0m, Offset: 0m }, $"{path}.breakEven", "Moving the stop to break-even");
    }

    private static void CheckFilters(FilterSettings? filters, string path, Checker check)
    {
        if (filters is null)
        {
            return;
        }

        CheckWindows(filters.Windows is { IsDefault: false } windows ? windows : [], $"{path}.windows", check);
        check.That(filters.CooldownSeconds is null or (>= 0 and <= LongestSeconds), $"{path}.cooldownSeconds", "Must be 0 (off) to 86,400 seconds.");
        check.That(filters.MaxSignalsPerSession is null or >= 0, $"{path}.maxSignalsPerSession", "Must be 0 (no limit) or above.");
        check.That(filters.MaxDailyLoss is null or (>= 0m and <= Largest), $"{path}.maxDailyLoss", "Give the loss as an amount of 0 (no limit) or above.");
        check.That(filters.MaxContractsPerTrade is null or (>= 0m and <= 1_000_000m), $"{path}.maxContractsPerTrade", "Must be 0 (no cap) to 1,000,000.");
        check.That(filters.EveryNthSignal is null or (>= 0 and <= 1_000), $"{path}.everyNthSignal", "Must be 0 or 1 (every signal) to 1,000.");
        var symbols = filters.Symbols is { IsDefault: false } named ? named : [];
        for (var i = 0; i < symbols.Length; i++)
        {
            check.That(
                InstrumentCatalog.Find(symbols[i] ?? "") is not null || InstrumentCatalog.FindContract((symbols[i] ?? "").ToUpperInvariant()) is not null,
                $"{path}.symbols[{i}]", $"'{symbols[i]}' is not known. Use a root like ES or a contract like ESZ2026.");
        }
    }

    private static void CheckWindows(ImmutableArray<WindowSettings> windows, string path, Checker check)
    {
        check.That(windows.Length <= MostWindows, path, $"At most {MostWindows} windows.");
        var parsed = new TradingWindow?[windows.Length];
        for (var i = 0; i < windows.Length && i < MostWindows; i++)
        {
            parsed[i] = TradingWindow.Parse(windows[i], out var error);
            check.That(parsed[i] is not null, $"{path}[{i}].{error.Member}", error.Message);
            for (var j = 0; j < i; j++)
            {
                check.That(
                    parsed[i] is not { } later || parsed[j] is not { } earlier || !later.Overlaps(earlier),
                    $"{path}[{i}]", $"Overlaps window {j}. Join the two, or move one.");
            }
        }
    }

    private sealed class Checker
    {
        public List<SettingsError> Errors { get; } = [];

        public void That(bool holds, string field, string message)
        {
            if (!holds)
            {
                Errors.Add(new SettingsError(field, message));
            }
        }

        public void OfRecorder(bool areOverrides, object? setting, string field) =>
            That(!areOverrides || setting is null, field, "Belongs to the recorder: it cannot differ by subscription.");

        public void Built(bool isOff, string field, string what) => That(isOff, field, $"{what} is not built yet in this version; leave it out.");

        public void Distance(decimal distance, DistanceUnit unit, bool isStop, string field, string wrongSide)
        {
            That(distance > 0m, field, wrongSide);
            var most = unit == DistanceUnit.Percent ? (isStop ? 99.9m : 1_000m) : 1_000_000m;
            That(distance <= most, field, $"Must be at most {FilterRules.Number(most)}.");
        }
    }
}

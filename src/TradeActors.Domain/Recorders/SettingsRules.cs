using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Recorders;

/// <summary>One thing that is wrong with settings.</summary>
/// <param name="Field">Path as in the request, such as <c>settings.sizing.initial</c>.</param>
public sealed record SettingsError(string Field, string Message);

/// <summary>Checks settings before they are stored. What this version does not carry out is refused, never ignored.</summary>
public static class SettingsRules
{
    private const string NotBuilt = "is not built yet in this version; leave it out.";

    public static IReadOnlyList<SettingsError> Check(Settings settings, string path = "settings")
    {
        var errors = new List<SettingsError>();
        CheckSizing(settings.Sizing, $"{path}.sizing", errors);
        CheckFilters(settings.Filters, $"{path}.filters", errors);
        Refuse(settings.TakeProfit is not null, $"{path}.takeProfit", "Protection by take-profit", errors);
        Refuse(settings.StopLoss is not null, $"{path}.stopLoss", "Protection by stop-loss", errors);
        Refuse(settings.Dca is { Enabled: true }, $"{path}.dca", "Averaging down", errors);
        Require(settings.EntryMaxAgeSeconds is null or (>= 1 and <= 86_400), $"{path}.entryMaxAgeSeconds", "Must be 1 to 86,400 seconds.", errors);
        Require(settings.DedupWindowSeconds is null or (>= 0 and <= 86_400), $"{path}.dedupWindowSeconds", "Must be 0 (off) to 86,400 seconds.", errors);
        return errors;
    }

    private static void CheckSizing(SizingSettings? sizing, string path, List<SettingsError> errors)
    {
        if (sizing is null)
        {
            return;
        }

        Require(sizing.Initial is null or (> 0 and <= 1_000_000), $"{path}.initial", "Must be above 0 and at most 1,000,000.", errors);
        Require(sizing.Add is null or (>= 0 and <= 1_000_000), $"{path}.add", "Must be 0 to 1,000,000; 0 refuses additions.", errors);
        Refuse(sizing.Unit is not (null or SizingUnit.Contracts), $"{path}.unit", "Sizing other than by contracts", errors);
    }

    private static void CheckFilters(FilterSettings? filters, string path, List<SettingsError> errors)
    {
        if (filters is null)
        {
            return;
        }

        Refuse(filters.Windows is { IsDefaultOrEmpty: false }, $"{path}.windows", "Trading windows", errors);
        Refuse(filters.CooldownSeconds is > 0, $"{path}.cooldownSeconds", "Cooldown", errors);
        Refuse(filters.MaxSignalsPerSession is > 0, $"{path}.maxSignalsPerSession", "A limit of signals per session", errors);
        Refuse(filters.MaxDailyLoss is > 0, $"{path}.maxDailyLoss", "A daily loss limit", errors);
        Refuse(filters.MaxContractsPerTrade is > 0, $"{path}.maxContractsPerTrade", "A cap of contracts per trade", errors);
        Refuse(filters.EveryNthSignal is > 1, $"{path}.everyNthSignal", "Trading every Nth signal", errors);
        Refuse(filters.Symbols is { IsDefaultOrEmpty: false }, $"{path}.symbols", "A list of symbols", errors);
    }

    private static void Refuse(bool isSet, string field, string what, List<SettingsError> errors)
    {
        if (isSet)
        {
            errors.Add(new SettingsError(field, $"{what} {NotBuilt}"));
        }
    }

    private static void Require(bool holds, string field, string message, List<SettingsError> errors)
    {
        if (!holds)
        {
            errors.Add(new SettingsError(field, message));
        }
    }
}

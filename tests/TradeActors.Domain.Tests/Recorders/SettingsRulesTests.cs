using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

public sealed class SettingsRulesTests
{
    private static readonly WindowSettings Morning = new("08:30", "11:00", "America/Chicago", FlattenAtEnd: true);

    public static TheoryData<string, Settings> Wrong => new()
    {
        { "settings.sizing.initial", new(new SizingSettings(0m)) },
        { "settings.sizing.initial", new(new SizingSettings(101m, Unit: SizingUnit.RiskPercent)) },
        { "settings.sizing.add", new(new SizingSettings(1m, -1m)) },
        { "settings.takeProfit.levels", new(TakeProfit: new(DistanceUnit.Ticks, [.. Enumerable.Range(1, 11).Select(i => new TakeProfitLevel(i))])) },
        { "settings.takeProfit.levels[0].distance", new(TakeProfit: new(DistanceUnit.Ticks, [new(-20m)])) },
        { "settings.takeProfit.levels[1].distance", new(TakeProfit: new(DistanceUnit.Ticks, [new(20m), new(20m)])) },
        { "settings.takeProfit.levels", new(TakeProfit: new(DistanceUnit.Points, [new(5m, Percent: 60m), new(9m, Percent: 50m)])) },
        { "settings.takeProfit.levels", new(TakeProfit: new(DistanceUnit.Points, [new(5m, Percent: 60m), new(9m, Quantity: 1m)])) },
        { "settings.takeProfit.levels[0]", new(TakeProfit: new(DistanceUnit.Points, [new(5m, Quantity: 1m, Percent: 60m)])) },
        { "settings.takeProfit.levels[0].percent", new(TakeProfit: new(DistanceUnit.Points, [new(5m, Percent: 101m)])) },
        { "settings.stopLoss.distance", new(StopLoss: new(DistanceUnit.Ticks, -1m)) },
        { "settings.stopLoss.distance", new(StopLoss: new(DistanceUnit.Percent, 100m)) },
        { "settings.stopLoss.trailing", new(StopLoss: new(DistanceUnit.Ticks, 10m, new TrailingSettings(1m, 2m))) },
        { "settings.stopLoss.breakEven", new(StopLoss: new(DistanceUnit.Ticks, 10m, BreakEven: new(1m, 0m))) },
        { "settings.dca", new(Dca: new(true, 10m, DistanceUnit.Ticks, 2)) },
        { "settings.filters.windows[0].timeZone", Filtered(new(Windows: [Morning with { TimeZone = "Mars" }])) },
        { "settings.filters.windows[0].start", Filtered(new(Windows: [Morning with { Start = "half past eight" }])) },
        { "settings.filters.windows[1]", Filtered(new(Windows: [Morning, Morning with { Start = "10:00", End = "15:00" }])) },
        { "settings.filters.cooldownSeconds", Filtered(new(CooldownSeconds: -1)) },
        { "settings.filters.maxSignalsPerSession", Filtered(new(MaxSignalsPerSession: -1)) },
        { "settings.filters.maxDailyLoss", Filtered(new(MaxDailyLoss: -500m)) },
        { "settings.filters.maxContractsPerTrade", Filtered(new(MaxContractsPerTrade: -1m)) },
        { "settings.filters.everyNthSignal", Filtered(new(EveryNthSignal: -2)) },
        { "settings.filters.symbols[1]", Filtered(new(Symbols: ["ES", "NOPE"])) },
        { "settings.entryMaxAgeSeconds", new(EntryMaxAgeSeconds: 0) },
        { "settings.dedupWindowSeconds", new(DedupWindowSeconds: -1) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_contradicts_itself_or_is_not_built_is_refused_and_named(string field, Settings settings)
    {
        var error = Assert.Single(SettingsRules.Check(settings), error => error.Field == field);
        Assert.True(error.Message.Length > 10, error.Message);
    }

    [Fact]
    public void Everything_that_is_built_passes_together_and_zero_turns_off()
    {
        Assert.Empty(SettingsRules.Check(new Settings(
            new SizingSettings(1.5m, 0.5m, SizingUnit.RiskPercent),
            new TakeProfitSettings(DistanceUnit.Ticks, [new(20m, Percent: 50m), new(40m, Percent: 50m)]),
            new StopLossSettings(DistanceUnit.Points, 5m, new TrailingSettings(0m, 0m), new BreakEvenSettings(0m, 0m)),
            new DcaSettings(false, 10m, DistanceUnit.Ticks, 2),
            new FilterSettings(
                DirectionFilter.LongOnly, [Morning, Morning with { Start = "17:00", End = "02:00", Days = ["mon", "tue"] }], 30, 5, 500m, 10m, 2, true,
                ["es", "NQZ2026"]))));
        Assert.Empty(SettingsRules.Check(Filtered(new(
            Windows: [], CooldownSeconds: 0, MaxSignalsPerSession: 0, MaxDailyLoss: 0m, MaxContractsPerTrade: 0m, EveryNthSignal: 0, Symbols: []))));
    }

    private static Settings Filtered(FilterSettings filters) => new(Filters: filters);
}

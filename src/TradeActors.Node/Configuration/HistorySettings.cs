using TradeActors.Domain.Market;

namespace TradeActors.Node.Configuration;

/// <summary>The settings of candles and equity points, and of their time of keeping.</summary>
internal sealed record HistorySettings(int LatenessSeconds = 60, int KeepSecondsDays = 7, int KeepMinutesDays = 400, int EquitySeconds = 60, int KeepEquityDays = 30)
{
    /// <exception cref="SettingException">A value is not understood.</exception>
    public static HistorySettings Read(IConfiguration configuration) => new(
        NodeSettings.Number(configuration, "tradeactors:market:candles:lateness-seconds", 60, 0, 3_600),
        NodeSettings.Number(configuration, "tradeactors:market:candles:keep-seconds-days", 7, 1, 3_650),
        NodeSettings.Number(configuration, "tradeactors:market:candles:keep-minutes-days", 400, 1, 36_500),
        NodeSettings.Number(configuration, "tradeactors:equity:interval-seconds", 60, 1, 3_600),
        NodeSettings.Number(configuration, "tradeactors:equity:keep-days", 30, 1, 36_500));

    /// <summary>How long candles of a resolution are kept; null for ever.</summary>
    public TimeSpan? KeepFor(CandleResolution resolution) => resolution switch
    {
        _ when resolution.IsBelowMinute => TimeSpan.FromDays(KeepSecondsDays),
        CandleResolution.OneDay => null,
        _ => TimeSpan.FromDays(KeepMinutesDays),
    };
}

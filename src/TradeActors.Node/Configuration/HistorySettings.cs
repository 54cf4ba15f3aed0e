using TradeActors.Domain.Market;

namespace TradeActors.Node.Configuration;

/// <summary>The settings of candles and equity points, and of their time of keeping.</summary>
internal sealed record HistorySettings(int LatenessSeconds = 60, int KeepSecondsDays = 7, int KeepMinutesDays = 400, int EquitySeconds = 60, int KeepEquityDays = 30)
{
    public static HistorySettings Read(SettingValues values) => new(
        values.Of(KnownSettings.CandleLateness), values.Of(KnownSettings.KeepSecondsDays), values.Of(KnownSettings.KeepMinutesDays),
        values.Of(KnownSettings.EquitySeconds), values.Of(KnownSettings.KeepEquityDays));

    /// <summary>How long candles of a resolution are kept; null for ever.</summary>
    public TimeSpan? KeepFor(CandleResolution resolution) => resolution switch
    {
        _ when resolution.IsBelowMinute => TimeSpan.FromDays(KeepSecondsDays),
        CandleResolution.OneDay => null,
        _ => TimeSpan.FromDays(KeepMinutesDays),
    };
}

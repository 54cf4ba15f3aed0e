using System.Collections.Immutable;

namespace TradeActors.Domain.Market;

/// <summary>How much time one candle stands for. The values are seconds and part of the stored format.</summary>
public enum CandleResolution
{
    OneSecond = 1,
    FiveSeconds = 5,
    FifteenSeconds = 15,
    ThirtySeconds = 30,
    OneMinute = 60,
    FiveMinutes = 300,
    FifteenMinutes = 900,
    ThirtyMinutes = 1_800,
    OneHour = 3_600,
    FourHours = 14_400,
    /// <summary>A trading day of the instrument, however long.</summary>
    OneDay = 86_400,
}

public static class CandleResolutions
{
    /// <summary>From the shortest on.</summary>
    public static readonly ImmutableArray<CandleResolution> All = [.. Enum.GetValues<CandleResolution>().Order()];

    /// <summary>As the API writes it: 1s, 15m, 4h, 1d.</summary>
    public static string NameOf(CandleResolution resolution) => (int)resolution switch
    {
        >= 86_400 and var seconds => $"{seconds / 86_400}d",
        >= 3_600 and var seconds => $"{seconds / 3_600}h",
        >= 60 and var seconds => $"{seconds / 60}m",
        var seconds => $"{seconds}s",
    };

    /// <returns>Null when no resolution has this name. Case counts: 1M would be a month.</returns>
    public static CandleResolution? Parse(string? name) =>
        All.Where(resolution => NameOf(resolution) == name).Select(resolution => (CandleResolution?)resolution).FirstOrDefault();

    extension(CandleResolution resolution)
    {
        /// <summary>Seconds and parts of a minute: the many small ones.</summary>
        public bool IsBelowMinute => resolution < CandleResolution.OneMinute;
    }
}

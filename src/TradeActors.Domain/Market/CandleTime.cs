using NodaTime;
using TradeActors.Domain.Instruments;

namespace TradeActors.Domain.Market;

/// <summary>Which candle an instant belongs to.</summary>
public static class CandleTime
{
    /// <summary>
    /// The start of the candle: for everything below a day, whole multiples since 1970 in UTC; for a day, 00:00 UTC of the trading date.
    /// </summary>
    public static DateTimeOffset StartOf(CandleResolution resolution, Instrument instrument, DateTimeOffset at) =>
        resolution == CandleResolution.OneDay ? Stamp(instrument.TradingDate(at)) : Floor(resolution, at);

    /// <summary>Whether an instant, usually now, is before the candle's end: more ticks may still come.</summary>
    public static bool IsOpen(Candle candle, Instrument instrument, DateTimeOffset now) => StartOf(candle.Resolution, instrument, now) <= candle.Start;

    internal static DateTimeOffset Stamp(LocalDate tradingDate) => new(tradingDate.ToDateTimeUnspecified(), TimeSpan.Zero);

    internal static DateTimeOffset Floor(CandleResolution resolution, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds(seconds - (seconds % (long)resolution));
    }
}

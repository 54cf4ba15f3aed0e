namespace TradeActors.Domain.Market;

/// <summary>Open, high, low and close of the last prices that one contract was quoted with in one stretch of time.</summary>
/// <remarks>
/// The order in which ticks arrive does not matter: the open is the price of the earliest tick and the close that of the latest, by their own times.
/// Of ticks with the same time the first to arrive opens and the last to arrive closes.
/// </remarks>
/// <param name="Symbol">Canonical contract name.</param>
/// <param name="Start">UTC. Of a day: 00:00 UTC of the trading date, which is the date on which its session ends.</param>
/// <param name="Volume">The sum of <see cref="Quote.Volume"/>, instrument units; 0 when the feed says none.</param>
/// <param name="Ticks">Quotes taken in.</param>
/// <param name="FirstAt">Time of the earliest tick, UTC, whole milliseconds.</param>
/// <param name="LastAt">Time of the latest tick, as <paramref name="FirstAt"/>.</param>
public sealed record Candle(
    string Symbol, CandleResolution Resolution, DateTimeOffset Start, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume, long Ticks,
    DateTimeOffset FirstAt, DateTimeOffset LastAt)
{
    internal static Candle Of(string symbol, CandleResolution resolution, DateTimeOffset start, CandleTick tick) =>
        new(symbol, resolution, start, tick.Price, tick.Price, tick.Price, tick.Price, tick.Volume, 1, tick.At, tick.At);

    internal Candle With(CandleTick tick) => this with
    {
        Open = tick.At < FirstAt ? tick.Price : Open,
        High = Math.Max(High, tick.Price),
        Low = Math.Min(Low, tick.Price),
        Close = tick.At >= LastAt ? tick.Price : Close,
        Volume = Volume + tick.Volume,
        Ticks = Ticks + 1,
        FirstAt = tick.At < FirstAt ? tick.At : FirstAt,
        LastAt = tick.At > LastAt ? tick.At : LastAt,
    };
}

/// <param name="At">UTC, whole milliseconds: no more is stored, and a restart must judge as before it.</param>
internal readonly record struct CandleTick(decimal Price, decimal Volume, DateTimeOffset At)
{
    public static CandleTick Of(Quote quote) =>
        new(quote.Last, quote.Volume ?? 0m, DateTimeOffset.FromUnixTimeMilliseconds(quote.At.ToUnixTimeMilliseconds()));
}

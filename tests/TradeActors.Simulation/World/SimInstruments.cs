using TradeActors.Domain.Common;
using TradeActors.PaperExchange;

namespace TradeActors.Simulation.World;

/// <summary>
/// The real catalog. In some seeds its days are short, and all but the pairs close for the last two seconds of each, so that orders expire and sessions
/// end within a run.
/// </summary>
internal sealed class SimInstruments : IPaperInstruments
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortDays = TimeSpan.FromSeconds(80);

    private readonly CatalogInstruments _catalog = new(keepsSessionHours: false);
    private readonly DateTimeOffset _start;
    private readonly TimeSpan? _day;

    public SimInstruments(DateTimeOffset start, Pcg32 random) =>
        (_start, _day) = (start, random.Chance(0.3) ? TimeSpan.FromSeconds(15 + random.Next(60)) : null);

    public PaperInstrument? Find(string symbol) => _catalog.Find(symbol);

    public string RootOf(string symbol) => _catalog.RootOf(symbol);

    public DateTimeOffset? ClosedUntil(string symbol, DateTimeOffset at) =>
        ShortDayAt(at) is { } day && !symbol.EndsWith("USDT", StringComparison.Ordinal) && EndOfSession(day, at) is var end && at >= end ? end + Pause : null;

    public DateTimeOffset DayEnd(string symbol, DateTimeOffset now) => ShortDayAt(now) is { } day
        ? EndOfSession(day, now) is var end && end > now ? end : end + day
        : _catalog.DayEnd(symbol, now);

    private TimeSpan? ShortDayAt(DateTimeOffset at) => at < _start + ShortDays ? _day : null;

    private DateTimeOffset EndOfSession(TimeSpan day, DateTimeOffset at) => _start + (day * ((long)((at - _start) / day) + 1)) - Pause;
}

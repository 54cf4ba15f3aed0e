using System.Collections.Immutable;
using System.Diagnostics;
using NodaTime;

namespace TradeActors.Domain.Instruments;

/// <summary>What a holiday does to the sessions of a calendar.</summary>
public enum HolidayPolicy
{
    /// <summary>Every day of the week is a trading date.</summary>
    None,
    /// <summary>No session on any exchange holiday.</summary>
    Closed,
    /// <summary>
    /// No session on New Year's Day, Good Friday and Christmas. On the other holidays there is a session, which counts for the next business day.
    /// </summary>
    Globex,
}

/// <summary>One stretch of trading, in the calendar's local time. The end is exclusive.</summary>
/// <param name="OpensDay">Days from the day that the session is named for: -1 when it opens on the evening before.</param>
/// <param name="ClosesDay">As <paramref name="OpensDay"/>: 1 with <see cref="LocalTime.Midnight"/> for the end of the day.</param>
public sealed record SessionSegment(LocalTime Opens, LocalTime Closes, int OpensDay = 0, int ClosesDay = 0)
{
    internal LocalDateTime Start(LocalDate day) => day.PlusDays(OpensDay) + Opens;
    internal LocalDateTime End(LocalDate day) => day.PlusDays(ClosesDay) + Closes;
}

/// <summary>The usual hours from one date on, until the next such record.</summary>
/// <param name="EffectiveFrom">The first session day with these hours.</param>
/// <param name="Segments">In time order, not overlapping, at least one.</param>
public sealed record SessionHours(LocalDate EffectiveFrom, ImmutableArray<SessionSegment> Segments);

/// <summary>Days on which the sessions end early, from one date on.</summary>
/// <param name="EffectiveFrom">The first session day for which the rule is asked.</param>
/// <param name="Applies">Asked for days with a session.</param>
/// <param name="Closes">Local time. Sessions that would begin later are left out.</param>
internal sealed record EarlyClose(LocalDate EffectiveFrom, Func<LocalDate, bool> Applies, LocalTime Closes);

/// <summary>When a market trades, and which trading date an instant belongs to. Times are local to <see cref="TimeZone"/>.</summary>
/// <remarks>
/// The trading date turns when a session opens (17:00 Chicago for Globex), not when one closes: the daily break belongs to the date that has just
/// traded. Early closes move the end of a session and nothing else; <see cref="SegmentsOn"/> is the one place from which every answer comes.
/// <para>Early closes are general knowledge, computed by rule and not confirmed against the exchanges' yearly notices (g). Not known here: what energy,
/// metals, rates and currencies do on short days (they keep their usual hours), sessions that open late after a holiday (grains after Thanksgiving
/// and Christmas), and the short equity session of a Good Friday with a jobs report.</para>
/// </remarks>
public sealed class TradingCalendar
{
    // A week has at most three days without a session; this only ends a search that cannot succeed.
    private const int MostDaysClosed = 14;

    private static readonly LocalDate Start = new(2020, 1, 1);

    private readonly DateTimeZone _zone;
    private readonly HolidayPolicy _holidays;
    private readonly ImmutableArray<SessionHours> _hours;
    private readonly ImmutableArray<LocalDate> _extraClosures;
    private readonly ImmutableArray<EarlyClose> _earlyCloses;

    private TradingCalendar(
        string name,
        string timeZone,
        HolidayPolicy holidays,
        ImmutableArray<SessionHours> hours,
        ImmutableArray<LocalDate> extraClosures = default,
        ImmutableArray<EarlyClose> earlyCloses = default)
    {
        Name = name;
        _zone = DateTimeZoneProviders.Tzdb[timeZone];
        _holidays = holidays;
        _hours = hours;
        _extraClosures = extraClosures.IsDefault ? [] : extraClosures;
        _earlyCloses = earlyCloses.IsDefault ? [] : earlyCloses;
    }

    /// <summary>Futures on Globex: Sunday 17:00 to Friday 16:00 with a break from 16:00 to 17:00.</summary>
    public static TradingCalendar Globex { get; } = new("Globex", "America/Chicago", HolidayPolicy.Globex,
        [new(Start, [Evening(17, 0, 16, 0)])]);

    /// <summary>Equity index futures on Globex. They had a second break, 15:15 to 15:30, until CME dropped it with trade date 2021-06-28 (g).</summary>
    /// <remarks>They close at 12:15 on the short days of US stocks and halt at 12:00 on the holidays that have a session, until 17:00 (g).</remarks>
    public static TradingCalendar GlobexIndex { get; } = new("GlobexIndex", "America/Chicago", HolidayPolicy.Globex,
    [
        new(Start, [Evening(17, 0, 15, 15), Daytime(15, 30, 16, 0)]),
        new(new(2021, 6, 28), [Evening(17, 0, 16, 0)]),
    ],
    earlyCloses: [new(Start, IsShortStockDay, new(12, 15)), new(Start, day => ExchangeHolidays.On(day) is not null, new(12, 0))]);

    /// <summary>CBOT grains and oilseeds: 19:00 to 07:45 and 08:30 to 13:20; to 12:05 on the day after Thanksgiving and Christmas Eve (g).</summary>
    public static TradingCalendar Grains { get; } = new("Grains", "America/Chicago", HolidayPolicy.Closed,
        [new(Start, [Evening(19, 0, 7, 45), Daytime(8, 30, 13, 20)])], earlyCloses: [new(Start, IsShortFarmDay, new(12, 5))]);

    /// <summary>CME livestock: 08:30 to 13:05; to 12:05 on the day after Thanksgiving and Christmas Eve (g).</summary>
    public static TradingCalendar Livestock { get; } = new("Livestock", "America/Chicago", HolidayPolicy.Closed,
        [new(Start, [Daytime(8, 30, 13, 5)])], earlyCloses: [new(Start, IsShortFarmDay, new(12, 5))]);

    /// <summary>The regular session of US stocks: 09:30 to 16:00 New York. Closed on 2025-01-09 too, a national day of mourning.</summary>
    /// <remarks>To 13:00 on the day after Thanksgiving, Christmas Eve and the eve of Independence Day; see <see cref="ExchangeHolidays"/>.</remarks>
    public static TradingCalendar UsStocks { get; } = new("UsStocks", "America/New_York", HolidayPolicy.Closed,
        [new(Start, [Daytime(9, 30, 16, 0)])], [new(2025, 1, 9)], [new(Start, IsShortStockDay, new(13, 0))]);

    /// <summary>Crypto: always open; the date turns at midnight UTC.</summary>
    public static TradingCalendar Continuous { get; } = new("Continuous", "Etc/UTC", HolidayPolicy.None,
        [new(Start, [new(LocalTime.Midnight, LocalTime.Midnight, ClosesDay: 1)])]);

    public string Name { get; }

    /// <summary>IANA id.</summary>
    public string TimeZone => _zone.Id;

    /// <summary>The trading date that an instant counts for, whether the market is open then or not.</summary>
    /// <remarks>
    /// A date begins with its evening opening where there is one, else at local midnight. A weekend or holiday counts for the next trading date.
    /// </remarks>
    public LocalDate TradingDate(Instant instant)
    {
        var local = instant.InZone(_zone).LocalDateTime;
        var tomorrow = local.Date.PlusDays(1);
        var date = local >= HoursOn(tomorrow)[0].Start(tomorrow) ? tomorrow : local.Date;
        while (!IsTradingDate(date))
        {
            date = date.PlusDays(1);
        }

        return date;
    }

    public bool IsTradingDate(LocalDate date) => _holidays == HolidayPolicy.None
        || (ExchangeHolidays.IsBusinessDay(date) && !_extraClosures.Contains(date));

    /// <summary>Weekends and holidays too.</summary>
    public bool TradesEveryDay => _holidays == HolidayPolicy.None;

    /// <summary>The hours at this date of any day that is not a holiday and closes at its usual time.</summary>
    public ImmutableArray<SessionSegment> UsualHours(LocalDate date) => HoursOn(date);

    public bool IsOpen(Instant instant)
    {
        var local = instant.InZone(_zone).LocalDateTime;
        return IsOpenOn(local.Date) || IsOpenOn(local.Date.PlusDays(1));

        bool IsOpenOn(LocalDate day) => SegmentsOn(day).Any(segment => segment.Start(day) <= local && local < segment.End(day));
    }

    /// <summary>When the market opens next; the instant itself while it is open.</summary>
    public Instant NextOpening(Instant instant)
    {
        var local = instant.InZone(_zone).LocalDateTime;
        for (var day = local.Date; day < local.Date.PlusDays(MostDaysClosed); day = day.PlusDays(1))
        {
            foreach (var segment in SegmentsOn(day))
            {
                if (local < segment.End(day))
                {
                    return local < segment.Start(day) ? segment.Start(day).InZoneLeniently(_zone).ToInstant() : instant;
                }
            }
        }

        throw new UnreachableException($"{Name} has no session for {MostDaysClosed} days after {instant}.");
    }

    /// <summary>When the last session of a trading date ends. Day orders expire then.</summary>
    /// <exception cref="ArgumentException">Not a trading date of this calendar.</exception>
    public Instant SessionEnd(LocalDate tradingDate) => IsTradingDate(tradingDate)
        ? SegmentsOn(tradingDate)[^1].End(tradingDate).InZoneLeniently(_zone).ToInstant()
        : throw new ArgumentException($"{tradingDate:uuuu-MM-dd} is no trading date of {Name}.", nameof(tradingDate));

    /// <summary>The sessions named for one day, in time order; empty when there are none.</summary>
    /// <remarks>On a Globex holiday they count for a later trading date.</remarks>
    public ImmutableArray<SessionSegment> SegmentsOn(LocalDate day) => !HasSession(day) ? []
        : EarlyCloseOn(day) is { } closes ? Cut(HoursOn(day), day, closes)
        : HoursOn(day);

    public override string ToString() => Name;

    private bool HasSession(LocalDate day) => IsTradingDate(day)
        || (_holidays == HolidayPolicy.Globex && ExchangeHolidays.On(day)
            is not (null or ExchangeHoliday.NewYear or ExchangeHoliday.GoodFriday or ExchangeHoliday.Christmas));

    private LocalTime? EarlyCloseOn(LocalDate day)
    {
        foreach (var rule in _earlyCloses)
        {
            if (rule.EffectiveFrom <= day && rule.Applies(day))
            {
                return rule.Closes;
            }
        }

        return null;
    }

    private static ImmutableArray<SessionSegment> Cut(ImmutableArray<SessionSegment> hours, LocalDate day, LocalTime closes) =>
    [
        .. hours
            .Where(segment => segment.Start(day) < day + closes)
            .Select(segment => segment.End(day) > day + closes ? segment with { Closes = closes, ClosesDay = 0 } : segment),
    ];

    private static bool IsShortStockDay(LocalDate day) => IsShortFarmDay(day) || ExchangeHolidays.IsIndependenceEve(day);

    private static bool IsShortFarmDay(LocalDate day) => ExchangeHolidays.IsAfterThanksgiving(day) || ExchangeHolidays.IsChristmasEve(day);

    // Dates before the first record have its hours: no instrument here is traded that far back.
    private ImmutableArray<SessionSegment> HoursOn(LocalDate day)
    {
        var index = _hours.Length - 1;
        while (index > 0 && _hours[index].EffectiveFrom > day)
        {
            index--;
        }

        return _hours[index].Segments;
    }

    private static SessionSegment Evening(int opensHour, int opensMinute, int closesHour, int closesMinute) =>
        new(new(opensHour, opensMinute), new(closesHour, closesMinute), OpensDay: -1);

    private static SessionSegment Daytime(int opensHour, int opensMinute, int closesHour, int closesMinute) =>
        new(new(opensHour, opensMinute), new(closesHour, closesMinute));
}

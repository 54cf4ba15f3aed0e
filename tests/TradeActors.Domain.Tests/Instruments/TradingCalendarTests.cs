using NodaTime;
using NodaTime.Text;
using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Domain.Tests.Instruments;

public sealed class TradingCalendarTests
{
    [Theory]
    [InlineData("ES", "2026-03-04T16:59:59-06:00", "2026-03-04")]
    [InlineData("ES", "2026-03-04T17:00:00-06:00", "2026-03-05")]
    [InlineData("ES", "2026-03-06T17:30:00-06:00", "2026-03-09")] // Friday evening.
    [InlineData("ES", "2026-03-08T17:00:00-05:00", "2026-03-09")] // Sunday evening.
    [InlineData("ES", "2026-01-19T10:00:00-06:00", "2026-01-20")] // Martin Luther King Day trades for Tuesday.
    [InlineData("ES", "2026-01-18T18:00:00-06:00", "2026-01-20")]
    [InlineData("ES", "2026-12-24T18:00:00-06:00", "2026-12-28")]
    [InlineData("ZC", "2026-03-04T18:59:00-06:00", "2026-03-04")]
    [InlineData("ZC", "2026-03-04T19:00:00-06:00", "2026-03-05")]
    [InlineData("LE", "2026-03-04T23:59:00-06:00", "2026-03-04")]
    [InlineData("AAPL", "2026-03-04T20:00:00-05:00", "2026-03-04")]
    [InlineData("AAPL", "2026-03-07T12:00:00-05:00", "2026-03-09")]
    [InlineData("AAPL", "2025-01-09T12:00:00-05:00", "2025-01-10")] // A national day of mourning closed the stock exchanges,
    [InlineData("ES", "2025-01-09T12:00:00-06:00", "2025-01-09")] // but not the futures exchanges.
    [InlineData("BTCUSDT", "2026-03-07T23:59:59Z", "2026-03-07")]
    [InlineData("BTCUSDT", "2026-12-25T00:00:00Z", "2026-12-25")]
    public void Trading_date_belongs_to_the_calendar_of_the_instrument(string root, string at, string expected) =>
        Assert.Equal(expected, LocalDatePattern.Iso.Format(InstrumentCatalog.Find(root)!.TradingDate(At(at))));

    [Theory]
    // 17:00 in Chicago is 23:00 UTC in winter and 22:00 UTC in summer; the clocks change on 2026-03-08 and 2026-11-01.
    [InlineData("2026-03-05T22:30:00Z", "2026-03-05")]
    [InlineData("2026-03-08T21:59:59Z", "2026-03-09")]
    [InlineData("2026-03-09T21:59:59Z", "2026-03-09")]
    [InlineData("2026-03-09T22:00:00Z", "2026-03-10")]
    [InlineData("2026-10-29T22:00:00Z", "2026-10-30")]
    [InlineData("2026-11-02T22:59:59Z", "2026-11-02")]
    [InlineData("2026-11-02T23:00:00Z", "2026-11-03")]
    public void Trading_date_follows_local_time_through_both_clock_changes(string at, string expected) =>
        Assert.Equal(expected, LocalDatePattern.Iso.Format(TradingCalendar.Globex.TradingDate(Instant.FromDateTimeOffset(At(at)))));

    [Theory]
    [InlineData("2026-03-08T21:59:59Z", false)]
    [InlineData("2026-03-08T22:00:00Z", true)]
    [InlineData("2026-11-01T22:59:59Z", false)]
    [InlineData("2026-11-01T23:00:00Z", true)]
    public void Globex_opens_at_five_in_chicago_on_the_sundays_when_the_clocks_change(string at, bool expected) =>
        Assert.Equal(expected, IsOpen("ES", at));

    [Theory]
    [InlineData("ES", "2026-03-04T15:59:59-06:00", true)]
    [InlineData("ES", "2026-03-04T16:00:00-06:00", false)]
    [InlineData("ES", "2026-03-04T17:00:00-06:00", true)]
    [InlineData("ES", "2026-03-06T17:00:00-06:00", false)] // Friday evening.
    [InlineData("ES", "2026-03-07T12:00:00-06:00", false)]
    [InlineData("ES", "2026-01-19T10:00:00-06:00", true)] // A holiday with a session.
    [InlineData("ES", "2026-04-03T07:00:00-05:00", false)] // Good Friday,
    [InlineData("ES", "2026-04-02T18:00:00-05:00", false)] // from its evening on.
    [InlineData("ES", "2026-12-25T12:00:00-06:00", false)]
    [InlineData("ES", "2026-01-01T17:00:00-06:00", true)]
    [InlineData("ES", "2021-06-24T15:20:00-05:00", false)] // The second break of index futures,
    [InlineData("ES", "2021-06-28T15:20:00-05:00", true)] // dropped in June 2021.
    [InlineData("CL", "2021-06-24T15:20:00-05:00", true)]
    [InlineData("ZC", "2026-03-04T07:44:00-06:00", true)]
    [InlineData("ZC", "2026-03-04T08:00:00-06:00", false)]
    [InlineData("ZC", "2026-03-04T13:19:00-06:00", true)]
    [InlineData("ZC", "2026-03-04T13:20:00-06:00", false)]
    [InlineData("ZC", "2026-01-19T10:00:00-06:00", false)]
    [InlineData("ZC", "2026-01-19T19:00:00-06:00", true)]
    [InlineData("LE", "2026-03-04T08:29:00-06:00", false)]
    [InlineData("LE", "2026-03-04T13:04:00-06:00", true)]
    [InlineData("AAPL", "2026-03-04T09:29:59-05:00", false)]
    [InlineData("AAPL", "2026-03-04T09:30:00-05:00", true)]
    [InlineData("AAPL", "2026-03-04T16:00:00-05:00", false)]
    [InlineData("AAPL", "2026-07-03T12:00:00-04:00", false)]
    [InlineData("BTCUSDT", "2026-12-25T00:00:00Z", true)]
    [InlineData("BTCUSDT", "2026-03-07T23:59:59Z", true)]
    public void Market_is_open_in_its_sessions_only(string root, string at, bool expected) => Assert.Equal(expected, IsOpen(root, at));

    [Theory]
    [InlineData("ES", "2026-03-05", "2026-03-05T16:00:00-06:00")]
    [InlineData("ES", "2026-03-09", "2026-03-09T16:00:00-05:00")]
    [InlineData("ES", "2021-06-24", "2021-06-24T16:00:00-05:00")]
    [InlineData("ZC", "2026-03-05", "2026-03-05T13:20:00-06:00")]
    [InlineData("AAPL", "2026-03-05", "2026-03-05T16:00:00-05:00")]
    [InlineData("BTCUSDT", "2026-03-05", "2026-03-06T00:00:00Z")]
    public void Session_ends_when_the_last_segment_of_the_date_does(string root, string date, string expected) =>
        Assert.Equal(At(expected), InstrumentCatalog.Find(root)!.Calendar.SessionEnd(LocalDatePattern.Iso.Parse(date).Value).ToDateTimeOffset());

    [Fact]
    public void Session_end_of_a_holiday_is_refused() =>
        Assert.Throws<ArgumentException>(() => TradingCalendar.Globex.SessionEnd(new LocalDate(2026, 12, 25)));

    [Theory]
    // The day after Thanksgiving.
    [InlineData("AAPL", "2024-11-29", "2024-11-29T13:00:00-05:00")]
    [InlineData("AAPL", "2025-11-28", "2025-11-28T13:00:00-05:00")]
    [InlineData("AAPL", "2026-11-27", "2026-11-27T13:00:00-05:00")]
    [InlineData("AAPL", "2027-11-26", "2027-11-26T13:00:00-05:00")]
    [InlineData("ES", "2024-11-29", "2024-11-29T12:15:00-06:00")]
    [InlineData("ES", "2026-11-27", "2026-11-27T12:15:00-06:00")]
    [InlineData("ZC", "2025-11-28", "2025-11-28T12:05:00-06:00")]
    [InlineData("LE", "2027-11-26", "2027-11-26T12:05:00-06:00")]
    [InlineData("CL", "2026-11-27", "2026-11-27T16:00:00-06:00")] // Unknown, so as usual.
    [InlineData("BTCUSDT", "2026-11-27", "2026-11-28T00:00:00Z")]
    // Christmas Eve: no business day in 2027, when the Friday is kept for the Saturday.
    [InlineData("AAPL", "2024-12-24", "2024-12-24T13:00:00-05:00")]
    [InlineData("AAPL", "2025-12-24", "2025-12-24T13:00:00-05:00")]
    [InlineData("AAPL", "2026-12-24", "2026-12-24T13:00:00-05:00")]
    [InlineData("AAPL", "2027-12-23", "2027-12-23T16:00:00-05:00")]
    [InlineData("ES", "2026-12-24", "2026-12-24T12:15:00-06:00")]
    [InlineData("ZC", "2026-12-24", "2026-12-24T12:05:00-06:00")]
    [InlineData("LE", "2024-12-24", "2024-12-24T12:05:00-06:00")]
    // July 3: a holiday in 2026; in 2027 the 4th is a Sunday and the Friday before a usual day.
    [InlineData("AAPL", "2024-07-03", "2024-07-03T13:00:00-04:00")]
    [InlineData("AAPL", "2025-07-03", "2025-07-03T13:00:00-04:00")]
    [InlineData("AAPL", "2026-07-02", "2026-07-02T16:00:00-04:00")]
    [InlineData("AAPL", "2027-07-02", "2027-07-02T16:00:00-04:00")]
    [InlineData("ES", "2025-07-03", "2025-07-03T12:15:00-05:00")]
    [InlineData("ES", "2026-07-02", "2026-07-02T16:00:00-05:00")]
    [InlineData("ZC", "2025-07-03", "2025-07-03T13:20:00-05:00")]
    public void A_short_day_ends_early(string root, string date, string expected) =>
        Assert.Equal(At(expected), InstrumentCatalog.Find(root)!.Calendar.SessionEnd(LocalDatePattern.Iso.Parse(date).Value).ToDateTimeOffset());

    [Theory]
    [InlineData("2025-01-20")] // Martin Luther King.
    [InlineData("2026-02-16")] // Presidents.
    [InlineData("2024-05-27")] // Memorial.
    [InlineData("2025-06-19")] // Juneteenth.
    [InlineData("2024-07-04")] // Independence,
    [InlineData("2025-07-04")]
    [InlineData("2027-07-05")] // kept on Monday.
    [InlineData("2027-09-06")] // Labor.
    [InlineData("2026-11-26")] // Thanksgiving.
    public void Index_futures_halt_at_noon_on_a_holiday_and_open_in_the_evening(string date)
    {
        var noon = LocalDatePattern.Iso.Parse(date).Value.At(new LocalTime(12, 0)).InZoneStrictly(DateTimeZoneProviders.Tzdb["America/Chicago"]).ToInstant();
        var calendar = TradingCalendar.GlobexIndex;
        Assert.True(calendar.IsOpen(noon - Duration.FromSeconds(1)));
        Assert.False(calendar.IsOpen(noon));
        Assert.Equal(calendar.TradingDate(noon - Duration.FromSeconds(1)), calendar.TradingDate(noon + Duration.FromHours(4)));
        var isFriday = LocalDatePattern.Iso.Parse(date).Value.DayOfWeek == IsoDayOfWeek.Friday;
        Assert.Equal(noon + Duration.FromHours(isFriday ? 53 : 5), calendar.NextOpening(noon));
        Assert.True(TradingCalendar.Globex.IsOpen(noon + Duration.FromHours(3))); // What other futures do is not known: they keep their hours.
    }

    [Theory]
    [InlineData("AAPL", "2026-03-06T09:30:00-05:00", "2026-03-06T14:30:00Z")] // New York before,
    [InlineData("AAPL", "2026-03-06T16:00:00-05:00", "2026-03-09T13:30:00Z")] // and after its clocks went forward,
    [InlineData("AAPL", "2026-10-30T16:00:00-04:00", "2026-11-02T14:30:00Z")] // and back.
    [InlineData("ES", "2026-03-06T16:00:00-06:00", "2026-03-08T22:00:00Z")] // Chicago: on the very Sunday.
    [InlineData("ES", "2026-10-30T16:00:00-05:00", "2026-11-01T23:00:00Z")]
    [InlineData("ES", "2026-03-04T16:00:00-06:00", "2026-03-04T23:00:00Z")] // The daily break.
    [InlineData("ES", "2026-12-24T12:15:00-06:00", "2026-12-27T23:00:00Z")]
    [InlineData("ZC", "2026-03-04T07:45:00-06:00", "2026-03-04T14:30:00Z")]
    [InlineData("AAPL", "2026-11-27T13:00:00-05:00", "2026-11-30T14:30:00Z")]
    [InlineData("BTCUSDT", "2026-12-25T12:00:00Z", "2026-12-25T12:00:00Z")]
    public void A_closed_market_says_when_it_opens_next(string root, string at, string expected) =>
        Assert.Equal(At(expected), InstrumentCatalog.Find(root)!.Calendar.NextOpening(Instant.FromDateTimeOffset(At(at))).ToDateTimeOffset());

    public static TheoryData<string> Roots => ["ES", "CL", "ZC", "LE", "AAPL", "BTCUSDT"];

    [Theory]
    [MemberData(nameof(Roots))]
    public void On_every_day_of_four_years_the_answers_agree(string root)
    {
        var calendar = InstrumentCatalog.Find(root)!.Calendar;
        var zone = DateTimeZoneProviders.Tzdb[calendar.TimeZone];
        for (var day = new LocalDate(2024, 1, 1); day.Year < 2028; day = day.PlusDays(1))
        {
            foreach (var segment in calendar.SegmentsOn(day))
            {
                var opens = (day.PlusDays(segment.OpensDay) + segment.Opens).InZoneStrictly(zone).ToInstant();
                var closes = (day.PlusDays(segment.ClosesDay) + segment.Closes).InZoneStrictly(zone).ToInstant();
                Assert.True(calendar.IsOpen(opens) && calendar.IsOpen(closes - Duration.Epsilon), $"{root} is closed in its session of {day}");
                Assert.True(calendar == TradingCalendar.Continuous || !(calendar.IsOpen(opens - Duration.Epsilon) || calendar.IsOpen(closes)), $"{root} is open beyond its session of {day}");
                Assert.Equal(calendar.TradingDate(opens), calendar.TradingDate(closes - Duration.Epsilon));
                Assert.Equal(calendar.NextOpening(opens - Duration.FromMinutes(1)), calendar.IsOpen(opens - Duration.FromMinutes(1)) ? opens - Duration.FromMinutes(1) : opens);
            }

            if (calendar.IsTradingDate(day))
            {
                var end = calendar.SessionEnd(day);
                Assert.Equal(day, calendar.TradingDate(end - Duration.Epsilon));
                Assert.True(calendar.IsOpen(end - Duration.Epsilon), $"{root} is closed before the end of {day}");
            }
        }
    }

    private static bool IsOpen(string root, string at) =>
        InstrumentCatalog.Find(root)!.Calendar.IsOpen(Instant.FromDateTimeOffset(At(at)));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}

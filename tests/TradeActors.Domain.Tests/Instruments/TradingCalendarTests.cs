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

    private static bool IsOpen(string root, string at) =>
        InstrumentCatalog.Find(root)!.Calendar.IsOpen(Instant.FromDateTimeOffset(At(at)));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}

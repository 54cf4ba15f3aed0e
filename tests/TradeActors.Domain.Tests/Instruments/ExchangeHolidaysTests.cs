using NodaTime;
using NodaTime.Text;
using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Domain.Tests.Instruments;

public sealed class ExchangeHolidaysTests
{
    [Theory]
    // The calendars as NYSE published them.
    [InlineData(2020, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25")]
    [InlineData(2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24")]
    [InlineData(2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26")]
    [InlineData(2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25")]
    [InlineData(2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25")]
    [InlineData(2025, "01-01 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25")]
    [InlineData(2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25")]
    [InlineData(2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24")]
    [InlineData(2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25")]
    public void Holidays_of_a_year_are_those_the_exchanges_published(int year, string expected)
    {
        var days = Enumerable.Range(0, CalendarSystem.Iso.GetDaysInYear(year)).Select(n => new LocalDate(year, 1, 1).PlusDays(n));
        Assert.Equal(expected, string.Join(' ', days.Where(day => ExchangeHolidays.On(day) is not null).Select(day => $"{day:MM-dd}")));
    }

    [Fact]
    public void Every_year_has_nine_or_ten_holidays_and_all_are_weekdays()
    {
        for (var year = 2020; year <= 2035; year++)
        {
            var days = Enumerable.Range(0, CalendarSystem.Iso.GetDaysInYear(year)).Select(n => new LocalDate(year, 1, 1).PlusDays(n));
            var holidays = days.Where(day => ExchangeHolidays.On(day) is not null).ToList();
            Assert.InRange(holidays.Count, 9, 10);
            Assert.All(holidays, day => Assert.True(day.DayOfWeek < IsoDayOfWeek.Saturday));
            Assert.Equal(holidays.Count, holidays.Select(day => ExchangeHolidays.On(day)).Distinct().Count());
        }
    }

    [Fact]
    public void Juneteenth_is_kept_from_2022_on()
    {
        Assert.Null(ExchangeHolidays.On(new LocalDate(2020, 6, 19)));
        Assert.Null(ExchangeHolidays.On(new LocalDate(2021, 6, 18)));
        Assert.Equal(ExchangeHoliday.Juneteenth, ExchangeHolidays.On(new LocalDate(2022, 6, 20)));
    }

    [Theory]
    [InlineData("2026-07-02", 1, "2026-07-06")]
    [InlineData("2026-07-06", -1, "2026-07-02")]
    [InlineData("2026-07-04", 1, "2026-07-06")]
    [InlineData("2026-11-25", 2, "2026-11-30")]
    [InlineData("2026-07-04", 0, "2026-07-04")]
    public void Business_days_step_over_weekends_and_holidays(string from, int count, string expected) =>
        Assert.Equal(Date(expected), ExchangeHolidays.AddBusinessDays(Date(from), count));

    private static LocalDate Date(string text) => LocalDatePattern.Iso.Parse(text).Value;
}

using NodaTime;

namespace TradeActors.Domain.Instruments;

/// <summary>The holidays that US stock and futures exchanges keep in common.</summary>
public enum ExchangeHoliday
{
    NewYear,
    MartinLutherKing,
    Presidents,
    GoodFriday,
    Memorial,
    /// <summary>Kept by the exchanges since 2022.</summary>
    Juneteenth,
    Independence,
    Labor,
    Thanksgiving,
    Christmas,
}

/// <summary>US exchange holidays and business days, computed by rule. Checked against 2020 to 2035; the rules themselves have no end.</summary>
/// <remarks>
/// Source: NYSE rule 7.2, which the futures exchanges follow for their business days. A fixed date that falls on a Sunday is kept on Monday, one
/// that falls on a Saturday on Friday; only New Year's Day on a Saturday is not kept at all, since Friday closes the books of the year.
/// </remarks>
public static class ExchangeHolidays
{
    /// <summary>The holiday that the exchanges keep on this date, which may be a substitute; null on other days and at weekends.</summary>
    public static ExchangeHoliday? On(LocalDate date) => date switch
    {
        { DayOfWeek: IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday } => null,
        { Month: 1, Day: 1 } or { Month: 1, Day: 2, DayOfWeek: IsoDayOfWeek.Monday } => ExchangeHoliday.NewYear,
        { Month: 1, Day: >= 15 and <= 21, DayOfWeek: IsoDayOfWeek.Monday } => ExchangeHoliday.MartinLutherKing,
        { Month: 2, Day: >= 15 and <= 21, DayOfWeek: IsoDayOfWeek.Monday } => ExchangeHoliday.Presidents,
        { Month: 3 or 4, DayOfWeek: IsoDayOfWeek.Friday } when date.PlusDays(2) == Easter(date.Year) => ExchangeHoliday.GoodFriday,
        { Month: 5, Day: >= 25, DayOfWeek: IsoDayOfWeek.Monday } => ExchangeHoliday.Memorial,
        { Month: 6, Year: >= 2022 } when Keeps(date, 19) => ExchangeHoliday.Juneteenth,
        { Month: 7 } when Keeps(date, 4) => ExchangeHoliday.Independence,
        { Month: 9, Day: <= 7, DayOfWeek: IsoDayOfWeek.Monday } => ExchangeHoliday.Labor,
        { Month: 11, Day: >= 22 and <= 28, DayOfWeek: IsoDayOfWeek.Thursday } => ExchangeHoliday.Thanksgiving,
        { Month: 12 } when Keeps(date, 25) => ExchangeHoliday.Christmas,
        _ => null,
    };

    /// <summary>The Friday after Thanksgiving.</summary>
    public static bool IsAfterThanksgiving(LocalDate date) => On(date.PlusDays(-1)) == ExchangeHoliday.Thanksgiving;

    /// <summary>December 24, unless it is a weekend or kept as Christmas itself (a Friday).</summary>
    public static bool IsChristmasEve(LocalDate date) => date is { Month: 12, Day: 24 } && IsBusinessDay(date);

    /// <summary>
    /// July 3, when the 4th is a Tuesday to Friday. Before a Saturday the 3rd is the holiday itself, and the day before a weekend or a Monday that is
    /// kept is a usual one.
    /// </summary>
    public static bool IsIndependenceEve(LocalDate date) => date is { Month: 7, Day: 3 } && IsBusinessDay(date);

    /// <summary>Monday to Friday and no holiday. A day with an early close is a business day.</summary>
    public static bool IsBusinessDay(LocalDate date) => date.DayOfWeek < IsoDayOfWeek.Saturday && On(date) is null;

    /// <summary>The <paramref name="count"/>-th business day after the date, or before it when negative. The date itself is not counted.</summary>
    public static LocalDate AddBusinessDays(LocalDate date, int count)
    {
        var step = Math.Sign(count);
        for (var left = Math.Abs(count); left > 0;)
        {
            date = date.PlusDays(step);
            left -= IsBusinessDay(date) ? 1 : 0;
        }

        return date;
    }

    /// <summary>The date itself, or the last business day before it.</summary>
    public static LocalDate BusinessDayOnOrBefore(LocalDate date) => IsBusinessDay(date) ? date : AddBusinessDays(date, -1);

    public static LocalDate LastBusinessDay(YearMonth month) => BusinessDayOnOrBefore(month.ToDateInterval().End);

    // For a weekday: whether it is the holiday of this day of the month, or its Friday or Monday substitute.
    private static bool Keeps(LocalDate date, int day) => date.Day == day
        || (date.Day == day - 1 && date.DayOfWeek == IsoDayOfWeek.Friday)
        || (date.Day == day + 1 && date.DayOfWeek == IsoDayOfWeek.Monday);

    /// <summary>Easter Sunday, Gregorian. Source: the anonymous algorithm in J. Meeus, "Astronomical Algorithms", chapter 8.</summary>
    private static LocalDate Easter(int year)
    {
        var a = year % 19;
        var (b, c) = Math.DivRem(year, 100);
        var (d, e) = Math.DivRem(b, 4);
        var g = ((8 * b) + 13) / 25;
        var h = ((19 * a) + b - d - g + 15) % 30;
        var (i, k) = Math.DivRem(c, 4);
        var l = (32 + (2 * e) + (2 * i) - h - k) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var (month, day) = Math.DivRem(h + l - (7 * m) + 114, 31);
        return new LocalDate(year, month, day + 1);
    }
}

using System.Diagnostics;
using NodaTime;
using static TradeActors.Domain.Instruments.ExchangeHolidays;

namespace TradeActors.Domain.Instruments;

/// <summary>The rules of <see cref="RollClass"/> as arithmetic on dates. All are trading dates of the instrument.</summary>
internal static class RollRules
{
    public static LocalDate LastTradeDate(RollClass rollClass, YearMonth month) => rollClass switch
    {
        RollClass.Index => BusinessDayOnOrBefore(Nth(3, IsoDayOfWeek.Friday, month)),
        RollClass.Nikkei => AddBusinessDays(Nth(2, IsoDayOfWeek.Friday, month), -1),
        RollClass.CrudeOil => BeforeThe25th(month.PlusMonths(-1), 3),
        RollClass.MicroCrudeOil => BeforeThe25th(month.PlusMonths(-1), 4),
        RollClass.NaturalGas => AddBusinessDays(LastBusinessDay(month.PlusMonths(-1)), -2),
        RollClass.RefinedProduct => LastBusinessDay(month.PlusMonths(-1)),
        RollClass.Metal => AddBusinessDays(LastBusinessDay(month), -2),
        RollClass.Treasury => AddBusinessDays(LastBusinessDay(month), -7),
        RollClass.ShortTreasury or RollClass.LiveCattle => LastBusinessDay(month),
        RollClass.Currency => AddBusinessDays(Nth(3, IsoDayOfWeek.Wednesday, month), -2),
        RollClass.CanadianDollar => AddBusinessDays(Nth(3, IsoDayOfWeek.Wednesday, month), -1),
        RollClass.Crypto => BusinessDayInLondonToo(Last(IsoDayOfWeek.Friday, month)),
        RollClass.Volatility => BusinessDayOnOrBefore(
            BusinessDayOnOrBefore(Nth(3, IsoDayOfWeek.Friday, month.PlusMonths(1))).PlusDays(-30)),
        RollClass.Grain => AddBusinessDays(month.OnDayOfMonth(15), -1),
        RollClass.LeanHogs => AddBusinessDays(month.OnDayOfMonth(1).PlusDays(-1), 10),
        RollClass.FeederCattle => FeederCattle(month),
        _ => throw new UnreachableException($"{rollClass} has no contract months."),
    };

    /// <summary>The first trading date on which the contract is no longer the front; never after its last trade date.</summary>
    public static LocalDate RollDate(RollClass rollClass, YearMonth month) => rollClass switch
    {
        RollClass.Index => MondayBefore(Nth(3, IsoDayOfWeek.Friday, month)),
        RollClass.Nikkei => MondayBefore(Nth(2, IsoDayOfWeek.Friday, month)),
        RollClass.Metal or RollClass.Treasury or RollClass.ShortTreasury or RollClass.Grain => LastBusinessDay(month.PlusMonths(-1)),
        RollClass.LiveCattle => AddBusinessDays(month.OnDayOfMonth(1).PlusDays(-1), 1),
        _ => LastTradeDate(rollClass, month),
    };

    // On Labor Day, which can precede the 2nd Friday, the sessions already count for Tuesday.
    private static LocalDate MondayBefore(LocalDate friday) => AddBusinessDays(friday.PlusDays(-5), 1);

    private static LocalDate BeforeThe25th(YearMonth month, int businessDays) =>
        AddBusinessDays(BusinessDayOnOrBefore(month.OnDayOfMonth(25)), -businessDays);

    // Good Friday and Christmas close both cities; Boxing Day is the one London holiday besides that can be the last Friday of a month.
    private static LocalDate BusinessDayInLondonToo(LocalDate friday) =>
        friday is { Month: 12, Day: 26 } ? AddBusinessDays(friday, -1) : BusinessDayOnOrBefore(friday);

    private static LocalDate FeederCattle(YearMonth month)
    {
        var thursday = month.Month == 11 ? Nth(4, IsoDayOfWeek.Thursday, month).PlusWeeks(-1) : Last(IsoDayOfWeek.Thursday, month);
        while (AddBusinessDays(thursday, -4) != thursday.PlusDays(-6) || !IsBusinessDay(thursday))
        {
            thursday = thursday.PlusWeeks(-1);
        }

        return thursday;
    }

    private static LocalDate Nth(int n, IsoDayOfWeek weekday, YearMonth month) =>
        month.OnDayOfMonth(1).PlusDays(-1).Next(weekday).PlusWeeks(n - 1);

    private static LocalDate Last(IsoDayOfWeek weekday, YearMonth month) => month.PlusMonths(1).OnDayOfMonth(1).Previous(weekday);
}

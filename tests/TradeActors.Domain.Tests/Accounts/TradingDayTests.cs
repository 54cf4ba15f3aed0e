using TradeActors.Domain.Accounts;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

public sealed class TradingDayTests
{
    [Theory]
    [InlineData("2026-08-20T21:59:59Z", "2026-08-20")]
    [InlineData("2026-08-20T22:00:00Z", "2026-08-21")]
    [InlineData("2026-08-21T12:00:00Z", "2026-08-21")]
    // Clocks go forward on 8 March: 17:00 is 23:00 UTC the day before and 22:00 UTC on the day.
    [InlineData("2026-03-07T22:59:59Z", "2026-03-07")]
    [InlineData("2026-03-07T23:00:00Z", "2026-03-08")]
    [InlineData("2026-03-08T07:59:59Z", "2026-03-08")]
    [InlineData("2026-03-08T21:59:59Z", "2026-03-08")]
    [InlineData("2026-03-08T22:00:00Z", "2026-03-09")]
    // Clocks go back on 1 November: 17:00 is 22:00 UTC the day before and 23:00 UTC on the day.
    [InlineData("2026-10-31T21:59:59Z", "2026-10-31")]
    [InlineData("2026-10-31T22:00:00Z", "2026-11-01")]
    [InlineData("2026-11-01T22:59:59Z", "2026-11-01")]
    [InlineData("2026-11-01T23:00:00Z", "2026-11-02")]
    public void Day_begins_at_the_default_reset_in_chicago_whatever_the_clocks_do(string at, string expected) =>
        Assert.Equal(expected, TradingDay.Of(DateTimeOffset.Parse(at), resets: null));

    [Theory]
    [InlineData("2026-08-20T23:59:59Z", "00:00 Etc/UTC", "2026-08-20")]
    [InlineData("2026-08-21T00:00:00Z", "00:00 Etc/UTC", "2026-08-21")]
    [InlineData("2026-08-20T21:00:00Z", "17:00 America/New_York", "2026-08-21")]
    [InlineData("2026-08-20T20:59:59Z", "17:00 America/New_York", "2026-08-20")]
    // 02:30 does not exist on 8 March in Chicago: the day turns when the clock jumps past it.
    [InlineData("2026-03-08T07:59:59Z", "02:30 America/Chicago", "2026-03-08")]
    [InlineData("2026-03-08T08:00:00Z", "02:30 America/Chicago", "2026-03-09")]
    public void Day_begins_at_the_accounts_own_reset(string at, string resets, string expected) =>
        Assert.Equal(expected, TradingDay.Of(DateTimeOffset.Parse(at), resets));

    [Theory]
    [InlineData("17:00 America/Chicago", true)]
    [InlineData("00:00 Etc/UTC", true)]
    [InlineData("17:00", false)]
    [InlineData("25:00 America/Chicago", false)]
    [InlineData("17:00 Mars/Olympus", false)]
    [InlineData("", false)]
    public void Reset_is_a_time_and_a_known_zone(string resets, bool expected) => Assert.Equal(expected, TradingDay.IsValid(resets));

    [Fact]
    public void Days_never_run_backwards_over_a_year_of_hours()
    {
        var days = Enumerable.Range(0, 366 * 24).Select(hour => TradingDay.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hour), null)).ToArray();
        Assert.Equal(days.Order(StringComparer.Ordinal), days);
        Assert.All(days.CountBy(day => day).Skip(1).SkipLast(1), day => Assert.InRange(day.Value, 23, 25));
    }
}

using System.Globalization;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

public sealed class TradingWindowTests
{
    [Theory]
    [InlineData("08:30", "15:00", "2026-08-20T13:29:59Z", false)]
    [InlineData("08:30", "15:00", "2026-08-20T13:30:00Z", true)]
    [InlineData("08:30", "15:00", "2026-08-20T20:00:00Z", true)]
    [InlineData("08:30", "15:00", "2026-08-20T20:00:01Z", false)]
    [InlineData("17:00", "09:00", "2026-08-20T21:59:59Z", false)]
    [InlineData("17:00", "09:00", "2026-08-20T22:00:00Z", true)]
    [InlineData("17:00", "09:00", "2026-08-21T05:00:00Z", true)]
    [InlineData("17:00", "09:00", "2026-08-21T14:00:00Z", true)]
    [InlineData("17:00", "09:00", "2026-08-21T14:00:01Z", false)]
    public void Both_ends_are_inside_and_an_end_before_the_start_lies_on_the_next_day(string start, string end, string at, bool isInside) =>
        Assert.Equal(isInside, Window(start, end, "America/Chicago").Contains(Utc(at)));

    [Fact]
    public void Days_are_those_on_which_it_starts()
    {
        var window = Window("22:00", "02:00", "America/New_York", "fri", "Monday");
        Assert.True(window.Contains(Utc("2026-08-22T05:00:00Z"))); // Saturday 01:00 in New York: began on Friday.
        Assert.False(window.Contains(Utc("2026-08-23T05:00:00Z"))); // Sunday 01:00 would have begun on Saturday.
        Assert.True(window.Contains(Utc("2026-08-25T03:00:00Z"))); // Monday 23:00.
        Assert.Equal(Utc("2026-08-22T06:00:00Z"), window.NextEnd(Utc("2026-08-20T12:00:00Z")));
    }

    /// <summary>The window 01:30 to 03:30, with the instants at which it starts and ends on the days around the clock changes.</summary>
    [Theory]
    // Chicago: on 2026-03-08 02:00 becomes 03:00, on 2026-11-01 02:00 becomes 01:00.
    [InlineData("America/Chicago", "2026-03-07T07:30:00Z", "2026-03-07T09:30:00Z")]
    [InlineData("America/Chicago", "2026-03-08T07:30:00Z", "2026-03-08T08:30:00Z")]
    [InlineData("America/Chicago", "2026-11-01T06:30:00Z", "2026-11-01T09:30:00Z")]
    [InlineData("America/Chicago", "2026-11-02T07:30:00Z", "2026-11-02T09:30:00Z")]
    // New York: the same local times, an hour earlier.
    [InlineData("America/New_York", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z")]
    [InlineData("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T08:30:00Z")]
    // London: on 2026-03-29 01:00 becomes 02:00 (the start is skipped), on 2026-10-25 02:00 becomes 01:00.
    [InlineData("Europe/London", "2026-03-29T01:00:00Z", "2026-03-29T02:30:00Z")]
    [InlineData("Europe/London", "2026-10-25T00:30:00Z", "2026-10-25T03:30:00Z")]
    // Tokyo keeps its time.
    [InlineData("Asia/Tokyo", "2026-03-07T16:30:00Z", "2026-03-07T18:30:00Z")]
    [InlineData("Asia/Tokyo", "2026-10-24T16:30:00Z", "2026-10-24T18:30:00Z")]
    public void Follows_the_wall_clock_on_the_days_on_which_it_changes(string zone, string start, string end)
    {
        var window = Window("01:30", "03:30", zone);
        Assert.False(window.Contains(Utc(start).AddSeconds(-1)));
        Assert.True(window.Contains(Utc(start)));
        Assert.True(window.Contains(Utc(end)));
        Assert.False(window.Contains(Utc(end).AddSeconds(1)));
        Assert.Equal(Utc(end), window.NextEnd(Utc(start)));
        Assert.True(window.NextEnd(Utc(end)) > Utc(end).AddHours(20));
    }

    /// <summary>An overnight window over the change of clocks: 20:00 to 04:00 lasts seven hours in spring and nine in autumn.</summary>
    [Theory]
    [InlineData("America/Chicago", "2026-03-08T02:00:00Z", 7)]
    [InlineData("America/Chicago", "2026-11-01T01:00:00Z", 9)]
    [InlineData("America/New_York", "2026-03-08T01:00:00Z", 7)]
    [InlineData("America/New_York", "2026-11-01T00:00:00Z", 9)]
    [InlineData("Europe/London", "2026-03-28T20:00:00Z", 7)]
    [InlineData("Europe/London", "2026-10-24T19:00:00Z", 9)]
    [InlineData("Asia/Tokyo", "2026-03-08T11:00:00Z", 8)]
    public void Overnight_window_spans_the_change_of_clocks(string zone, string start, int hours)
    {
        var window = Window("20:00", "04:00", zone);
        Assert.False(window.Contains(Utc(start).AddSeconds(-1)));
        Assert.True(window.Contains(Utc(start).AddHours(hours)));
        Assert.False(window.Contains(Utc(start).AddHours(hours).AddSeconds(1)));
    }

    [Theory]
    [InlineData("8h30", "15:00", "America/Chicago", "start")]
    [InlineData("24:00", "15:00", "America/Chicago", "start")]
    [InlineData("08:30", "", "America/Chicago", "end")]
    [InlineData("08:30", "08:30", "America/Chicago", "end")]
    [InlineData("08:30", "15:00", "Chicago", "timeZone")]
    [InlineData("08:30", "15:00", null, "timeZone")]
    [InlineData("08:30", "15:00", "America/Chicago", "days", "someday")]
    public void Unreadable_part_is_named(string start, string end, string? zone, string member, string? day = null)
    {
        Assert.Null(TradingWindow.Parse(new WindowSettings(start, end, zone!, day is null ? null : [day]), out var error));
        Assert.Equal(member, error.Member);
        Assert.NotEmpty(error.Message);
    }

    [Theory]
    [InlineData("08:00", "12:00", "America/Chicago", "12:00", "15:00", "America/Chicago", false)]
    [InlineData("08:00", "12:00", "America/Chicago", "11:59", "15:00", "America/Chicago", true)]
    [InlineData("22:00", "04:00", "Europe/London", "03:00", "05:00", "Europe/London", true)]
    [InlineData("08:00", "09:00", "America/Chicago", "09:30", "10:00", "America/New_York", true)]
    [InlineData("08:00", "09:00", "America/Chicago", "10:00", "11:00", "America/New_York", false)]
    public void Overlap_is_found_in_every_pair_of_zones(string start1, string end1, string zone1, string start2, string end2, string zone2, bool overlaps)
    {
        Assert.Equal(overlaps, Window(start1, end1, zone1).Overlaps(Window(start2, end2, zone2)));
        Assert.Equal(overlaps, Window(start2, end2, zone2).Overlaps(Window(start1, end1, zone1)));
    }

    private static TradingWindow Window(string start, string end, string zone, params string[] days) =>
        TradingWindow.Parse(new WindowSettings(start, end, zone, [.. days]), out _) ?? throw new InvalidOperationException("The window cannot be read.");

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}

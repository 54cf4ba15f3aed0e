using System.Collections.Immutable;
using NodaTime;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Recorders;

/// <summary>A daily stretch of time in which entries are made, in the local time of its zone.</summary>
/// <remarks>
/// Both ends belong to it. An end before its start lies on the next day. A time that the clocks repeat counts the first time, one that they skip
/// when they jump past it; so a window is shorter or longer on the two days on which the clocks change, and begins and ends when the wall clock says.
/// </remarks>
/// <param name="Days">The days on which it starts; empty for every day.</param>
public sealed record TradingWindow(LocalTime Start, LocalTime End, DateTimeZone Zone, ImmutableArray<IsoDayOfWeek> Days, bool FlattensAtEnd)
{
    private static readonly ImmutableArray<string> DayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <summary>Null when a part cannot be read; <paramref name="error"/> then says which member and why.</summary>
    public static TradingWindow? Parse(WindowSettings settings, out (string Member, string Message) error)
    {
        error = default;
        if (LocalTimes.ParseTime(settings.Start ?? "") is not { } start)
        {
            error = ("start", $"'{settings.Start}' is no time of day. Write it like 08:30.");
            return null;
        }

        if (LocalTimes.ParseTime(settings.End ?? "") is not { } end)
        {
            error = ("end", $"'{settings.End}' is no time of day. Write it like 15:00.");
            return null;
        }

        if (LocalTimes.FindZone(settings.TimeZone ?? "") is not { } zone)
        {
            error = ("timeZone", $"'{settings.TimeZone}' is no time zone. Use an IANA name like America/Chicago.");
            return null;
        }

        if (start == end)
        {
            error = ("end", "The window ends when it starts. Leave it out to trade all day.");
            return null;
        }

        var days = ImmutableArray.CreateBuilder<IsoDayOfWeek>();
        foreach (var text in settings.Days is { IsDefault: false } named ? named : [])
        {
            if (DayOf(text) is not { } day)
            {
                error = ("days", $"'{text}' is no day of the week. Write monday to sunday, or mon to sun.");
                return null;
            }

            days.Add(day);
        }

        return new TradingWindow(start, end, zone, days.ToImmutable(), settings.FlattenAtEnd == true);
    }

    public bool Contains(DateTimeOffset at)
    {
        var instant = Instant.FromDateTimeOffset(at);
        var today = instant.InZone(Zone).Date;
        return Holds(today.PlusDays(-1)) || Holds(today);

        bool Holds(LocalDate date) => StretchFrom(date) is { } stretch && stretch.Start <= instant && instant <= stretch.End;
    }

    /// <summary>When it ends next, later than <paramref name="at"/>.</summary>
    public DateTimeOffset NextEnd(DateTimeOffset at) => NextStretch(at).End;

    /// <summary>The stretch of time that holds <paramref name="at"/> before its end, else the next one.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) NextStretch(DateTimeOffset at)
    {
        var instant = Instant.FromDateTimeOffset(at);
        var date = instant.InZone(Zone).Date.PlusDays(-1);
        while (true)
        {
            if (StretchFrom(date) is { } stretch && stretch.End > instant)
            {
                return (stretch.Start.ToDateTimeOffset(), stretch.End.ToDateTimeOffset());
            }

            date = date.PlusDays(1);
        }
    }

    /// <summary>Whether two windows share more than an end, in any week of a year with summer and winter time.</summary>
    public bool Overlaps(TradingWindow other) => Weeks.Any(week => Stretches(week).Any(mine => other.Stretches(week).Any(its => mine.Start < its.End && its.Start < mine.End)));

    private static readonly ImmutableArray<LocalDate> Weeks = [new(2026, 1, 12), new(2026, 7, 13)];

    private IEnumerable<(Instant Start, Instant End)> Stretches(LocalDate week) =>
        Enumerable.Range(-1, 9).Select(day => StretchFrom(week.PlusDays(day))).OfType<(Instant, Instant)>();

    private (Instant Start, Instant End)? StretchFrom(LocalDate date) => Days.IsEmpty || Days.Contains(date.DayOfWeek)
        ? (LocalTimes.At(Zone, date, Start), LocalTimes.At(Zone, End > Start ? date : date.PlusDays(1), End))
        : null;

    private static IsoDayOfWeek? DayOf(string text)
    {
        var word = text.Trim().ToLowerInvariant();
        var index = word.Length < 3 ? -1 : DayNames.ToList().FindIndex(name => name == word || name[..3] == word);
        return index < 0 ? null : (IsoDayOfWeek)(index + 1);
    }
}

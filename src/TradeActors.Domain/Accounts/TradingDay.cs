using System.Globalization;
using NodaTime;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Accounts;

/// <summary>The account's own trading day: it begins at a local time in an IANA zone and is named by the date on which it ends.</summary>
public static class TradingDay
{
    public const string DefaultReset = "17:00 America/Chicago";

    /// <summary>The trading day, yyyy-MM-dd, of an instant.</summary>
    /// <param name="resets">As <see cref="AccountLimits.TradingDayResets"/>; null for <see cref="DefaultReset"/>. Must be valid.</param>
    public static string Of(DateTimeOffset at, string? resets)
    {
        var (time, zone) = Parse(resets ?? DefaultReset) ?? throw new FormatException($"Not a reset time: '{resets}'.");
        var instant = Instant.FromDateTimeOffset(at);
        var today = instant.InZone(zone).Date;
        // Compared as instants: in the hour that the clocks repeat, local times run backwards.
        var date = time == LocalTime.Midnight || instant < LocalTimes.At(zone, today, time) ? today : today.PlusDays(1);
        return date.ToString("uuuu'-'MM'-'dd", CultureInfo.InvariantCulture);
    }

    public static bool IsValid(string resets) => Parse(resets) is not null;

    private static (LocalTime Time, DateTimeZone Zone)? Parse(string text)
    {
        var parts = text.Split(' ', 2, StringSplitOptions.TrimEntries);
        return parts.Length == 2 && LocalTimes.ParseTime(parts[0]) is { } time && LocalTimes.FindZone(parts[1]) is { } zone ? (time, zone) : null;
    }
}

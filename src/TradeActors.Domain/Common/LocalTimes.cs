using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace TradeActors.Domain.Common;

/// <summary>Times of day in IANA zones, as people write them in settings, and the instants that they mean.</summary>
public static class LocalTimes
{
    // A time that the clocks repeat happens once, the first time; one that they skip happens when they jump past it.
    private static readonly ZoneLocalMappingResolver Resolver =
        Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    private static readonly LocalTimePattern Pattern = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    /// <summary>A time of day like "08:30"; null when it is none.</summary>
    public static LocalTime? ParseTime(string text) => Pattern.Parse(text.Trim()) is { Success: true } time ? time.Value : null;

    /// <summary>The zone of an IANA name; null when there is none.</summary>
    public static DateTimeZone? FindZone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name.Trim());

    /// <summary>When the clocks of the zone show this: the first time where they show it twice, the moment of the jump where they skip it.</summary>
    public static Instant At(DateTimeZone zone, LocalDate date, LocalTime time) => zone.ResolveLocal(date + time, Resolver).ToInstant();
}

namespace TradeActors.Journal.Sql;

/// <summary>Dates as they stand in the file: milliseconds since 1970, UTC. Finer parts are cut off.</summary>
public static class UnixMs
{
    /// <remarks>Zero is <see cref="DateTimeOffset.MinValue"/>, a wake's "at once"; dates before 1970 become it.</remarks>
    public static long From(DateTimeOffset at) => Math.Max(0, at.ToUnixTimeMilliseconds());

    public static DateTimeOffset ToDate(long ms) => ms == 0 ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(ms);
}

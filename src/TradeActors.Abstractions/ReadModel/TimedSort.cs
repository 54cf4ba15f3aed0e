namespace TradeActors.Abstractions.ReadModel;

/// <summary>Sort values of rows that are listed by time: a range of time is a range of sort values, and needs no index of its own.</summary>
/// <remarks>Unix ms in the upper 50 bits; the lowest 14 bits of the row's number keep the order of what the same millisecond brought.</remarks>
public static class TimedSort
{
    private const int NumberBits = 14;

    public static long Of(DateTimeOffset at, long number) => From(at) | (number & ((1L << NumberBits) - 1));

    /// <summary>The least sort value of the millisecond.</summary>
    public static long From(DateTimeOffset at) => at.ToUnixTimeMilliseconds() << NumberBits;
}

namespace TradeActors.Abstractions.ReadModel;

/// <summary>What an account was worth at one moment, in its currency.</summary>
/// <param name="At">UTC, whole milliseconds.</param>
/// <param name="Equity">Balance and what the open positions would have brought then.</param>
public sealed record EquityPoint(string Tenant, string Account, DateTimeOffset At, decimal Balance, decimal Equity);

/// <param name="From">From here on; null for the beginning.</param>
/// <param name="To">Before this; null for the end.</param>
/// <param name="StepSeconds">Of each such stretch of time, counted from 1970 in UTC, the last point alone; 0 for every point.</param>
/// <param name="Limit">At most so many, at least 1.</param>
/// <param name="Newest">When there are more: those at the end of the range instead of those at its beginning.</param>
public sealed record EquityQuery(
    string Tenant, string Account, DateTimeOffset? From = null, DateTimeOffset? To = null, int StepSeconds = 0, int Limit = int.MaxValue, bool Newest = false);

/// <summary>The equity history of accounts. A point is one account's at one millisecond; the later one stored wins.</summary>
public interface IEquityStore
{
    /// <summary>Stores all or none.</summary>
    Task SaveAsync(IReadOnlyList<EquityPoint> points, CancellationToken ct);

    /// <returns>In order of their times, the earliest first.</returns>
    Task<IReadOnlyList<EquityPoint>> ListAsync(EquityQuery query, CancellationToken ct);

    /// <summary>Of the points before a time, keeps the last of each hour (UTC) and removes at most so many others: call again while some are removed.</summary>
    /// <returns>How many were removed.</returns>
    Task<int> ThinAsync(DateTimeOffset before, int most, CancellationToken ct);
}

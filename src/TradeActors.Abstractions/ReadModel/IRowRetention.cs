namespace TradeActors.Abstractions.ReadModel;

/// <summary>Removes rows whose time of keeping is over. Safe to repeat and to interrupt.</summary>
public interface IRowRetention
{
    /// <summary>Removes rows whose sort value, a time of storing in Unix ms, lies below <paramref name="before"/>.</summary>
    /// <param name="most">Looks at this many of the oldest rows at most: call again while rows are removed.</param>
    /// <returns>How many rows were removed.</returns>
    Task<int> TrimAsync(ReadTable table, long before, int most, CancellationToken ct);
}

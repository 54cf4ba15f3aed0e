namespace TradeActors.Abstractions.Users;

/// <summary>One thing that somebody did, or tried, at the front door.</summary>
/// <param name="Id">Unique; in the order of <paramref name="At"/> within a node.</param>
/// <param name="UserId">Null when nobody is known: a failed log-in.</param>
/// <param name="KeyId">The API key with which the user acted; null in a session.</param>
/// <param name="Action">Method and route ("POST /api/v1/accounts/{id}/halt"), or a word for what has no route of its own ("log-in").</param>
/// <param name="Target">The values of the route, as "id=…"; empty when it has none.</param>
/// <param name="Status">The HTTP status that was answered.</param>
/// <param name="Address">Where the request came from.</param>
public sealed record AuditRow(
    string Id, DateTimeOffset At, string? UserId, string? Email, string? KeyId, string Action, string Target, int Status, string? Reason, string? Address);

/// <summary>Who did what. Rows are read as those of <see cref="ReadModel.ReadTable.Audit"/> and kept for a limited time.</summary>
public interface IAuditLog
{
    /// <summary>Durable when the task completes. Rows of tenant "installation" are the operator's.</summary>
    Task WriteAsync(string tenant, AuditRow row, CancellationToken ct);
}

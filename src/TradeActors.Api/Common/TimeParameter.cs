using System.Globalization;

namespace TradeActors.Api.Common;

/// <summary>A time in a query, read so that a wrong one is refused by its name.</summary>
internal static class TimeParameter
{
    /// <returns>UTC; null when it is absent, or wrong and thereby among the errors.</returns>
    public static DateTimeOffset? Read(string? text, string field, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var isTime = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        errors.Require(isTime, field, "Must be a time such as 2026-05-06T12:00:00Z. In an address write + as %2B.");
        return isTime ? time : null;
    }
}

namespace TradeActors.Api.Common;

/// <summary>What the OpenAPI document says of filters that many lists have.</summary>
/// <remarks>Descriptions stand on the records' properties: the framework fails on those of constructor parameters (PropertyAsParameterInfo, .NET 10.0).</remarks>
internal static class FilterTexts
{
    public const string Symbol = "Any name of an instrument. Without a month (ES, ES1!) all its contracts; with one (ESZ2026, ESZ6) that contract.";
    public const string From = "at or after this time (2026-11-20T14:05:00Z, to the millisecond) or the first moment of this UTC date.";
    public const string To = "before this time or date.";

    /// <summary>Of every list with filters that no index serves.</summary>
    public const string Pages =
        "A page may be shorter than its limit, even empty, and still have a next: it looks at 5,000 rows at most. Time and state cost nothing; other filters are "
        + "judged row by row, so narrow the time where the history is long.";
}

namespace TradeActors.Api.Udf;

// Answers of the UDF protocol. Names are the protocol's, so they may not follow ours; what is null is left out.

/// <param name="S">error.</param>
internal sealed record UdfError(string S, string Errmsg)
{
    public static UdfError Of(string message) => new("error", message);
}

/// <summary>Bars as columns.</summary>
/// <param name="S">ok, or no_data.</param>
/// <param name="T">Starts, Unix seconds; a day is 00:00 UTC of its trading date.</param>
/// <param name="NextTime">With no_data: the nearest bar before the range, Unix seconds; absent when there is none.</param>
internal sealed record UdfBars(
    string S, IReadOnlyList<long>? T = null, IReadOnlyList<decimal>? O = null, IReadOnlyList<decimal>? H = null, IReadOnlyList<decimal>? L = null,
    IReadOnlyList<decimal>? C = null, IReadOnlyList<decimal>? V = null, long? NextTime = null);

/// <summary>Marks as columns, one entry per fill.</summary>
internal sealed record UdfMarks(
    IReadOnlyList<string> Id, IReadOnlyList<long> Time, IReadOnlyList<string> Color, IReadOnlyList<string> Text, IReadOnlyList<string> Label,
    IReadOnlyList<string> LabelFontColor, IReadOnlyList<int> MinSize);

internal sealed record UdfQuotes(string S, IReadOnlyList<UdfQuote> D);

/// <param name="S">ok or error, for this symbol.</param>
/// <param name="N">The symbol as it was asked for.</param>
/// <param name="V">Values by the protocol's names.</param>
internal sealed record UdfQuote(string S, string N, IReadOnlyDictionary<string, object> V);

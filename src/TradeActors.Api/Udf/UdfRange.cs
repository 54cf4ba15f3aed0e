using System.Globalization;
using TradeActors.Abstractions.Market;
using TradeActors.Api.Market;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Udf;

/// <summary>Which bars a chart asks for.</summary>
/// <param name="From">Of the leftmost bar.</param>
/// <param name="To">Bars start before it.</param>
/// <param name="Countback">So many bars before <paramref name="To"/>, whatever <paramref name="From"/> says; null when the chart does not count.</param>
internal sealed record UdfRange(Contract Contract, CandleResolution Resolution, DateTimeOffset From, DateTimeOffset To, int? Countback)
{
    // Clocks of charts differ from ours.
    private static readonly TimeSpan Nearly = TimeSpan.FromMinutes(1);

    /// <summary>Where nothing is to be found in the range: the nearest bar before it.</summary>
    public CandleQuery Before => new(Contract.Symbol, Resolution, To: From, Limit: 1, Newest: true);

    /// <returns>Null, with a sentence for the chart's maker, when a parameter is missing or not understood.</returns>
    public static UdfRange? Read(string? symbol, string? resolution, string? from, string? to, string? countback, DateTimeOffset now, out string? error)
    {
        var (contract, unknown) = ContractName.Find(symbol ?? "", now);
        var bars = UdfResolutions.Parse(resolution);
        var (start, end, count) = (Seconds(from), Seconds(to), Count(countback));
        error = contract is null ? $"symbol: {unknown}"
            : bars is null ? $"resolution: must be one of {string.Join(", ", CandleResolutions.All.Select(UdfResolutions.NameOf))}."
            : end is null ? "to: must be a time in Unix seconds."
            : countback is not null && count is null ? "countback: must be a number of bars, 1 or more."
            : start is null && count is null ? "from: must be a time in Unix seconds; only with countback may it be left out."
            : count is null && start > end ? "from: must not be later than to."
            : null;
        return error is null ? new UdfRange(contract!, bars!.Value, start ?? DateTimeOffset.UnixEpoch, end!.Value, count) : null;
    }

    /// <remarks>
    /// The bar of a trading day that has begun on the evening before is stamped ahead of now. A chart that asks for everything up to now means it too.
    /// </remarks>
    public CandleQuery Bars(DateTimeOffset now) => new(
        Contract.Symbol, Resolution, Countback is null ? From : null, Resolution == CandleResolution.OneDay && To > now - Nearly ? null : To,
        Math.Min(Countback ?? UdfRoutes.MostBars, UdfRoutes.MostBars), Newest: true);

    private static DateTimeOffset? Seconds(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static int? Count(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 ? count : null;
}

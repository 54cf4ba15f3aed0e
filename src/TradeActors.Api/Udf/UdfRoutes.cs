using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Api.Market;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Udf;

/// <summary>History and symbols for charting libraries, by TradingView's UDF protocol.</summary>
/// <remarks>
/// Source: TradingView's charting library documentation, "UDF", read 2026-11. What a request gets wrong is answered with <c>s: error</c> and 200, as the
/// protocol's clients expect; who is not logged in gets 401 as everywhere. The protocol is its own document, so OpenAPI does not repeat it.
/// </remarks>
internal static class UdfRoutes
{
    /// <summary>Of one answer to <c>/history</c>; when there are more, the latest ones.</summary>
    public const int MostBars = 10_000;

    private const int MostSymbols = 100;

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/udf").ExcludeFromDescription().RequireRateLimiting(Limits.Caller);
        group.MapGet("/config", Config);
        group.MapGet("/time", (TimeProvider time) => Results.Text(time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        group.MapGet("/symbols", Symbols);
        group.MapGet("/search", (string? query, string? type, string? exchange, string? limit, TimeProvider time) =>
            UdfSymbols.Search(query, type, exchange, int.TryParse(limit, CultureInfo.InvariantCulture, out var most) ? most : 30, time.GetUtcNow()));
        group.MapGet("/history", HistoryAsync);
        group.MapGet("/marks", MarksAsync);
        group.MapGet("/quotes", QuotesAsync);
    }

    private static Dictionary<string, object> Config() => new()
    {
        ["supports_search"] = true,
        ["supports_group_request"] = false,
        ["supports_marks"] = true,
        ["supports_timescale_marks"] = false,
        ["supports_time"] = true,
        ["supported_resolutions"] = CandleResolutions.All.Select(UdfResolutions.NameOf).ToArray(),
        ["exchanges"] = (object[])
        [
            Choice("", "All exchanges"),
            .. InstrumentCatalog.All.Select(instrument => instrument.Exchange).Distinct().Order(StringComparer.Ordinal).Select(name => Choice(name, name)),
        ],
        ["symbols_types"] = (object[])
        [
            Choice("", "All types"), Choice("futures", "Futures"), Choice("stock", "Stocks"), Choice("crypto", "Crypto"),
        ],
    };

    private static Dictionary<string, string> Choice(string value, string name) => new() { ["value"] = value, ["name"] = name, ["desc"] = name };

    private static object Symbols(string? symbol, TimeProvider time) =>
        ContractName.Find(symbol ?? "", time.GetUtcNow()).Contract is { } contract
            ? UdfSymbols.Describe(contract, time.GetUtcNow())
            : UdfError.Of("unknown_symbol");

    private static async Task<object> HistoryAsync(
        string? symbol, string? resolution, string? from, string? to, string? countback, ICandleHistory history, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (UdfRange.Read(symbol, resolution, from, to, countback, now, out var error) is not { } range)
        {
            return UdfError.Of(error!);
        }

        var candles = await history.ListAsync(range.Bars(now), ct).ConfigureAwait(false);
        if (candles.Count > 0)
        {
            return new UdfBars(
                "ok", [.. candles.Select(candle => candle.Start.ToUnixTimeSeconds())], [.. candles.Select(candle => candle.Open)],
                [.. candles.Select(candle => candle.High)], [.. candles.Select(candle => candle.Low)], [.. candles.Select(candle => candle.Close)],
                [.. candles.Select(candle => candle.Volume)]);
        }

        var before = await history.ListAsync(range.Before, ct).ConfigureAwait(false);
        return new UdfBars("no_data", NextTime: before.Count > 0 ? before[0].Start.ToUnixTimeSeconds() : null);
    }

    private static async Task<object> MarksAsync(
        string? symbol, string? resolution, string? from, string? to, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct) =>
        UdfRange.Read(symbol, resolution, from, to, countback: null, time.GetUtcNow(), out var error) is { } range
            ? await UdfFills.MarksAsync(range, caller.Tenant, store, ct).ConfigureAwait(false)
            : UdfError.Of(error!);

    private static async Task<object> QuotesAsync(string? symbols, IQuoteBook book, ICandleHistory history, TimeProvider time, CancellationToken ct)
    {
        var names = (symbols ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length is 0 or > MostSymbols)
        {
            return UdfError.Of($"symbols must name 1 to {MostSymbols} symbols, parted by commas.");
        }

        var quotes = new List<UdfQuote>();
        foreach (var name in names)
        {
            quotes.Add(await QuoteAsync(name, book, history, time.GetUtcNow(), ct).ConfigureAwait(false));
        }

        return new UdfQuotes("ok", quotes);
    }

    private static async Task<UdfQuote> QuoteAsync(string name, IQuoteBook book, ICandleHistory history, DateTimeOffset now, CancellationToken ct)
    {
        if (ContractName.Find(name, now).Contract is not { } contract || book.Last(contract.Symbol) is not { } quote)
        {
            return new UdfQuote("error", name, new Dictionary<string, object>());
        }

        var days = await history.ListAsync(new CandleQuery(contract.Symbol, CandleResolution.OneDay, Limit: 2, Newest: true), ct).ConfigureAwait(false);
        var today = days.LastOrDefault(day => CandleTime.IsOpen(day, contract.Instrument, now));
        return new UdfQuote("ok", name, UdfQuoteValues.Of(contract, quote, today, before: days.LastOrDefault(day => day != today)));
    }
}

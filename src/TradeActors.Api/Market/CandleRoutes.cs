using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Market;
using TradeActors.Api.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Market;

/// <param name="Start">UTC. Of a day: 00:00 UTC of the date on which its session ends.</param>
/// <param name="Volume">What the feed said was traded; 0 when it says nothing.</param>
/// <param name="Ticks">Quotes taken in.</param>
/// <param name="IsOpen">Its time is not over: it still changes.</param>
public sealed record CandleView(
    DateTimeOffset Start, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume, long Ticks, bool IsOpen);

/// <param name="Symbol">The contract, also when a root was asked for.</param>
/// <param name="Items">The earliest first.</param>
/// <param name="Next">Give it as <c>from</c> to go on; null when there is no more.</param>
public sealed record CandlePage(
    string Symbol, string Resolution, IReadOnlyList<CandleView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <param name="Symbol">A contract, or a root: then its front contract.</param>
/// <param name="Resolution">1s, 5s, 15s, 30s, 1m, 5m, 15m, 30m, 1h, 4h or 1d; 1m when absent.</param>
/// <param name="From">ISO 8601: starts from here on. When absent, the newest candles before <c>to</c> are answered.</param>
/// <param name="To">ISO 8601: starts before this; when absent, up to the candle that is open now.</param>
/// <param name="Limit">1 to 5000; 500 when absent.</param>
internal sealed record CandleRequest(
    [FromQuery(Name = "symbol")] string? Symbol, [FromQuery(Name = "resolution")] string? Resolution, [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To, [FromQuery(Name = "limit")] int? Limit);

/// <summary>Candles, the stored ones and those under way.</summary>
internal static class CandleRoutes
{
    private const int Most = 5_000;

    public static void Map(RouteGroupBuilder market) => market.MapGet("/candles", ListAsync)
        .WithSummary("Open, high, low and close, the earliest first; ?symbol=ES&resolution=1m&from=2026-05-06T12:00:00Z")
        .WithDescription(
            "Made from the last prices of accepted quotes. Starts are in UTC; a day is a trading day of the instrument and starts at 00:00 UTC of the date on "
            + "which its session ends. With from: the first of the range, and next leads on. Without: the newest. The candle that is open now is among them.");

    private static async Task<CandlePage> ListAsync(
        [AsParameters] CandleRequest request, ICandleHistory history, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var query = Query(request, now, out var contract);
        var candles = await history.ListAsync(query with { Limit = query.Limit + 1 }, ct).ConfigureAwait(false);
        var page = query.Newest ? candles.TakeLast(query.Limit) : candles.Take(query.Limit);
        var next = !query.Newest && candles.Count > query.Limit ? candles[query.Limit].Start : (DateTimeOffset?)null;
        return new CandlePage(
            contract.Symbol, CandleResolutions.NameOf(query.Resolution), [.. page.Select(candle => View(candle, contract.Instrument, now))],
            next?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    /// <exception cref="ApiProblemException">A parameter is missing or not understood.</exception>
    private static CandleQuery Query(CandleRequest request, DateTimeOffset now, out Contract contract)
    {
        var errors = new FieldErrors();
        var resolution = CandleResolutions.Parse(request.Resolution ?? "1m");
        errors.Require(!string.IsNullOrWhiteSpace(request.Symbol), "symbol", "Name a contract or a root, such as symbol=ES.");
        errors.Require(
            resolution is not null, "resolution", $"Must be one of {string.Join(", ", CandleResolutions.All.Select(CandleResolutions.NameOf))}.");
        errors.Require(request.Limit is null or (>= 1 and <= Most), "limit", $"Must be 1 to {Most}.");
        var (from, to) = (TimeParameter.Read(request.From, "from", errors), TimeParameter.Read(request.To, "to", errors));
        errors.Require(!(from >= to), "to", "Must be later than from.");
        errors.ThrowIfAny();
        contract = ContractName.Find(request.Symbol!, now) is var (found, error) && found is not null
            ? found
            : throw new ApiProblemException(StatusCodes.Status404NotFound, "UnknownSymbol", "Not found", error!);
        return new CandleQuery(contract.Symbol, resolution!.Value, from, to, request.Limit ?? 500, Newest: from is null);
    }

    private static CandleView View(Candle candle, Instrument instrument, DateTimeOffset now) => new(
        candle.Start, candle.Open, candle.High, candle.Low, candle.Close, candle.Volume, candle.Ticks, CandleTime.IsOpen(candle, instrument, now));
}

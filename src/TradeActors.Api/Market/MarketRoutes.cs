using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Market;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Market;

/// <param name="Symbol">A contract, or a root: then its front contract.</param>
/// <param name="At">Default: now.</param>
public sealed record TickRequest(
    string? Symbol, decimal? Bid, decimal? Ask, decimal? Last, decimal? BidSize, decimal? AskSize, decimal? Volume, DateTimeOffset? At);

public sealed record TicksReply(int Accepted);

/// <param name="Front">The front contract; the symbol itself where there are no months.</param>
/// <param name="PointValue">Currency per 1.00 of price and unit of quantity.</param>
public sealed record InstrumentView(
    string Symbol, string Description, string AssetClass, string Exchange, decimal TickSize, decimal TickValue, decimal PointValue, string Currency,
    decimal QuantityStep, string TimeZone, string Front, string? LastTradeDate, string? RollDate)
{
    internal static InstrumentView Of(Instrument instrument, DateTimeOffset now)
    {
        var front = InstrumentCatalog.Front(instrument, now);
        return new InstrumentView(
            instrument.Root, instrument.Description, instrument.AssetClass.ToString().ToLowerInvariant(), instrument.Exchange, instrument.TickSize,
            instrument.TickValue, instrument.PointValue, instrument.Currency, instrument.QuantityStep, instrument.TimeZone, front.Symbol,
            front.LastTradeDate?.ToString("uuuu-MM-dd", null), front.RollDate?.ToString("uuuu-MM-dd", null));
    }
}

/// <summary>Instruments, quotes, and the ticks that a person or program feeds in.</summary>
internal static class MarketRoutes
{
    private const int MostTicks = 10_000;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/market").WithTags("Market");
        group.MapPost("/ticks", PostTicksAsync).RequireAuthorization(Policies.MarketWrite).WithMetadata(new NotAudited()).WithSummary("Feeds quotes; operator, or a key with scope market:write")
            .Produces<TicksReply>(StatusCodes.Status202Accepted);
        group.MapGet("/instruments", (TimeProvider time) =>
            new Page<InstrumentView>([.. InstrumentCatalog.All.Select(instrument => InstrumentView.Of(instrument, time.GetUtcNow()))], null))
            .WithSummary("All instruments");
        group.MapGet("/instruments/{symbol}", GetInstrument).WithSummary("One instrument, by any of its names");
        group.MapGet("/quotes", GetQuotes).WithSummary("Last quotes; ?symbols=ES,NQ");
        CandleRoutes.Map(group);
    }

    private static async Task<IResult> PostTicksAsync(TickRequest[] ticks, IQuotePublisher publisher, TimeProvider time, CancellationToken ct)
    {
        var errors = new FieldErrors().Require(ticks.Length <= MostTicks, "ticks", $"At most {MostTicks} at once.");
        var quotes = ticks.Take(MostTicks).Select((tick, i) => Check(tick, i, publisher, time.GetUtcNow(), errors)).ToArray();
        errors.ThrowIfAny();
        foreach (var quote in quotes)
        {
            await publisher.PublishAsync(quote!, ct).ConfigureAwait(false);
        }

        return TypedResults.Accepted((string?)null, new TicksReply(quotes.Length));
    }

    private static Quote? Check(TickRequest tick, int index, IQuotePublisher publisher, DateTimeOffset now, FieldErrors errors)
    {
        var field = $"[{index}]";
        if (tick is not { Symbol.Length: > 0, Bid: { } bid, Ask: { } ask })
        {
            errors.Add(field, "Needs symbol, bid and ask.");
            return null;
        }

        var quote = new Quote(tick.Symbol, bid, ask, tick.Last ?? ((bid + ask) / 2m), tick.BidSize, tick.AskSize, tick.Volume, (tick.At ?? now).ToUniversalTime());
        if (publisher.Refusal(quote) is { } refusal)
        {
            errors.Add(field, refusal);
        }

        return quote;
    }

    private static InstrumentView GetInstrument(string symbol, TimeProvider time)
    {
        var resolved = InstrumentCatalog.Resolve(symbol, time.GetUtcNow());
        return resolved.Succeeded
            ? InstrumentView.Of(resolved.Contract.Instrument, time.GetUtcNow())
            : throw new ApiProblemException(StatusCodes.Status404NotFound, "UnknownSymbol", "Not found", resolved.Error);
    }

    private static Page<Quote> GetQuotes(string? symbols, IQuoteBook book, TimeProvider time)
    {
        if (string.IsNullOrWhiteSpace(symbols))
        {
            return new Page<Quote>(book.All(), null);
        }

        var quotes = symbols.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(symbol => InstrumentCatalog.Resolve(symbol, time.GetUtcNow()))
            .Select(resolved => resolved.Succeeded
                ? book.Last(resolved.Contract.Symbol)
                : throw new ApiProblemException(StatusCodes.Status404NotFound, "UnknownSymbol", "Not found", resolved.Error));
        return new Page<Quote>([.. quotes.OfType<Quote>()], null);
    }
}

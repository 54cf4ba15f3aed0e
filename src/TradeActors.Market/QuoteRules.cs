using NodaTime;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>Why a quote is not taken.</summary>
public enum QuoteDefect
{
    None,
    UnknownSymbol,
    /// <summary>The bid is above the ask.</summary>
    Crossed,
    Price,
    Size,
    /// <summary>A time that no quote can have.</summary>
    Time,
    /// <summary>The market was closed at the quote's own time; judged only where session hours are kept.</summary>
    Closed,
}

/// <param name="Accepted">Under its canonical contract name and with its time in UTC and whole milliseconds, otherwise untouched; null when it has a defect.</param>
/// <param name="Error">A sentence for the person who sent it; null exactly when it was accepted.</param>
public readonly record struct QuoteCheck(Quote? Accepted, QuoteDefect Defect, string? Error);

/// <summary>Which quotes the pipeline takes. Pure: the ticks endpoint asks the same question to refuse with a reason.</summary>
/// <remarks>
/// Nothing is rounded, and a price off the tick grid passes: stops must see what the market did. A locked market (bid = ask) passes. Futures may
/// quote at zero and below (CL did in April 2020); stocks and pairs may not.
/// </remarks>
public static class QuoteRules
{
    /// <summary>No instrument here trades near it, and money computed from it stays within a decimal.</summary>
    public const decimal MaxPrice = 1_000_000_000m;

    /// <summary>As <see cref="MaxPrice"/>, for displayed and traded quantities.</summary>
    public const decimal MaxSize = 1_000_000_000_000m;

    // Calendars can be asked about these; anything else is a wrong unit or an unset field.
    private const int FirstYear = 1970;
    private const int LastYear = 2100;

    /// <param name="receivedAt">
    /// Our time. A root (ES) means the contract that it would mean in a signal received now, whatever time the quote claims. A canonical name is
    /// taken even of a contract that has expired, since a replay needs that.
    /// </param>
    /// <param name="keepsSessionHours">Refuse a quote whose own time lies outside the sessions of its market.</param>
    public static QuoteCheck Check(Quote quote, DateTimeOffset receivedAt, bool keepsSessionHours = false)
    {
        var (contract, error) = Find(quote.Symbol, receivedAt);
        return contract switch
        {
            null => new(null, QuoteDefect.UnknownSymbol, error),
            _ when PriceError(quote, contract.Instrument) is { } priceError => new(null, QuoteDefect.Price, priceError),
            _ when quote.Bid > quote.Ask => new(null, QuoteDefect.Crossed, $"{contract.Symbol}: the bid {quote.Bid} is above the ask {quote.Ask}."),
            _ when SizeError(quote, contract) is { } sizeError => new(null, QuoteDefect.Size, sizeError),
            _ when quote.At.Year is < FirstYear or > LastYear => new(
                null, QuoteDefect.Time, $"{contract.Symbol}: at must lie in the years {FirstYear} to {LastYear}, or be left out."),
            _ when keepsSessionHours && !contract.Instrument.Calendar.IsOpen(Instant.FromDateTimeOffset(quote.At)) =>
                new(null, QuoteDefect.Closed, $"{contract.Symbol}: the market was closed at {quote.At:O}."),
            _ => new(Normalize(quote, contract), QuoteDefect.None, null),
        };
    }

    private static (Contract? Contract, string? Error) Find(string symbol, DateTimeOffset receivedAt)
    {
        if (InstrumentCatalog.FindContract(symbol) is { } contract)
        {
            return (contract, null);
        }

        var resolution = InstrumentCatalog.Resolve(symbol, receivedAt);
        return (resolution.Contract, resolution.Error);
    }

    private static string? PriceError(Quote quote, Instrument instrument)
    {
        var lowest = Math.Min(Math.Min(quote.Bid, quote.Ask), quote.Last);
        var highest = Math.Max(Math.Max(quote.Bid, quote.Ask), quote.Last);
        return lowest <= 0m && instrument.AssetClass != AssetClass.Future ? $"{quote.Symbol}: bid, ask and last must be above 0, not {lowest}."
            : lowest < -MaxPrice || highest > MaxPrice ? $"{quote.Symbol}: a price beyond {MaxPrice:N0} is no price."
            : null;
    }

    private static string? SizeError(Quote quote, Contract contract) =>
        IsSize(quote.BidSize) && IsSize(quote.AskSize) && IsSize(quote.Volume)
            ? null
            : $"{contract.Symbol}: bidSize, askSize and volume must lie between 0 and {MaxSize:N0}, or be left out.";

    private static bool IsSize(decimal? size) => size is null or (>= 0m and <= MaxSize);

    // Whole milliseconds, as quotes are stored: one that is read back after a restart is the one that was known before it.
    private static Quote Normalize(Quote quote, Contract contract)
    {
        var excess = quote.At.UtcTicks % TimeSpan.TicksPerMillisecond;
        return excess == 0 && quote.Symbol == contract.Symbol && quote.At.Offset == TimeSpan.Zero
            ? quote
            : quote with { Symbol = contract.Symbol, At = quote.At.ToUniversalTime().AddTicks(-excess) };
    }
}

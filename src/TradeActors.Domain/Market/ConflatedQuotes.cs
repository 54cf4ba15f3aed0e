using System.Collections.Immutable;

namespace TradeActors.Domain.Market;

/// <summary>Quotes of one contract that wait for a slow reader. However many are added, at most 5 are handed on.</summary>
/// <remarks>
/// Kept are the quotes with the lowest and highest bid and ask and the latest, so that a stop or limit sees every extreme that the market touched,
/// in the order in which it touched them. Not safe for several threads.
/// </remarks>
public sealed class ConflatedQuotes
{
    private Kept? _lowBid;
    private Kept? _highBid;
    private Kept? _lowAsk;
    private Kept? _highAsk;
    private Kept? _latest;

    /// <exception cref="ArgumentException">A quote of another contract than those that wait.</exception>
    public void Add(Quote quote)
    {
        if (_latest is { } previous && previous.Quote.Symbol != quote.Symbol)
        {
            throw new ArgumentException($"A quote of {quote.Symbol} among those of {previous.Quote.Symbol}.", nameof(quote));
        }

        var added = new Kept((_latest?.Number ?? 0) + 1, quote, Sum(_latest?.VolumeSoFar, quote.Volume));
        _lowBid = _lowBid is null || quote.Bid < _lowBid.Quote.Bid ? added : _lowBid;
        _highBid = _highBid is null || quote.Bid > _highBid.Quote.Bid ? added : _highBid;
        _lowAsk = _lowAsk is null || quote.Ask < _lowAsk.Quote.Ask ? added : _lowAsk;
        _highAsk = _highAsk is null || quote.Ask > _highAsk.Quote.Ask ? added : _highAsk;
        _latest = added;
    }

    /// <summary>Empties the slot: at most 5 quotes in the order in which they were added, the latest last; none when none wait.</summary>
    /// <remarks>The volume of a quote that was left out is counted with the next one handed on.</remarks>
    public ImmutableArray<Quote> Take()
    {
        Kept?[] candidates = [_lowBid, _highBid, _lowAsk, _highAsk, _latest];
        _lowBid = _highBid = _lowAsk = _highAsk = _latest = null;

        var quotes = ImmutableArray.CreateBuilder<Quote>(candidates.Length);
        decimal? handedOn = null;
        foreach (var kept in candidates.OfType<Kept>().DistinctBy(kept => kept.Number).OrderBy(kept => kept.Number))
        {
            var volume = kept.VolumeSoFar - (handedOn ?? 0m);
            quotes.Add(volume == kept.Quote.Volume ? kept.Quote : kept.Quote with { Volume = volume });
            handedOn = kept.VolumeSoFar;
        }

        return quotes.DrainToImmutable();
    }

    // Null stays null until a feed says a volume.
    private static decimal? Sum(decimal? soFar, decimal? volume) => soFar is null ? volume : soFar + (volume ?? 0m);

    private sealed record Kept(long Number, Quote Quote, decimal? VolumeSoFar);
}

namespace TradeActors.Domain.Market;

/// <summary>Best bid and offer and last trade of one contract.</summary>
/// <param name="Symbol">Canonical contract name.</param>
/// <param name="BidSize">Displayed quantity at the bid, instrument units; null when the feed does not say (taken as unlimited).</param>
/// <param name="AskSize">Displayed quantity at the offer; null as for <paramref name="BidSize"/>.</param>
/// <param name="Volume">Traded quantity since the previous quote, when the feed says.</param>
/// <param name="At">The feed's time, UTC.</param>
public sealed record Quote(
    string Symbol, decimal Bid, decimal Ask, decimal Last, decimal? BidSize, decimal? AskSize, decimal? Volume, DateTimeOffset At);

using TradeActors.Domain.Brokers;
using TradeActors.Domain.Instruments;

namespace TradeActors.PaperExchange;

/// <summary>The paper exchange's own margins, where the book's settings name no other.</summary>
/// <remarks>
/// No exchange's figures: those change weekly and are not in the catalog. They are parts of the notional, so that they keep their meaning as prices
/// move. Futures are near what retail brokers ask within the day (some 500 USD for an ES, 1,000 for an NQ), an order of magnitude below the exchanges'
/// overnight margins: a book that should be held to those says so in its settings. Stocks are the initial half of Regulation T (12 CFR 220.12).
/// </remarks>
public static class PaperMarginDefaults
{
    /// <summary>0.2 % for futures, 10 % for those on crypto and volatility, 50 % for stocks, 10 % for crypto pairs.</summary>
    public static PaperMargin Of(Instrument instrument) => new(OfNotional: instrument switch
    {
        { AssetClass: AssetClass.Stock } => 0.50m,
        { AssetClass: AssetClass.Crypto } => 0.10m,
        { RollClass: RollClass.Crypto or RollClass.Volatility } => 0.10m,
        _ => 0.002m,
    });
}

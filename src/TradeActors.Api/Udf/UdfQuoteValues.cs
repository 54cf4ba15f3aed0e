using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Udf;

/// <summary>What the protocol calls the values of a quote. Source: TradingView's charting library documentation, "Quotes", read 2026-11.</summary>
internal static class UdfQuoteValues
{
    /// <param name="today">The trading day under way; null before its first quote.</param>
    /// <param name="before">The trading day before; null when none is known, and then there is no change either.</param>
    public static Dictionary<string, object> Of(Contract contract, Quote quote, Candle? today, Candle? before)
    {
        var values = new Dictionary<string, object>
        {
            ["short_name"] = contract.Symbol,
            ["exchange"] = contract.Instrument.Exchange,
            ["original_name"] = $"{contract.Instrument.Exchange}:{contract.Symbol}",
            ["description"] = contract.Instrument.Description,
            ["lp"] = quote.Last,
            ["bid"] = quote.Bid,
            ["ask"] = quote.Ask,
            ["spread"] = quote.Ask - quote.Bid,
        };
        if (today is not null)
        {
            values["open_price"] = today.Open;
            values["high_price"] = today.High;
            values["low_price"] = today.Low;
            values["volume"] = today.Volume;
        }

        if (before is not null)
        {
            values["prev_close_price"] = before.Close;
            values["ch"] = quote.Last - before.Close;
            values["chp"] = before.Close == 0m ? 0m : Math.Round((quote.Last - before.Close) / Math.Abs(before.Close) * 100m, 2);
        }

        return values;
    }
}

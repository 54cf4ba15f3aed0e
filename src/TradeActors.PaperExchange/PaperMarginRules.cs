using System.Globalization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>Whether an account can carry what an order would open.</summary>
/// <remarks>
/// <para>An order that raises the exposure is refused when the equity is below the margin of all positions and working opening orders with it.</para>
/// <para>Exposure, per symbol: the larger side of the net position after all working buys, or after all working sells. Reduce-only orders never count.
/// So an order that closes no more than what the working orders of its side leave of the position raises nothing, and is never refused.</para>
/// <para>Equity: the balance and the open profit, longs at the bid and shorts at the ask of the last quote that the book knows. It knows the quotes it
/// has filled on, those seen while an order was on its way, and the one that comes with the order; a position whose symbol is not traded is valued at
/// the last of these, which may be old. Margin is taken on the dearer side of the same quote; without one, on the order's own price. Commissions
/// and slippage to come are not reserved, and what was accepted is not judged again when prices move.</para>
/// <para>A market order in a symbol that was never quoted has no price yet: it is judged when the first quote would fill it, and canceled then.</para>
/// </remarks>
internal static class PaperMarginRules
{
    /// <param name="terms">With the quantity that is still to fill.</param>
    /// <param name="quote">The newest quote at hand; null for none.</param>
    /// <returns>Null when the order may be placed, or has no price yet.</returns>
    public static string? Refusal(PaperExchangeState state, OrderTerms terms, PaperInstrument instrument, Quote? quote)
    {
        if (!Counts(state, terms) || PriceOf(state, terms, quote) is not { } price || !Raises(state, terms))
        {
            return null;
        }

        var needed = (instrument.MarginAt(price) * Exposure(state, terms.Symbol, terms)) + MarginElsewhere(state, terms.Symbol);
        var equity = state.Balance + state.Positions.Sum(held => OpenProfit(held.Value, QuoteOf(state, held.Key, quote)));
        return equity < needed
            ? $"Margin: {Text(needed)} {state.Settings!.Currency} would be needed, the equity is {Text(equity)}." : null;
    }

    /// <summary>It will have to be judged at its first fill.</summary>
    public static bool IsDue(PaperExchangeState state, OrderTerms terms, Quote? quote) => Counts(state, terms) && PriceOf(state, terms, quote) is null;

    private static bool Counts(PaperExchangeState state, OrderTerms terms) => state.Settings!.ChecksMargin && !terms.ReduceOnly;

    private static bool Raises(PaperExchangeState state, OrderTerms terms) =>
        Exposure(state, terms.Symbol, terms) > Exposure(state, terms.Symbol, with: null);

    private static decimal Exposure(PaperExchangeState state, string symbol, OrderTerms? with)
    {
        var (buys, sells) = with?.Side switch
        {
            Side.Buy => (with.OrderQty, 0m),
            Side.Sell => (0m, with.OrderQty),
            _ => (0m, 0m),
        };
        foreach (var order in state.Working.Values.Where(order => order.Terms.Symbol == symbol && order is { Terms.ReduceOnly: false, IsMarginDue: false }))
        {
            (buys, sells) = order.Terms.Side == Side.Buy ? (buys + order.LeavesQty, sells) : (buys, sells + order.LeavesQty);
        }

        var position = state.PositionIn(symbol);
        return Math.Max(Math.Abs(position + buys), Math.Abs(position - sells));
    }

    private static decimal MarginElsewhere(PaperExchangeState state, string symbol)
    {
        var held = state.Positions.Select(position => (Symbol: position.Key, position.Value.Instrument));
        var ordered = state.Working.Values.Where(order => !order.IsMarginDue).Select(order => (order.Terms.Symbol, order.Instrument));
        return held.Concat(ordered)
            .Where(known => known.Symbol != symbol)
            .DistinctBy(known => known.Symbol)
            .Sum(known => known.Instrument.MarginAt(PriceElsewhere(state, known.Symbol)) * Exposure(state, known.Symbol, with: null));
    }

    // An order that is not due was priced when it was accepted: by a quote, which the book may not have kept, or by a price of its own.
    private static decimal PriceElsewhere(PaperExchangeState state, string symbol) => state.LastKnown(symbol) is { } quote
        ? Dearer(quote)
        : state.Working.Values.Where(order => order.Terms.Symbol == symbol).Max(order => Math.Abs(order.Terms.Price ?? order.Terms.StopPx ?? 0m));

    private static decimal? PriceOf(PaperExchangeState state, OrderTerms terms, Quote? quote) => QuoteOf(state, terms.Symbol, quote) switch
    {
        { } known when Dearer(known) != 0m => Dearer(known),
        _ => terms.Price ?? terms.StopPx,
    };

    private static Quote? QuoteOf(PaperExchangeState state, string symbol, Quote? quote) => quote?.Symbol == symbol ? quote : state.LastKnown(symbol);

    private static decimal Dearer(Quote quote) => Math.Max(Math.Abs(quote.Bid), Math.Abs(quote.Ask));

    private static decimal OpenProfit(PaperPosition position, Quote? quote) => ExitPrice(position, quote) is { } price
        ? ((price * position.Quantity) - position.Cost) * position.Instrument.PointValue : 0m;

    private static decimal? ExitPrice(PaperPosition position, Quote? quote) => (quote, position.Quantity > 0m) switch
    {
        (null, _) or ({ Bid: 0m, Ask: 0m }, _) => null,
        ({ } known, true) => known.Bid != 0m ? known.Bid : known.Ask,
        ({ } known, false) => known.Ask != 0m ? known.Ask : known.Bid,
    };

    private static string Text(decimal value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

namespace TradeActors.Domain.Market;

/// <summary>The last quote of every contract that a node knows, for rules that need a price at the moment of the decision.</summary>
/// <remarks>Rules store what they decide; a replay never asks again. Safe from any thread.</remarks>
public interface ILastQuotes
{
    /// <summary>Null while none has come.</summary>
    Quote? Last(string symbol);
}

/// <summary>No quote has come yet.</summary>
public sealed class NoQuotes : ILastQuotes
{
    public static readonly NoQuotes Instance = new();

    private NoQuotes()
    {
    }

    public Quote? Last(string symbol) => null;
}

public static class LastQuotesExtensions
{
    extension(ILastQuotes quotes)
    {
        /// <summary>What a position would bring if it were closed now: the bid for a long one, the ask for a short one; null where nothing is quoted.</summary>
        public decimal? PriceToClose(string symbol, decimal quantity) => quotes.Last(symbol) is { } quote
            ? Quoted(quantity > 0m ? quote.Bid : quote.Ask, quote) : null;

        /// <summary>What an order of this side would pay or get now: the ask for a buy, the bid for a sell; null where nothing is quoted.</summary>
        public decimal? PriceToTrade(string symbol, Orders.Side side) => quotes.Last(symbol) is { } quote
            ? Quoted(side == Orders.Side.Buy ? quote.Ask : quote.Bid, quote) : null;
    }

    // A price of exactly 0 says that this side is not quoted.
    private static decimal? Quoted(decimal touch, Quote quote) => touch != 0m ? touch : quote.Last != 0m ? quote.Last : null;
}

using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Domain.Accounts;

/// <summary>What an account is worth at the last quotes. An unknown price makes the whole unknown, never a made-up number.</summary>
public static class Valuation
{
    /// <summary>Null while a price is missing.</summary>
    public static decimal? Unrealized(IEnumerable<(string Symbol, decimal Quantity, decimal AveragePrice)> held, ILastQuotes quotes)
    {
        decimal? sum = 0m;
        foreach (var (symbol, quantity, average) in held)
        {
            sum += (quotes.PriceToClose(symbol, quantity) - average) * quantity * PointValueOf(symbol);
        }

        return sum;
    }

    public static decimal? Unrealized(AccountState state, ILastQuotes quotes) =>
        Unrealized(state.Positions.Values.Select(position => (position.Symbol, position.Quantity, position.AveragePrice)), quotes);

    /// <summary>Of what one owner holds.</summary>
    public static decimal? Unrealized(AccountState state, string owner, ILastQuotes quotes) => Unrealized(
        state.Shares.Values.Where(share => share.Owner == owner && share.Quantity != 0m)
            .Select(share => (share.Symbol, share.Quantity, share.AveragePrice)),
        quotes);

    public static decimal? Equity(AccountState state, ILastQuotes quotes) => state.Balance + Unrealized(state, quotes);

    public static decimal PointValueOf(string symbol) => InstrumentCatalog.FindContract(symbol)?.Instrument.PointValue ?? 1m;
}

using TradeActors.Domain.Market;

namespace TradeActors.Domain.Tests.Common;

/// <summary>Last quotes that a test sets by hand.</summary>
internal sealed class QuoteTable : ILastQuotes
{
    private readonly Dictionary<string, Quote> _quotes = [];

    public Quote? Last(string symbol) => _quotes.GetValueOrDefault(symbol);

    public void Set(string symbol, decimal bid, decimal ask) => _quotes[symbol] = new Quote(symbol, bid, ask, bid, null, null, null, default);
}

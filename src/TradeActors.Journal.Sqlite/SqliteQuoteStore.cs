using System.Globalization;
using Dapper;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Decimals are kept as text: a REAL would change them.</remarks>
internal sealed class SqliteQuoteStore(WriteQueue writes, ReaderPool readers) : IQuoteStore
{
    private const string Put =
        "INSERT INTO quotes (symbol, bid, ask, last, bid_size, ask_size, volume, at) "
        + "VALUES (@Symbol, @Bid, @Ask, @Last, @BidSize, @AskSize, @Volume, @At) ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, "
        + "ask = excluded.ask, last = excluded.last, bid_size = excluded.bid_size, ask_size = excluded.ask_size, volume = excluded.volume, "
        + "at = excluded.at";

    private const string All =
        "SELECT symbol, bid, ask, last, bid_size AS BidSize, ask_size AS AskSize, volume, at FROM quotes ORDER BY symbol";

    public Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct)
    {
        var rows = quotes.Select(QuoteRow.From).ToList();
        return writes.RunAsync(session => session.Connection.Execute(Put, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct) =>
        readers.ReadLongAsync<IReadOnlyList<Quote>>(
            session => [.. session.Connection.Query<QuoteRow>(All).Select(row => row.ToQuote())], ct);

    private sealed class QuoteRow
    {
        public required string Symbol { get; init; }
        public required string Bid { get; init; }
        public required string Ask { get; init; }
        public required string Last { get; init; }
        public string? BidSize { get; init; }
        public string? AskSize { get; init; }
        public string? Volume { get; init; }
        public long At { get; init; }

        public static QuoteRow From(Quote quote) => new()
        {
            Symbol = quote.Symbol,
            Bid = Text(quote.Bid),
            Ask = Text(quote.Ask),
            Last = Text(quote.Last),
            BidSize = NullableText(quote.BidSize),
            AskSize = NullableText(quote.AskSize),
            Volume = NullableText(quote.Volume),
            At = UnixMs.From(quote.At),
        };

        public Quote ToQuote() => new(
            Symbol, Number(Bid), Number(Ask), Number(Last), NullableNumber(BidSize), NullableNumber(AskSize), NullableNumber(Volume),
            UnixMs.ToDate(At));

        private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

        private static string? NullableText(decimal? value) => value?.ToString(CultureInfo.InvariantCulture);

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

        private static decimal? NullableNumber(string? text) => text is null ? null : Number(text);
    }
}

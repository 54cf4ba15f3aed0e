using System.Data;
using System.Globalization;
using Dapper;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Journal.Sql;

/// <remarks>Decimals are kept as text: a REAL would change them.</remarks>
public sealed class SqlQuoteStore(ISqlRunner runner) : IQuoteStore
{
    private static readonly RowCommand<Quote> Put = new(
        "INSERT INTO quotes (symbol, bid, ask, last, bid_size, ask_size, volume, at) "
        + "VALUES (@Symbol, @Bid, @Ask, @Last, @BidSize, @AskSize, @Volume, @At) ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, "
        + "ask = excluded.ask, last = excluded.last, bid_size = excluded.bid_size, ask_size = excluded.ask_size, volume = excluded.volume, "
        + "at = excluded.at",
        new("@Symbol", DbType.String, quote => quote.Symbol),
        new("@Bid", DbType.String, quote => Text(quote.Bid)),
        new("@Ask", DbType.String, quote => Text(quote.Ask)),
        new("@Last", DbType.String, quote => Text(quote.Last)),
        new("@BidSize", DbType.String, quote => Text(quote.BidSize)),
        new("@AskSize", DbType.String, quote => Text(quote.AskSize)),
        new("@Volume", DbType.String, quote => Text(quote.Volume)),
        new("@At", DbType.Int64, quote => UnixMs.From(quote.At)));

    private const string All =
        "SELECT symbol, bid, ask, last, bid_size AS BidSize, ask_size AS AskSize, volume, at FROM quotes ORDER BY symbol";

    public Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct)
    {
        var rows = Put.Bind(quotes);
        return runner.WriteAsync(db => Put.Execute(db, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct) =>
        runner.ReadAsync<IReadOnlyList<Quote>>(
            db => [.. db.Query<QuoteRow>(All).Select(row => row.ToQuote())], ct);

    private static string? Text(decimal? value) => value?.ToString(CultureInfo.InvariantCulture);

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

        public Quote ToQuote() => new(
            Symbol, Number(Bid), Number(Ask), Number(Last), NullableNumber(BidSize), NullableNumber(AskSize), NullableNumber(Volume),
            UnixMs.ToDate(At));

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

        private static decimal? NullableNumber(string? text) => text is null ? null : Number(text);
    }
}

using System.Globalization;
using Dapper;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Decimals are kept as text: a REAL would change them. Resolutions are seconds.</remarks>
internal sealed class SqliteCandleStore(WriteQueue writes, ReaderPool readers) : ICandleStore
{
    private const string Put =
        "INSERT INTO candles (symbol, resolution, start, open, high, low, close, volume, ticks, first_at, last_at) "
        + "VALUES (@Symbol, @Resolution, @Start, @Open, @High, @Low, @Close, @Volume, @Ticks, @FirstAt, @LastAt) "
        + "ON CONFLICT (symbol, resolution, start) DO UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low, "
        + "close = excluded.close, volume = excluded.volume, ticks = excluded.ticks, first_at = excluded.first_at, last_at = excluded.last_at";

    private const string Columns =
        "symbol, resolution, start, open, high, low, close, volume, ticks, first_at AS FirstAt, last_at AS LastAt";

    // One seek per symbol along the key's index, instead of a walk over every candle.
    private const string Symbols =
        "WITH RECURSIVE symbols (symbol) AS (SELECT min(symbol) FROM candles UNION ALL "
        + "SELECT (SELECT min(symbol) FROM candles WHERE symbol > symbols.symbol) FROM symbols WHERE symbols.symbol IS NOT NULL) "
        + "SELECT symbol FROM symbols WHERE symbol IS NOT NULL";

    private const string Newest =
        $"SELECT {Columns} FROM candles WHERE symbol = @symbol AND resolution = @resolution ORDER BY start DESC LIMIT 1";

    private const string Trim =
        "DELETE FROM candles WHERE symbol = @symbol AND resolution = @resolution AND start IN (SELECT start FROM candles "
        + "WHERE symbol = @symbol AND resolution = @resolution AND start < @before ORDER BY start LIMIT @most)";

    public Task SaveAsync(IReadOnlyList<Candle> candles, CancellationToken ct)
    {
        var rows = candles.Select(CandleRow.From).ToList();
        return writes.RunAsync(session => session.Connection.Execute(Put, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct) =>
        readers.ReadLongAsync<IReadOnlyList<Candle>>(
            session =>
            [
                .. from symbol in session.Connection.Query<string>(Symbols)
                   from resolution in CandleResolutions.All
                   let row = session.Connection.QuerySingleOrDefault<CandleRow>(Newest, new { symbol, resolution })
                   where row is not null
                   select row.ToCandle(),
            ],
            ct);

    public Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        return readers.ReadLongAsync<IReadOnlyList<Candle>>(session => List(session, query), ct);
    }

    public Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct) =>
        writes.RunAsync(session => TrimAll(session, resolution, UnixMs.From(before), most), most, ct);

    private static List<Candle> List(SqliteSession session, CandleQuery query)
    {
        var sql = $"SELECT {Columns} FROM candles WHERE symbol = @symbol AND resolution = @resolution AND start >= @from AND start < @to "
            + $"ORDER BY start {(query.Newest ? "DESC" : "ASC")} LIMIT @limit";
        var range = new
        {
            symbol = query.Symbol,
            resolution = query.Resolution,
            from = query.From is { } from ? UnixMs.From(from) : 0,
            to = query.To is { } to ? UnixMs.From(to) : long.MaxValue,
            limit = query.Limit,
        };
        var candles = session.Connection.Query<CandleRow>(sql, range).Select(row => row.ToCandle()).ToList();
        if (query.Newest)
        {
            candles.Reverse();
        }

        return candles;
    }

    private static int TrimAll(WriteSession session, CandleResolution resolution, long before, int most)
    {
        var removed = 0;
        foreach (var symbol in session.Connection.Query<string>(Symbols).ToList())
        {
            removed += session.Connection.Execute(Trim, new { symbol, resolution, before, most = most - removed });
            if (removed == most)
            {
                break;
            }
        }

        return removed;
    }

    private sealed class CandleRow
    {
        public required string Symbol { get; init; }
        public long Resolution { get; init; }
        public long Start { get; init; }
        public required string Open { get; init; }
        public required string High { get; init; }
        public required string Low { get; init; }
        public required string Close { get; init; }
        public required string Volume { get; init; }
        public long Ticks { get; init; }
        public long FirstAt { get; init; }
        public long LastAt { get; init; }

        public static CandleRow From(Candle candle) => new()
        {
            Symbol = candle.Symbol,
            Resolution = (long)candle.Resolution,
            Start = candle.Start.ToUnixTimeMilliseconds(),
            Open = Text(candle.Open),
            High = Text(candle.High),
            Low = Text(candle.Low),
            Close = Text(candle.Close),
            Volume = Text(candle.Volume),
            Ticks = candle.Ticks,
            FirstAt = candle.FirstAt.ToUnixTimeMilliseconds(),
            LastAt = candle.LastAt.ToUnixTimeMilliseconds(),
        };

        public Candle ToCandle() => new(
            Symbol, (CandleResolution)Resolution, Date(Start), Number(Open), Number(High), Number(Low), Number(Close), Number(Volume), Ticks, Date(FirstAt),
            Date(LastAt));

        private static DateTimeOffset Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

        private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
    }
}

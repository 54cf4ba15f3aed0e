using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Journal.Sql;

/// <remarks>Decimals are kept as text: a REAL would change them. Resolutions are seconds.</remarks>
public sealed class SqlCandleStore(ISqlRunner runner) : ICandleStore
{
    private static readonly RowCommand<Candle> Put = new(
        "INSERT INTO candles (symbol, resolution, start, open, high, low, close, volume, ticks, first_at, last_at) "
        + "VALUES (@Symbol, @Resolution, @Start, @Open, @High, @Low, @Close, @Volume, @Ticks, @FirstAt, @LastAt) "
        + "ON CONFLICT (symbol, resolution, start) DO UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low, "
        + "close = excluded.close, volume = excluded.volume, ticks = excluded.ticks, first_at = excluded.first_at, last_at = excluded.last_at",
        new("@Symbol", DbType.String, candle => candle.Symbol),
        new("@Resolution", DbType.Int32, candle => (int)candle.Resolution),
        new("@Start", DbType.Int64, candle => candle.Start.ToUnixTimeMilliseconds()),
        new("@Open", DbType.String, candle => Text(candle.Open)),
        new("@High", DbType.String, candle => Text(candle.High)),
        new("@Low", DbType.String, candle => Text(candle.Low)),
        new("@Close", DbType.String, candle => Text(candle.Close)),
        new("@Volume", DbType.String, candle => Text(candle.Volume)),
        new("@Ticks", DbType.Int64, candle => candle.Ticks),
        new("@FirstAt", DbType.Int64, candle => candle.FirstAt.ToUnixTimeMilliseconds()),
        new("@LastAt", DbType.Int64, candle => candle.LastAt.ToUnixTimeMilliseconds()));

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
        var rows = Put.Bind(candles);
        return runner.WriteAsync(db => Put.Execute(db, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct) =>
        runner.ReadAsync<IReadOnlyList<Candle>>(
            db =>
            [
                .. from symbol in db.Query<string>(Symbols)
                   from resolution in CandleResolutions.All
                   let row = db.QuerySingleOrDefault<CandleRow>(Newest, new { symbol, resolution = (int)resolution })
                   where row is not null
                   select row.ToCandle(),
            ],
            ct);

    public Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        return runner.ReadAsync<IReadOnlyList<Candle>>(db => List(db, query), ct);
    }

    public Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct) =>
        runner.WriteAsync(db => TrimAll(db, resolution, UnixMs.From(before), most), most, ct);

    private static List<Candle> List(DbConnection db, CandleQuery query)
    {
        var sql = $"SELECT {Columns} FROM candles WHERE symbol = @symbol AND resolution = @resolution AND start >= @from AND start < @to "
            + $"ORDER BY start {(query.Newest ? "DESC" : "ASC")} LIMIT @limit";
        var range = new
        {
            symbol = query.Symbol,
            resolution = (int)query.Resolution,
            from = query.From is { } from ? UnixMs.From(from) : 0,
            to = query.To is { } to ? UnixMs.From(to) : long.MaxValue,
            limit = query.Limit,
        };
        var candles = db.Query<CandleRow>(sql, range).Select(row => row.ToCandle()).ToList();
        if (query.Newest)
        {
            candles.Reverse();
        }

        return candles;
    }

    private static int TrimAll(DbConnection db, CandleResolution resolution, long before, int most)
    {
        var removed = 0;
        foreach (var symbol in db.Query<string>(Symbols).ToList())
        {
            removed += db.Execute(Trim, new { symbol, resolution = (int)resolution, before, most = most - removed });
            if (removed == most)
            {
                break;
            }
        }

        return removed;
    }

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class CandleRow
    {
        public required string Symbol { get; init; }
        public int Resolution { get; init; }
        public long Start { get; init; }
        public required string Open { get; init; }
        public required string High { get; init; }
        public required string Low { get; init; }
        public required string Close { get; init; }
        public required string Volume { get; init; }
        public long Ticks { get; init; }
        public long FirstAt { get; init; }
        public long LastAt { get; init; }

        public Candle ToCandle() => new(
            Symbol, (CandleResolution)Resolution, Date(Start), Number(Open), Number(High), Number(Low), Number(Close), Number(Volume), Ticks, Date(FirstAt),
            Date(LastAt));

        private static DateTimeOffset Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
    }
}

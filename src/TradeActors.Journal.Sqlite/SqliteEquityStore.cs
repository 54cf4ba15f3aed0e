using System.Globalization;
using Dapper;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Decimals are kept as text: a REAL would change them.</remarks>
internal sealed class SqliteEquityStore(WriteQueue writes, ReaderPool readers) : IEquityStore
{
    private const long HourMs = 3_600_000;

    private const string Put =
        "INSERT INTO equity (tenant, account, at, balance, equity) VALUES (@Tenant, @Account, @At, @Balance, @Equity) "
        + "ON CONFLICT (tenant, account, at) DO UPDATE SET balance = excluded.balance, equity = excluded.equity";

    // Sought by a reader, since the whole table is walked: the writer only removes what was found.
    private const string Surplus =
        "SELECT tenant, account, at FROM equity AS point WHERE at < @before AND EXISTS (SELECT 1 FROM equity AS later WHERE later.tenant = point.tenant "
        + "AND later.account = point.account AND later.at > point.at AND later.at < (point.at / @HourMs + 1) * @HourMs) LIMIT @most";

    private const string Remove = "DELETE FROM equity WHERE tenant = @Tenant AND account = @Account AND at = @At";

    public Task SaveAsync(IReadOnlyList<EquityPoint> points, CancellationToken ct)
    {
        var rows = points.Select(EquityRow.From).ToList();
        return writes.RunAsync(session => session.Connection.Execute(Put, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<EquityPoint>> ListAsync(EquityQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        return readers.ReadLongAsync<IReadOnlyList<EquityPoint>>(session => List(session, query), ct);
    }

    public async Task<int> ThinAsync(DateTimeOffset before, int most, CancellationToken ct)
    {
        var surplus = await readers.ReadLongAsync(
            session => session.Connection.Query<PointKey>(Surplus, new { before = UnixMs.From(before), HourMs, most }).ToList(), ct).ConfigureAwait(false);
        return surplus.Count == 0 ? 0
            : await writes.RunAsync(session => session.Connection.Execute(Remove, surplus), surplus.Count, ct).ConfigureAwait(false);
    }

    private static List<EquityPoint> List(SqliteSession session, EquityQuery query)
    {
        // With max() SQLite takes the other columns from the row that has it.
        var (at, group) = query.StepSeconds == 0 ? ("at", "") : ("max(at)", " GROUP BY at / @step");
        var sql = $"SELECT tenant, account, {at} AS At, balance, equity FROM equity "
            + $"WHERE tenant = @Tenant AND account = @Account AND at >= @from AND at < @to{group} "
            + $"ORDER BY 3 {(query.Newest ? "DESC" : "ASC")} LIMIT @Limit";
        var range = new
        {
            query.Tenant,
            query.Account,
            from = query.From is { } from ? UnixMs.From(from) : 0,
            to = query.To is { } to ? UnixMs.From(to) : long.MaxValue,
            step = query.StepSeconds * 1_000L,
            query.Limit,
        };
        var points = session.Connection.Query<EquityRow>(sql, range).Select(row => row.ToPoint()).ToList();
        if (query.Newest)
        {
            points.Reverse();
        }

        return points;
    }

    private sealed class PointKey
    {
        public required string Tenant { get; init; }
        public required string Account { get; init; }
        public long At { get; init; }
    }

    private sealed class EquityRow
    {
        public required string Tenant { get; init; }
        public required string Account { get; init; }
        public long At { get; init; }
        public required string Balance { get; init; }
        public required string Equity { get; init; }

        public static EquityRow From(EquityPoint point) => new()
        {
            Tenant = point.Tenant,
            Account = point.Account,
            At = point.At.ToUnixTimeMilliseconds(),
            Balance = point.Balance.ToString(CultureInfo.InvariantCulture),
            Equity = point.Equity.ToString(CultureInfo.InvariantCulture),
        };

        public EquityPoint ToPoint() => new(
            Tenant, Account, DateTimeOffset.FromUnixTimeMilliseconds(At), decimal.Parse(Balance, CultureInfo.InvariantCulture),
            decimal.Parse(Equity, CultureInfo.InvariantCulture));
    }
}

using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Journal.Sql;

/// <remarks>Decimals are kept as text: a REAL would change them.</remarks>
public sealed class SqlEquityStore(ISqlRunner runner) : IEquityStore
{
    private const long HourMs = 3_600_000;

    private static readonly RowCommand<EquityPoint> Put = new(
        "INSERT INTO equity (tenant, account, at, balance, equity) VALUES (@Tenant, @Account, @At, @Balance, @Equity) "
        + "ON CONFLICT (tenant, account, at) DO UPDATE SET balance = excluded.balance, equity = excluded.equity",
        new("@Tenant", DbType.String, point => point.Tenant),
        new("@Account", DbType.String, point => point.Account),
        new("@At", DbType.Int64, point => point.At.ToUnixTimeMilliseconds()),
        new("@Balance", DbType.String, point => Text(point.Balance)),
        new("@Equity", DbType.String, point => Text(point.Equity)));

    // Sought by a reader, since the whole table is walked: the writer only removes what was found.
    private const string Surplus =
        "SELECT tenant, account, at FROM equity AS point WHERE at < @before AND EXISTS (SELECT 1 FROM equity AS later WHERE later.tenant = point.tenant "
        + "AND later.account = point.account AND later.at > point.at AND later.at < (point.at / @HourMs + 1) * @HourMs) LIMIT @most";

    private static readonly RowCommand<PointKey> Remove = new(
        "DELETE FROM equity WHERE tenant = @Tenant AND account = @Account AND at = @At",
        new("@Tenant", DbType.String, key => key.Tenant),
        new("@Account", DbType.String, key => key.Account),
        new("@At", DbType.Int64, key => key.At));

    public Task SaveAsync(IReadOnlyList<EquityPoint> points, CancellationToken ct)
    {
        var rows = Put.Bind(points);
        return runner.WriteAsync(db => Put.Execute(db, rows), rows.Count, ct);
    }

    public Task<IReadOnlyList<EquityPoint>> ListAsync(EquityQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        return runner.ReadTenantAsync<IReadOnlyList<EquityPoint>>(query.Tenant, db => List(db, query), ct);
    }

    public async Task<int> ThinAsync(DateTimeOffset before, int most, CancellationToken ct)
    {
        var surplus = await runner.ReadAsync(
            db => Remove.Bind(db.Query<PointKey>(Surplus, new { before = UnixMs.From(before), HourMs, most })), ct).ConfigureAwait(false);
        return surplus.Count == 0 ? 0
            : await runner.WriteAsync(db => Remove.Execute(db, surplus), surplus.Count, ct).ConfigureAwait(false);
    }

    private static List<EquityPoint> List(DbConnection db, EquityQuery query)
    {
        const string Range = "FROM equity WHERE tenant = @Tenant AND account = @Account AND at >= @from AND at < @to";
        var last = query.StepSeconds == 0 ? "" : $" AND at IN (SELECT max(at) {Range} GROUP BY at / @step)";
        var sql = $"SELECT tenant, account, at, balance, equity {Range}{last} ORDER BY at {(query.Newest ? "DESC" : "ASC")} LIMIT @Limit";
        var range = new
        {
            query.Tenant,
            query.Account,
            from = query.From is { } from ? UnixMs.From(from) : 0,
            to = query.To is { } to ? UnixMs.From(to) : long.MaxValue,
            step = query.StepSeconds * 1_000L,
            query.Limit,
        };
        var points = db.Query<EquityRow>(sql, range).Select(row => row.ToPoint()).ToList();
        if (query.Newest)
        {
            points.Reverse();
        }

        return points;
    }

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

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

        public EquityPoint ToPoint() => new(
            Tenant, Account, DateTimeOffset.FromUnixTimeMilliseconds(At), decimal.Parse(Balance, CultureInfo.InvariantCulture),
            decimal.Parse(Equity, CultureInfo.InvariantCulture));
    }
}

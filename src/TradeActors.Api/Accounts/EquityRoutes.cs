using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Accounts;

/// <param name="Equity">Balance and what the open positions would have brought then.</param>
public sealed record EquityView(DateTimeOffset At, decimal Balance, decimal Equity);

/// <param name="Items">The earliest first. Between two points nothing changed, or less than a sample apart.</param>
/// <param name="Next">Give it as <c>from</c> to go on; null when there is no more.</param>
public sealed record EquityPage(IReadOnlyList<EquityView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <param name="From">ISO 8601: points from here on. When absent, the newest before <c>to</c> are answered.</param>
/// <param name="To">ISO 8601: points before this; when absent, up to now.</param>
/// <param name="Resolution">1m, 5m, 15m, 30m, 1h, 4h or 1d (UTC): of each stretch the last point. When absent, every point.</param>
/// <param name="Limit">1 to 5000; 1000 when absent.</param>
internal sealed record EquityRequest(
    [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To, [FromQuery(Name = "resolution")] string? Resolution,
    [FromQuery(Name = "limit")] int? Limit)
{
    private const int Most = 5_000;

    /// <exception cref="ApiProblemException">A parameter is not understood.</exception>
    public EquityQuery Query(string tenant, string account)
    {
        var errors = new FieldErrors();
        var step = Resolution is null ? 0 : (int?)CandleResolutions.Parse(Resolution) is { } seconds and >= 60 ? seconds : -1;
        errors.Require(step >= 0, "resolution", "Must be one of 1m, 5m, 15m, 30m, 1h, 4h, 1d, or be left out.");
        errors.Require(Limit is null or (>= 1 and <= Most), "limit", $"Must be 1 to {Most}.");
        var (from, to) = (TimeParameter.Read(From, "from", errors), TimeParameter.Read(To, "to", errors));
        errors.Require(!(from >= to), "to", "Must be later than from.");
        errors.ThrowIfAny();
        return new EquityQuery(tenant, account, from, to, step, Limit ?? 1_000, Newest: from is null);
    }
}

/// <summary>What an account was worth over time.</summary>
internal static class EquityRoutes
{
    public static void Map(RouteGroupBuilder accounts) => accounts.MapGet("/{id}/equity", ListAsync)
        .WithSummary("The account's balance and equity over time, the earliest first")
        .WithDescription(
            "A point is written within seconds of a change of the balance, and at intervals while the account holds positions, if anything has changed. The last "
            + "one of a range that reaches to now is what the account is worth now. Older points are thinned to the last of each hour.");

    private static async Task<EquityPage> ListAsync(
        string id, [AsParameters] EquityRequest request, Caller caller, IReadStore store, IEquityStore equity, IQuoteBook quotes, TimeProvider time,
        CancellationToken ct)
    {
        var account = await store.FindAsync<AccountRow>(ReadTable.Accounts, caller.Tenant, "", id, "account", ct).ConfigureAwait(false);
        var query = request.Query(caller.Tenant, id);
        var points = await equity.ListAsync(query with { Limit = query.Limit + 1 }, ct).ConfigureAwait(false);
        if (!query.Newest && points.Count > query.Limit)
        {
            return new EquityPage(
                [.. points.Take(query.Limit).Select(View)], points[query.Limit].At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        }

        var items = points.TakeLast(query.Limit).Select(View).ToList();
        AddNow(items, query, account, quotes, time.GetUtcNow());
        return new EquityPage([.. items.TakeLast(query.Limit)], null);
    }

    private static EquityView View(EquityPoint point) => new(point.At, point.Balance, point.Equity);

    /// <summary>Ends the range with what the account is worth now, where it reaches so far and all positions have a price.</summary>
    private static void AddNow(List<EquityView> items, EquityQuery query, AccountRow account, IQuoteBook quotes, DateTimeOffset now)
    {
        var isWithin = !(query.From > now) && !(query.To <= now);
        if (isWithin && account.EquityAt(quotes) is { } equity)
        {
            if (query.StepSeconds > 0 && items.Count > 0 && Stretch(items[^1].At) == Stretch(now))
            {
                items.RemoveAt(items.Count - 1); // Of each stretch the last point alone.
            }

            items.Add(new EquityView(now, account.Balance, equity));
        }

        long Stretch(DateTimeOffset at) => at.ToUnixTimeSeconds() / query.StepSeconds;
    }
}

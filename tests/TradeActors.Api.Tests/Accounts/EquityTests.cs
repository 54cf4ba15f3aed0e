using System.Globalization;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Api.Tests.Accounts;

public sealed class EquityTests : IAsyncLifetime, IDisposable
{
    private readonly TempData _data = new();
    private TestNode _node = null!;
    private ApiClient _client = null!;

    public async Task InitializeAsync()
    {
        await StartAsync();
        _client = await _node.NewTenantAsync();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Points_follow_the_balance_and_while_a_position_is_held_its_price()
    {
        var account = await Given.AccountAsync(_client);
        await StoredAsync(account, points => points is [var only] && Values(only) == (100_000m, 100_000m));

        await QuoteAsync(5_000m);
        await BuyAsync(account);
        await StoredAsync(account, points => Values(points[^1]) == (100_000m, 99_987.5m)); // Bought at the ask, worth the bid.
        await QuoteAsync(5_010m);
        var stored = await StoredAsync(account, points => Values(points[^1]) == (100_000m, 100_487.5m));
        Assert.Equal(stored.OrderBy(point => point.Text("at"), StringComparer.Ordinal).Select(point => point.Text("at")), stored.Select(point => point.Text("at")));

        (await _client.PostAsync($"/api/v1/accounts/{account}/flatten")).Is(202);
        await StoredAsync(account, points => Values(points[^1]) == (100_487.5m, 100_487.5m));
        await QuoteAsync(5_100m);
        var ended = (await _client.GetAsync($"/api/v1/accounts/{account}/equity")).Is(200);
        Shape.IsPage(ended, "at:time balance:number equity:number");
        Assert.Equal((100_487.5m, 100_487.5m), Values(ended.Items[^1])); // A flat account does not follow the market.
    }

    [Fact]
    public async Task Restart_writes_no_point_where_nothing_has_changed_and_goes_on_where_something_has()
    {
        var account = await Given.AccountAsync(_client);
        await QuoteAsync(5_000m);
        await BuyAsync(account);
        var before = await StoredAsync(account, points => Values(points[^1]) == (100_000m, 99_987.5m));
        await _node.DisposeAsync();
        await StartAsync();
        _client = new ApiClient(_node.Address) { AccessToken = _client.AccessToken };

        await QuoteAsync(4_990m);
        var after = await StoredAsync(account, points => Values(points[^1]) == (100_000m, 99_487.5m));
        Assert.Equal(before.Length + 1, after.Length);
    }

    [Fact]
    public async Task Range_resolution_and_limit_choose_points_and_pages_lead_on()
    {
        var account = await Given.AccountAsync(_client);
        await QuoteAsync(5_000m);
        await BuyAsync(account);
        await StoredAsync(account, points => Values(points[^1]) == (100_000m, 99_987.5m));
        for (var i = 1; i <= 4; i++)
        {
            await QuoteAsync(5_000m + i);
            await StoredAsync(account, points => Values(points[^1]).Equity == 99_987.5m + (50m * i));
        }

        var path = $"/api/v1/accounts/{account}/equity";
        var all = await StoredAsync(account, _ => true);
        var paged = new List<string>();
        var from = "2026-01-01T00:00:00Z";
        while (from is not null)
        {
            var page = (await _client.GetAsync($"{path}?from={from}&limit=2")).Is(200);
            Assert.InRange(page.Items.Length, 1, 2);
            paged.AddRange(page.Items.Select(point => point.Text("at")));
            from = page.Json.GetProperty("next").GetString();
        }

        Assert.Equal(all.Select(point => point.Text("at")), paged.Take(all.Length));
        Assert.InRange(paged.Count, all.Length, all.Length + 1); // What it is worth now ends the range, unless the page was full.
        Assert.Single((await _client.GetAsync($"{path}?limit=1")).Is(200).Items);
        var days = (await _client.GetAsync($"{path}?resolution=1d")).Is(200).Items;
        Assert.InRange(days.Length, 1, 2); // Two at midnight.
        Assert.Equal((100_000m, 100_187.5m), Values(days[^1]));
        Assert.Empty((await _client.GetAsync($"{path}?to=2026-01-01T00:00:00Z")).Is(200).Items);
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_named_and_another_tenant_sees_nothing()
    {
        var account = await Given.AccountAsync(_client);
        var path = $"/api/v1/accounts/{account}/equity";
        (await _client.GetAsync($"{path}?from=x&to=2026-01-01T00:00:00Z&resolution=1s&limit=0")).Invalid("from", "resolution", "limit");
        (await _client.GetAsync($"{path}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z&resolution=2h")).Invalid("to", "resolution");
        (await (await _node.NewTenantAsync()).GetAsync(path)).Problem(404, "not-found");
        (await _client.WithToken(null).GetAsync(path)).Problem(401, "unauthorized");
    }

    private static (decimal Balance, decimal Equity) Values(JsonElement point) => (point.Number("balance"), point.Number("equity"));

    private async Task StartAsync() => _node = await TestNode.StartAsync(
        _data.Path, change: settings => settings with { History = new HistorySettings(EquitySeconds: 1) });

    private async Task QuoteAsync(decimal bid)
    {
        (await _client.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "ES", bid, ask = bid + 0.25m, last = bid } })).Is(202);
        await Wait.UntilAsync(
            $"a quote at {bid}", async () => (await _client.GetAsync("/api/v1/market/quotes?symbols=ES")).Is(200).Items,
            quotes => quotes is [var quote] && quote.Number("bid") == bid);
    }

    private async Task BuyAsync(string account)
    {
        var order = (await _client.PostAsync($"/api/v1/accounts/{account}/orders", new { symbol = "ES", side = "buy", type = "market", quantity = 1 })).Is(202);
        await Wait.UntilAsync(
            "the fill", async () => (await _client.GetAsync($"/api/v1/accounts/{account}/orders/{order.Json.Text("id")}")).Is(200).Json,
            json => json.Text("state") == "filled");
    }

    /// <summary>The stored points alone: a range that ends before now is not ended with the present.</summary>
    private async Task<JsonElement[]> StoredAsync(string account, Func<JsonElement[], bool> isThere) => await Wait.UntilAsync(
        "the stored points",
        async () => (await _client.GetAsync($"/api/v1/accounts/{account}/equity?to={DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}")).Is(200).Items,
        points => points.Length > 0 && isThere(points));
}

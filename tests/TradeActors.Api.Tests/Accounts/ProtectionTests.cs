using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Accounts;

/// <summary>Stops and targets from the webhook to the paper exchange and back.</summary>
[Collection(Shared.Name)]
public sealed class ProtectionTests(SharedNode shared)
{
    private static readonly object Settings = new
    {
        sizing = new { initial = 3 },
        stopLoss = new { unit = "points", distance = 100 },
        takeProfit = new { unit = "points", levels = new[] { new { distance = 50, quantity = 1 }, new { distance = 150, quantity = 2 } } },
    };

    [Fact]
    public async Task Targets_close_their_part_and_the_stop_what_is_left()
    {
        var (client, account, hook) = await NewAsync("YM");
        await shared.QuoteAsync("YM", 40_000m, 40_001m);
        (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200);
        var resting = await RestingAsync(client, account, 2);
        Assert.Equal([("oneCancelsOther", 40_051m, 39_901m, 1m), ("oneCancelsOther", 40_151m, 39_901m, 2m)], resting.Select(Terms));

        await shared.QuoteAsync("YM", 40_060m, 40_061m);
        resting = await RestingAsync(client, account, 1);
        Assert.Equal(("oneCancelsOther", 40_151m, 39_901m, 2m), Terms(resting[0]));
        Assert.Equal(2m, await HeldAsync(client, account));

        await shared.QuoteAsync("YM", 39_890m, 39_891m);
        await RestingAsync(client, account, 0);
        Assert.Equal(0m, await HeldAsync(client, account));
    }

    [Fact]
    public async Task A_close_leaves_no_order_behind()
    {
        var (client, account, hook) = await NewAsync("HG");
        await shared.QuoteAsync("HG", 400m, 400.0005m);
        (await client.PostAsync(hook, """{"action":"sell"}""")).Is(200);
        await RestingAsync(client, account, 2);
        (await client.PostAsync(hook, """{"action":"close","quantity":1}""")).Is(200);
        await Wait.UntilAsync("two left", () => HeldAsync(client, account), held => held == -2m);
        Assert.Equal(2m, (await RestingAsync(client, account, orders => orders.Sum(order => order.Number("quantity")) == 2m)).Sum(order => order.Number("quantity")));
        (await client.PostAsync(hook, """{"action":"close"}""")).Is(200);
        await Wait.UntilAsync("flat", () => HeldAsync(client, account), held => held == 0m);
        await RestingAsync(client, account, 0);
        var exits = (await client.GetAsync($"/api/v1/accounts/{account}/orders?limit=100")).Items.Where(order => order.Text("purpose") == "exit");
        Assert.Equal(3m, exits.Sum(order => order.Number("filled")));
    }

    [Fact]
    public async Task A_persons_sale_takes_its_part_out_of_the_protection()
    {
        var (client, account, hook) = await NewAsync("6E");
        await shared.QuoteAsync("6E", 200m, 200.00005m);
        (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200);
        await RestingAsync(client, account, 2);
        (await client.PostAsync($"/api/v1/accounts/{account}/orders", new { symbol = "6E", side = "sell", type = "market", quantity = 2 })).Is(202);
        await Wait.UntilAsync("one left", () => HeldAsync(client, account), held => held == 1m);
        await RestingAsync(client, account, orders => orders.Sum(order => order.Number("quantity") - order.Number("filled")) == 1m);
    }

    private async Task<(ApiClient Client, string Account, string Hook)> NewAsync(string symbol)
    {
        var client = await shared.Node.NewTenantAsync();
        var account = (await client.PostAsync("/api/v1/accounts", new { name = "Paper", broker = "paper", startingBalance = 10_000_000 })).Is(201).Json.Text("id");
        var recorder = await Given.RecorderAsync(client, symbol, Settings);
        await Given.SubscriptionAsync(client, recorder.Text("id"), account);
        return (client, account, recorder.Text("webhookUrl"));
    }

    private static Task<JsonElement[]> RestingAsync(ApiClient client, string account, int count) => RestingAsync(client, account, orders => orders.Length == count);

    private static Task<JsonElement[]> RestingAsync(ApiClient client, string account, Func<JsonElement[], bool> until) => Wait.UntilAsync(
        "the protection", async () => (await client.GetAsync($"/api/v1/accounts/{account}/orders?state=working")).Is(200).Items
            .OrderBy(order => order.Text("createdAt"), StringComparer.Ordinal).ThenBy(order => order.Number("quantity")).ToArray(),
        orders => orders.All(order => order.Text("purpose") == "protection" && order.Text("state") == "working") && until(orders));

    private static async Task<decimal> HeldAsync(ApiClient client, string account) =>
        (await client.GetAsync($"/api/v1/accounts/{account}")).Is(200).Json.List("positions").Sum(position => position.Number("quantity"));

    private static (string, decimal, decimal, decimal) Terms(JsonElement order) =>
        (order.Text("type"), order.Number("limitPrice"), order.Number("stopPrice"), order.Number("quantity"));
}

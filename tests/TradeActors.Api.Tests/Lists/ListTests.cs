using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Lists;

/// <summary>Filters, order and cursors of the lists, over the whole node.</summary>
[Collection(Shared.Name)]
public sealed class ListTests(SharedNode shared)
{
    [Fact]
    public async Task Accounts_made_at_the_same_moment_are_paged_without_loss_or_repeat()
    {
        var client = await shared.Node.NewTenantAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Given.AccountAsync(client)));
        foreach (var sort in new[] { "createdAt", "-createdAt" })
        {
            var seen = await WalkAsync(client, $"/api/v1/accounts?limit=1&sort={sort}");
            Assert.Equal(made.Order(StringComparer.Ordinal), seen.Select(item => item.Text("id")).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("12")]
    [InlineData("%00")]
    [InlineData("MTIz")]
    public async Task A_cursor_that_is_none_is_refused_by_name_in_every_list(string after)
    {
        var client = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(client);
        var recorder = (await Given.RecorderAsync(client)).Text("id");
        string[] lists =
        [
            "accounts", $"accounts/{account}/orders", $"accounts/{account}/fills", "recorders", $"recorders/{recorder}/signals",
            $"recorders/{recorder}/subscriptions", "operations",
        ];
        foreach (var list in lists)
        {
            (await client.GetAsync($"/api/v1/{list}?after={after}")).Invalid("after");
        }
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1.5")]
    public async Task Events_go_on_behind_a_plain_number(string after)
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.GetAsync($"/api/v1/accounts/{await Given.AccountAsync(client)}/events?after={after}")).Invalid("after");
    }

    [Theory]
    [InlineData("accounts/{account}/orders", "state=open", "state")]
    [InlineData("accounts/{account}/orders", "state=filled,open", "state")]
    [InlineData("accounts/{account}/orders", "state=", "state")]
    [InlineData("accounts/{account}/orders", "side=long&type=iceberg", "side", "type")]
    [InlineData("accounts/{account}/orders", "symbol=NOPE", "symbol")]
    [InlineData("accounts/{account}/orders", "sort=symbol", "sort")]
    [InlineData("accounts/{account}/orders", "from=yesterday&to=2026-13-01", "from", "to")]
    [InlineData("accounts/{account}/orders", "from=2026-11-20&to=2026-11-19", "to")]
    [InlineData("accounts/{account}/orders", "status=filled", "status")]
    [InlineData("accounts/{account}/orders", "side=buy&side=sell", "side")]
    [InlineData("accounts/{account}/orders", "recorderId=&signalId=", "recorderId", "signalId")]
    [InlineData("accounts/{account}/orders", "limit=0", "limit")]
    [InlineData("accounts/{account}/orders", "limit=501", "limit")]
    [InlineData("accounts/{account}/fills", "state=filled", "state")]
    [InlineData("accounts/{account}/fills", "sort=createdAt", "sort")]
    [InlineData("accounts/{account}/events", "type=orderPlanned", "type")]
    [InlineData("accounts", "state=open", "state")]
    [InlineData("recorders", "state=halted&colour=red", "colour")]
    [InlineData("recorders", "state=halted", "state")]
    [InlineData("recorders/{recorder}/signals", "state=received&reason=Rain", "reason", "state")]
    [InlineData("recorders/{recorder}/subscriptions", "enabled=1", "enabled")]
    [InlineData("recorders/{recorder}/subscriptions", "name=x", "name")]
    public async Task A_filter_that_is_none_is_refused_by_name(string list, string query, params string[] fields)
    {
        var client = await shared.Node.NewTenantAsync();
        var path = list.Replace("{account}", await Given.AccountAsync(client)).Replace("{recorder}", (await Given.RecorderAsync(client)).Text("id"));
        (await client.GetAsync($"/api/v1/{path}?{query}")).Invalid(fields);
    }

    [Fact]
    public async Task A_misspelt_parameter_is_answered_with_those_that_there_are()
    {
        var client = await shared.Node.NewTenantAsync();
        var problem = (await client.GetAsync($"/api/v1/accounts/{await Given.AccountAsync(client)}/fills?symbl=ES")).Problem(422, "validation");
        Assert.Contains("after, from, limit, recorderId, side, sort, symbol, to", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_are_narrowed_by_each_filter_and_by_several_at_once()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        await shared.QuoteAsync("NQ", 20000m, 20000.25m);
        var account = $"/api/v1/accounts/{await Given.AccountAsync(client)}";
        await PlaceAsync("a", new { clOrdId = "a", symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 }, "working");
        await PlaceAsync("b", new { clOrdId = "b", symbol = "ES", side = "sell", type = "stop", quantity = 1, stopPrice = 1000 }, "working");
        await PlaceAsync("c", new { clOrdId = "c", symbol = "NQ", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 }, "working");
        await PlaceAsync("d", new { clOrdId = "d", symbol = "NQ", side = "buy", type = "market", quantity = 1 }, "filled");
        (await client.DeleteAsync($"{account}/orders/a")).Is(202);
        var all = await Wait.UntilAsync(
            "a canceled", async () => (await client.GetAsync($"{account}/orders")).Is(200).Items, orders => orders[^1].Text("state") == "canceled");
        var (es, second) = (await shared.FrontAsync("ES"), all.Single(order => order.Text("id") == "b").Text("createdAt"));

        await SeesAsync("", "d", "c", "b", "a");
        await SeesAsync("sort=createdAt", "a", "b", "c", "d");
        await SeesAsync("state=working", "c", "b");
        await SeesAsync("state=all", "d", "c", "b", "a");
        await SeesAsync("state=filled", "d");
        await SeesAsync("state=canceled,filled", "d", "a");
        await SeesAsync("state=WORKING,canceled", "c", "b", "a");
        await SeesAsync("state=rejected");
        await SeesAsync("symbol=ES", "b", "a");
        await SeesAsync($"symbol={es}", "b", "a");
        await SeesAsync("symbol=CME_MINI:NQ1!", "d", "c");
        await SeesAsync("symbol=ESZ2021");
        await SeesAsync("side=sell", "b");
        await SeesAsync("type=market,stop", "d", "b");
        await SeesAsync("signalId=none");
        await SeesAsync($"from={second}", "d", "c", "b");
        await SeesAsync($"to={second}", "a");
        await SeesAsync($"from={second}&sort=createdAt", "b", "c", "d");
        await SeesAsync("to=2026-01-01");
        await SeesAsync($"from=2026-01-01&side=buy&type=limit&symbol=NQ&state=working&to=2099-12-31T23:59:59%2B02:00", "c");

        async Task PlaceAsync(string id, object order, string state)
        {
            (await client.PostAsync($"{account}/orders", order)).Is(202);
            await Wait.UntilAsync(
                $"{id} {state}", async () => (await client.GetAsync($"{account}/orders/{id}")).Is(200).Json.Text("state"), seen => seen == state);
        }

        async Task SeesAsync(string query, params string[] ids)
        {
            foreach (var limit in new[] { 1, 100 })
            {
                var seen = await WalkAsync(client, $"{account}/orders?limit={limit}&{query}");
                Assert.True(ids.SequenceEqual(seen.Select(order => order.Text("id"))), $"{query}: {string.Join(", ", seen.Select(order => order.Text("id")))}");
            }
        }
    }

    [Fact]
    public async Task Fills_signals_subscriptions_recorders_and_accounts_are_narrowed_too()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("ZN", 110m, 110.015625m);
        var account = await Given.AccountAsync(client);
        var idle = (await client.PostAsync("/api/v1/accounts", new { name = "Idle one", broker = "paper", startingBalance = 1 })).Is(201).Json.Text("id");
        var recorder = await Given.RecorderAsync(client, "ZN");
        var other = (await client.PostAsync("/api/v1/recorders", new { name = "Other", symbol = "ES" })).Is(201).Json.Text("id");
        (await client.PostAsync($"/api/v1/recorders/{other}/pause")).Is(200);
        var id = recorder.Text("id");
        var subscription = await Given.SubscriptionAsync(client, id, account);
        var hook = recorder.Text("webhookUrl");
        var bought = (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200).Json.Text("signalId");
        await Wait.UntilAsync(
            "a fill", async () => (await client.GetAsync($"/api/v1/accounts/{account}/fills")).Items, fills => fills.Length == 1);
        (await client.PostAsync(hook, """{"action":"buy","symbol":"NOPE"}""")).Is(200);
        (await client.PostAsync(hook, """{"action":"buy","id":"2"}""")).Is(200);
        (await client.PostAsync(hook, "gibberish")).Is(400);

        await CountsAsync($"accounts/{account}/fills", 1, "", "symbol=ZN", "side=buy", $"recorderId={id}", "from=2026-01-01", "sort=at");
        await CountsAsync($"accounts/{account}/fills", 0, "symbol=ES", "side=sell", "recorderId=x", "to=2020-01-01");
        await CountsAsync($"accounts/{account}/orders", 1, $"recorderId={id}", $"signalId={bought}");
        await CountsAsync($"accounts/{account}/orders", 0, "recorderId=x", $"signalId={id}");
        await CountsAsync($"recorders/{id}/signals", 4, "", "from=2026-01-01", "sort=receivedAt");
        await CountsAsync($"recorders/{id}/signals", 1, "source=webhook", "state=accepted", "state=invalid", "reason=unknownsymbol", "reason=SameDirection");
        await CountsAsync($"recorders/{id}/signals", 2, "state=rejected", "reason=UnknownSymbol,SameDirection", "state=accepted,invalid");
        await CountsAsync($"recorders/{id}/signals", 3, "source=json");
        await CountsAsync($"recorders/{id}/signals", 0, "symbol=ES", "to=2020-01-01", "source=telegram");
        await CountsAsync($"recorders/{id}/subscriptions", 1, "", $"accountId={account}", "enabled=true");
        await CountsAsync($"recorders/{id}/subscriptions", 0, $"accountId={idle}", "enabled=false");
        await CountsAsync("recorders", 1, "state=paused", "state=active", "name=OTHER", "symbol=ZN", "symbol=ES");
        await CountsAsync("recorders", 2, "", "sort=-createdAt", "state=active,paused");
        await CountsAsync("accounts", 1, "name=idle", "symbol=ZN");
        await CountsAsync("accounts", 2, "", "broker=paper", "state=active", "sort=-createdAt");
        await CountsAsync("accounts", 0, "broker=acme", "state=halted", "symbol=CL");
        Assert.Equal(subscription, (await client.GetAsync($"/api/v1/recorders/{id}/subscriptions")).Items.Single().Text("id"));
        Assert.Equal(
            (await client.GetAsync($"/api/v1/recorders/{id}/signals")).Items.Select(signal => signal.GetProperty("number").GetInt32()), [4, 3, 2, 1]);

        async Task CountsAsync(string list, int count, params string[] queries)
        {
            foreach (var query in queries)
            {
                var seen = (await client.GetAsync($"/api/v1/{list}?{query}")).Is(200).Items.Length;
                Assert.True(count == seen, $"{list}?{query}: {seen} where {count} were expected.");
            }
        }
    }

    /// <summary>All items, page by page.</summary>
    private static async Task<IReadOnlyList<JsonElement>> WalkAsync(ApiClient client, string path)
    {
        var (items, next) = (new List<JsonElement>(), (string?)null);
        do
        {
            var page = (await client.GetAsync(next is null ? path : $"{path}&after={next}")).Is(200);
            items.AddRange(page.Items);
            next = page.Json.Text("next");
        }
        while (next is not null);

        return items;
    }
}

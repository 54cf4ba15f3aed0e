using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Accounts;

[Collection(Shared.Name)]
public sealed class AccountTests(SharedNode shared)
{
    internal const string AccountShape =
        "id:string name:string broker:string currency:string balance:number equity:number realizedToday:number unrealized:number state:string "
        + "stateReason:string? positions:array limits:object createdAt:time";

    private const string Accounts = "/api/v1/accounts";

    [Fact]
    public async Task A_new_account_has_the_shape_of_the_contract_wherever_it_is_shown()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = (await client.PostAsync(Accounts, new { name = " Main ", broker = "paper", startingBalance = 50_000 })).Is(201);
        Shape.Is(created.Json, AccountShape);
        Assert.Equal("Main", created.Json.Text("name"));
        Assert.Equal("paper", created.Json.Text("broker"));
        Assert.Equal("USD", created.Json.Text("currency"));
        Assert.Equal("active", created.Json.Text("state"));
        Assert.Equal((50_000m, 50_000m, 0m, 0m), (
            created.Json.Number("balance"), created.Json.Number("equity"), created.Json.Number("realizedToday"), created.Json.Number("unrealized")));
        Assert.Empty(created.Json.List("positions"));

        Assert.Equal($"{Accounts}/{created.Json.Text("id")}", created.Location);
        Assert.Equal(created.Text, (await client.GetAsync(created.Location!)).Is(200).Text);
        var list = await client.GetAsync(Accounts);
        Shape.IsPage(list, AccountShape);
        Assert.Equal(JsonValueKind.Null, list.Json.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Limits_and_paper_options_are_taken_and_limits_are_shown()
    {
        var client = await shared.Node.NewTenantAsync();
        const string Limits =
            """{"maxPosition":{"default":5,"perSymbol":{"ES":2,"MES":10}},"maxOrderQuantity":3,"maxOpenOrders":4,"allowedSymbols":["ES","MES"],"tradingDayResets":"17:00 America/Chicago"}""";
        const string Paper =
            """{"commissionPerUnit":1.25,"slippageTicks":1,"usesDisplayedSize":false,"seed":7,"latencyMs":20,"latencyJitterMs":10,"checksMargin":false,"faults":{"lateAnswer":0.5,"lateByMs":20}}""";
        var created = await client.PostAsync(
            Accounts, $$"""{"name":"A","broker":"paper","startingBalance":"1000.50","currency":"eur","limits":{{Limits}},"paper":{{Paper}}}""");
        Assert.Equal("EUR", created.Is(201).Json.Text("currency"));
        Assert.Equal(1000.50m, created.Json.Number("balance"));
        Assert.Equal(Limits, created.Json.GetProperty("limits").GetRawText());

        var changed = await client.PutAsync($"{created.Location}/limits", """{"maxOrderQuantity":"9"}""");
        Assert.Equal("""{"maxOrderQuantity":9}""", changed.Is(200).Json.GetProperty("limits").GetRawText());
    }

    [Theory]
    [InlineData("{}", "name", "broker", "startingBalance")]
    [InlineData("""{"name":" ","broker":"paper","startingBalance":1}""", "name")]
    [InlineData("""{"name":"A","broker":"ib","startingBalance":1}""", "broker")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":0}""", "startingBalance")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"currency":"U1$"}""", "currency")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"maxDailyLoss":-500}}""", "limits.maxDailyLoss")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"maxOrderQuantity":0,"maxOpenOrders":0}}""", "limits.maxOrderQuantity", "limits.maxOpenOrders")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"maxPosition":{"default":-1}}}""", "limits.maxPosition")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"maxPosition":{"perSymbol":{"ES1!":1}}}}""", "limits.maxPosition.perSymbol")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"maxPosition":{"perSymbol":{"es":1}}}}""", "limits.maxPosition.perSymbol")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"limits":{"tradingDayResets":"25:00 Nowhere"}}""", "limits.tradingDayResets")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"paper":{"slippageTicks":-1}}""", "paper.slippageTicks")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"paper":{"faults":{"loseRequest":1.5}}}""", "paper.faults.loseRequest")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1,"paper":{"latencyMs":-1,"latencyJitterMs":10001}}""", "paper.latencyMs", "paper.latencyJitterMs")]
    public async Task An_account_that_is_not_valid_is_refused_field_by_field(string body, params string[] fields) =>
        (await (await shared.Node.NewTenantAsync()).PostAsync(Accounts, body)).Invalid(fields);

    [Fact]
    public async Task Limits_that_are_not_valid_do_not_replace_the_old_ones()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = $"{Accounts}/{await Given.AccountAsync(client, new { maxOrderQuantity = 2 })}";
        (await client.PutAsync($"{account}/limits", """{"maxDailyLoss":0,"maxOpenOrders":-1}""")).Invalid("maxDailyLoss", "maxOpenOrders");
        Assert.Equal("""{"maxOrderQuantity":2}""", (await client.GetAsync(account)).Json.GetProperty("limits").GetRawText());
    }

    [Fact]
    public async Task A_list_is_paged_without_gap_or_repeat()
    {
        var client = await shared.Node.NewTenantAsync();
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add(await Given.AccountAsync(client));
        }

        var (seen, after) = (new List<string>(), "");
        do
        {
            var page = (await client.GetAsync($"{Accounts}?limit=2{after}")).Is(200);
            Assert.InRange(page.Items.Length, 1, 2);
            seen.AddRange(page.Items.Select(item => item.Text("id")));
            after = page.Json.Text("next") is { } next ? $"&after={next}" : null;
        }
        while (after is not null);
        Assert.Equal(made, seen);
    }

    [Fact]
    public async Task Halting_stops_entries_until_resumed_and_says_why()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = $"{Accounts}/{await Given.AccountAsync(client)}";
        var halted = (await client.PostAsync($"{account}/halt", new { reason = "lunch" })).Is(200).Json;
        Shape.Is(halted, AccountShape);
        Assert.Equal(("halted", "lunch"), (halted.Text("state"), halted.Text("stateReason")));
        var order = new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 };
        (await client.PostAsync($"{account}/orders", order)).Problem(422, "halted");

        Assert.Equal("active", (await client.PostAsync($"{account}/resume")).Is(200).Json.Text("state"));
        (await client.PostAsync($"{account}/orders", order)).Is(202);
        Assert.Equal($"by {client.Email}", (await client.PostAsync($"{account}/halt")).Is(200).Json.Text("stateReason"));
        (await client.PostAsync($"{account}/halt", new { reason = new string('x', 201) })).Invalid("reason");
    }

    [Fact]
    public async Task Equity_and_unrealized_follow_the_quotes_and_closing_realizes()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = $"{Accounts}/{await Given.AccountAsync(client)}";
        var contract = await shared.FrontAsync("ES");
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        (await client.PostAsync($"{account}/orders", new { symbol = "ES", side = "buy", type = "market", quantity = 2 })).Is(202);
        var open = await PositionOfAsync(client, account, 2m);
        Shape.Is(open.List("positions")[0], "symbol:string quantity:number averagePrice:number unrealized:number");
        Assert.Equal(contract, open.List("positions")[0].Text("symbol"));
        Assert.Equal(5000.25m, open.List("positions")[0].Number("averagePrice"));

        await shared.QuoteAsync("ES", 5010m, 5010.25m);
        var later = (await client.GetAsync(account)).Is(200).Json;
        Assert.Equal((100_000m, 100_975m, 975m), (later.Number("balance"), later.Number("equity"), later.Number("unrealized")));
        Assert.Equal(975m, later.List("positions")[0].Number("unrealized"));

        (await client.PostAsync($"{account}/orders", new { symbol = contract, side = "sell", type = "market", quantity = 3 })).Is(202);
        var turned = await PositionOfAsync(client, account, -1m);
        Assert.Equal((100_975m, 975m), (turned.Number("balance"), turned.Number("realizedToday")));
        Assert.Equal(-12.5m, turned.Number("unrealized")); // A short is valued at the ask.
    }

    [Fact]
    public async Task Flatten_cancels_everything_and_closes_everything()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = $"{Accounts}/{await Given.AccountAsync(client)}";
        await shared.QuoteAsync("NQ", 18000m, 18000.25m);
        (await client.PostAsync($"{account}/orders", new { symbol = "NQ", side = "sell", type = "market", quantity = 2 })).Is(202);
        await PositionOfAsync(client, account, -2m);
        (await client.PostAsync($"{account}/orders", new { symbol = "NQ", side = "buy", type = "limit", quantity = 1, limitPrice = 17000 })).Is(202);

        Shape.Is((await client.PostAsync($"{account}/flatten")).Is(202).Json, AccountShape);
        await Wait.UntilAsync("a flat account", async () => (await client.GetAsync(account)).Json, json => json.List("positions").Length == 0);
        await Wait.UntilAsync("no working order", async () => (await client.GetAsync($"{account}/orders?state=working")).Items, orders => orders.Length == 0);
        var orders = (await client.GetAsync($"{account}/orders")).Items;
        Assert.Single(orders, order => order.Text("state") == "canceled");
        Assert.All(orders.Where(order => order.Text("state") != "canceled"), order => Assert.Equal("filled", order.Text("state")));
        (await client.PostAsync($"{account}/flatten")).Is(202); // Again: nothing to do.
    }

    private static Task<JsonElement> PositionOfAsync(ApiClient client, string account, decimal quantity) => Wait.UntilAsync(
        $"a position of {quantity}", async () => (await client.GetAsync(account)).Is(200).Json,
        json => json.List("positions") is [var position] && position.Number("quantity") == quantity);
}

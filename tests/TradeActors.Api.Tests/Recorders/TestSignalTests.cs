using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Recorders;

[Collection(Shared.Name)]
public sealed class TestSignalTests(SharedNode shared)
{
    private const string AccountShape =
        "accountId:string subscriptionId:string outcome:string reason:string? detail:string? verdicts:array closes:object? cancels:array orders:array";

    [Fact]
    public async Task It_shows_account_by_account_what_would_be_ordered_and_orders_nothing()
    {
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var (client, recorder, accounts) = await NewAsync();
        var paused = (await client.GetAsync($"{recorder}/subscriptions")).Items.Single(item => item.Text("accountId") == accounts[2]).Text("id");
        (await client.PutAsync($"{recorder}/subscriptions/{paused}", new { enabled = false })).Is(200);
        var before = await SeeAsync(client, recorder, accounts);

        var reply = (await client.PostAsync($"{recorder}/test-signal", """{"body":{"action":"buy","quantity":2,"test":true}}""")).Is(200).Json;
        Shape.Is(reply, "source:string parsed:object state:string plan:object verdicts:array accounts:array");
        Assert.Equal(("json", "accepted"), (reply.Text("source"), reply.Text("state")));
        Assert.All(reply.List("accounts"), account => Shape.Is(account, AccountShape));
        var byAccount = reply.List("accounts").ToDictionary(account => account.Text("accountId"));
        Assert.Equal(accounts.Order(StringComparer.Ordinal), byAccount.Keys);

        var order = Assert.Single(byAccount[accounts[0]].List("orders"));
        Shape.Is(order, "purpose:string symbol:string side:string type:string quantity:number timeInForce:string waits:bool protection:object");
        Assert.Equal(
            ("entry", await shared.FrontAsync("ES"), "buy", "market", 2m, false),
            (order.Text("purpose"), order.Text("symbol"), order.Text("side"), order.Text("type"), order.Number("quantity"), order.GetProperty("waits").GetBoolean()));
        Assert.Equal(10m, order.GetProperty("protection").GetProperty("stopDistance").Number("value"));
        Assert.Equal("ordered", byAccount[accounts[0]].Text("outcome"));
        Assert.Equal(("skipped", "MaxOrderQuantity"), (byAccount[accounts[1]].Text("outcome"), byAccount[accounts[1]].Text("reason"))); // Its multiplier is 3.
        Assert.Equal(("skipped", "SubscriptionPaused"), (byAccount[accounts[2]].Text("outcome"), byAccount[accounts[2]].Text("reason")));
        Assert.Equal(before, await SeeAsync(client, recorder, accounts));
    }

    [Fact]
    public async Task What_it_shows_is_what_the_signal_then_orders()
    {
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var (client, recorder, accounts) = await NewAsync();
        var hook = (await client.PostAsync($"{recorder}/webhook-token")).Json.Text("webhookUrl");
        var shown = await TestAsync("""{"action":"buy"}""");
        (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200);
        var filled = await Wait.UntilAsync(
            "the entry's fill", async () => (await client.GetAsync($"/api/v1/accounts/{accounts[0]}/orders?state=all")).Items,
            orders => orders.Any(order => order.Text("state") == "filled") && orders.Length == 2);
        Assert.Equal(1m, shown[0].Number("quantity"));
        Assert.Contains(filled, order => order.Number("quantity") == 1m && order.Text("side") == "buy");

        var reverse = await TestAsync("""{"action":"reverse"}""");
        Assert.Contains(reverse, order => order.Text("side") == "sell" && order.GetProperty("waits").GetBoolean());

        async Task<System.Text.Json.JsonElement[]> TestAsync(string body) =>
            (await client.PostAsync($"{recorder}/test-signal", $$"""{"body":{{body}}}""")).Is(200).Json.List("accounts")
                .Single(account => account.Text("accountId") == accounts[0]).List("orders");
    }

    [Theory]
    [InlineData("\"nonsense\"", "invalid", "Unreadable")]
    [InlineData("\"key=k; command=CLOSEPOSITION; account=Sim101; instrument=ES;\"", "rejected", "NothingToClose")]
    [InlineData("\"{\\\"action\\\":\\\"close\\\"}\"", "rejected", "NothingToClose")]
    [InlineData("""{"action":"close"}""", "rejected", "NothingToClose")]
    [InlineData("""{"action":"buy","symbol":"NOPE"}""", "rejected", "UnknownSymbol")]
    public async Task A_signal_that_would_not_be_traded_says_why_for_every_account(string body, string state, string reason)
    {
        var (client, recorder, accounts) = await NewAsync();
        var reply = (await client.PostAsync($"{recorder}/test-signal", $$"""{"body":{{body}}}""")).Is(200).Json;
        Assert.Equal((state, reason), (reply.Text("state"), reply.Text("reason")));
        Assert.Equal(accounts.Length, reply.List("accounts").Length);
        Assert.All(reply.List("accounts"), account => Assert.Equal(("skipped", reason), (account.Text("outcome"), account.Text("reason"))));
        Assert.Empty((await client.GetAsync($"{recorder}/signals")).Items);
    }

    [Fact]
    public async Task A_body_is_needed_and_may_be_as_large_as_at_the_webhook()
    {
        var (client, recorder, _) = await NewAsync();
        (await client.PostAsync($"{recorder}/test-signal", "{}")).Invalid("body");
        (await client.PostAsync($"{recorder}/test-signal", """{"body":null}""")).Invalid("body");
        (await client.PostAsync($"{recorder}/test-signal", new { body = """{"action":"close"}""".PadRight((64 * 1024) + 1) })).Problem(413, "too-large");
        (await client.PostAsync($"{recorder}/test-signal", new { body = """{"action":"close"}""".PadRight(64 * 1024) })).Is(200);
    }

    private async Task<(ApiClient Client, string Recorder, string[] Accounts)> NewAsync()
    {
        var client = await shared.Node.NewTenantAsync();
        var recorder = (await Given.RecorderAsync(client, settings: new { stopLoss = new { unit = "points", distance = 10 } })).Text("id");
        string[] accounts = [await Given.AccountAsync(client), await Given.AccountAsync(client, new { maxOrderQuantity = 5 }), await Given.AccountAsync(client)];
        foreach (var (account, multiplier) in accounts.Zip([1m, 3m, 1m]))
        {
            await Given.SubscriptionAsync(client, recorder, account, multiplier);
        }

        return (client, $"/api/v1/recorders/{recorder}", accounts);
    }

    private static async Task<string> SeeAsync(ApiClient client, string recorder, string[] accounts)
    {
        string[] paths = [recorder, $"{recorder}/signals", $"{recorder}/subscriptions", .. accounts.Select(id => $"/api/v1/accounts/{id}/events")];
        return string.Join('\n', await Task.WhenAll(paths.Select(async path => (await client.GetAsync(path)).Is(200).Text)));
    }
}

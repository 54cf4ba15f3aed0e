using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Recorders;

[Collection(Shared.Name)]
public sealed class SignalTests(SharedNode shared)
{
    private const string SignalShape =
        "id:string number:integer receivedAt:time source:string raw:string parsed:object? state:string reason:string? detail:string? fanOut:object";

    private const string FanOutShape = "accounts:integer ordered:integer skipped:integer failed:integer completedAt:timeOrNull";

    [Fact]
    public async Task An_alert_becomes_fills_on_two_accounts_and_the_signal_tells_how()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("RTY", 2000m, 2000.1m);
        var created = await Given.RecorderAsync(client, "RTY", new { sizing = new { initial = 1 } });
        var recorder = $"/api/v1/recorders/{created.Text("id")}";
        var (one, two) = (await Given.AccountAsync(client), await Given.AccountAsync(client));
        await Given.SubscriptionAsync(client, created.Text("id"), one);
        await Given.SubscriptionAsync(client, created.Text("id"), two, multiplier: 2m);

        var taken = (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy","token":"s3cret"}""")).Is(200).Json;
        Shape.Is(taken, "signalId:string state:string");
        Assert.Equal("accepted", taken.Text("state"));

        var detail = await Wait.UntilAsync(
            "two accounts filled", async () => (await client.GetAsync($"{recorder}/signals/{taken.Text("signalId")}")).Is(200).Json,
            json => json.List("accounts") is { Length: 2 } all && all.All(account => account.Text("outcome") == "filled"));
        Shape.Is(detail, $"{SignalShape} plan:object accounts:array verdicts:array traceId:string");
        Shape.Is(detail.GetProperty("fanOut"), FanOutShape);
        Assert.Equal((2, 2, 0, 0), Counts(detail));
        Assert.NotNull(detail.GetProperty("fanOut").Text("completedAt"));
        Assert.DoesNotContain("s3cret", detail.ToString(), StringComparison.Ordinal);
        Assert.Contains("buy", detail.Text("raw"), StringComparison.Ordinal);
        Assert.All(detail.List("verdicts"), verdict => Shape.Is(verdict, "filter:string passed:bool detail:string"));
        Assert.Contains("direction", detail.List("verdicts").Select(verdict => verdict.Text("filter")));

        foreach (var (account, quantity) in ((string, decimal)[])[(one, 1m), (two, 2m)])
        {
            var outcome = detail.List("accounts").Single(item => item.Text("accountId") == account);
            Shape.Is(outcome, "accountId:string subscriptionId:string outcome:string reason:string? detail:string? orders:array verdicts:array");
            var order = (await client.GetAsync($"/api/v1/accounts/{account}/orders")).Items.Single();
            Assert.Equal(order.Text("id"), Assert.Single(outcome.List("orders")).GetString());
            Assert.Equal(("filled", quantity), (order.Text("state"), order.Number("filled")));
            Assert.Equal((created.Text("id"), taken.Text("signalId")), (order.Text("recorderId"), order.Text("signalId")));
            Assert.Equal(quantity, (await client.GetAsync($"/api/v1/accounts/{account}/fills")).Items.Sum(fill => fill.Number("quantity")));
        }

        var list = await client.GetAsync($"{recorder}/signals");
        Shape.IsPage(list, SignalShape);
        Assert.Equal((2, 2, 0, 0), Counts(list.Items[0]));
        Assert.Equal(1, list.Items[0].GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task Accounts_that_cannot_follow_are_counted_as_skipped_with_their_reason()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, "GC");
        var (free, halted) = (await Given.AccountAsync(client), await Given.AccountAsync(client));
        await Given.SubscriptionAsync(client, created.Text("id"), free);
        await Given.SubscriptionAsync(client, created.Text("id"), halted);
        (await client.PostAsync($"/api/v1/accounts/{halted}/halt")).Is(200);
        var signal = (await client.PostAsync(created.Text("webhookUrl"), """{"action":"sell"}""")).Is(200).Json.Text("signalId");

        var detail = await Wait.UntilAsync(
            "one ordered and one skipped", async () => (await client.GetAsync($"/api/v1/recorders/{created.Text("id")}/signals/{signal}")).Is(200).Json,
            json => Counts(json) == (2, 1, 1, 0));
        var skipped = detail.List("accounts").Single(account => account.Text("accountId") == halted);
        Assert.Equal(("skipped", "Halted"), (skipped.Text("outcome"), skipped.Text("reason")));
        Assert.Empty(skipped.List("orders"));
        Assert.Equal("ordered", detail.List("accounts").Single(account => account.Text("accountId") == free).Text("outcome"));
    }

    [Fact]
    public async Task Why_was_this_not_traded_is_answered_for_every_account()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("SI", 30m, 30.005m);
        var created = await Given.RecorderAsync(client, "SI", new { sizing = new { initial = 1 }, filters = new { maxSignalsPerSession = 1 } });
        var recorder = $"/api/v1/recorders/{created.Text("id")}";
        var (capped, paused, shortOnly) = (await Given.AccountAsync(client), await Given.AccountAsync(client), await Given.AccountAsync(client));
        await Given.SubscriptionAsync(client, created.Text("id"), capped);
        var subscription = await Given.SubscriptionAsync(client, created.Text("id"), paused);
        (await client.PutAsync($"{recorder}/subscriptions/{subscription}", new { enabled = false })).Is(200);
        (await client.PostAsync(
            $"{recorder}/subscriptions", new { accountId = shortOnly, overrides = new { filters = new { direction = "shortOnly" } } })).Is(201);
        (await client.PutAsync($"/api/v1/accounts/{capped}/limits", new { maxOrderQuantity = 1, maxDailyLoss = 100 })).Is(200);

        var first = (await client.PostAsync(created.Text("webhookUrl"), new { action = "buy", quantity = 2 })).Is(200).Json.Text("signalId");
        var detail = await Wait.UntilAsync(
            "three answers", async () => (await client.GetAsync($"{recorder}/signals/{first}")).Is(200).Json,
            json => json.GetProperty("fanOut").Text("completedAt") is not null && json.List("accounts").Length == 3);
        Assert.Equal(("skipped", "MaxOrderQuantity"), OutcomeOn(detail, capped));
        Assert.Equal(("skipped", "SubscriptionPaused"), OutcomeOn(detail, paused));
        Assert.Equal(("skipped", "Direction"), OutcomeOn(detail, shortOnly));
        var verdicts = detail.List("accounts").Single(account => account.Text("accountId") == shortOnly).List("verdicts");
        Assert.Contains(verdicts, verdict => verdict.Text("filter") == "direction" && !verdict.GetProperty("passed").GetBoolean());

        var second = (await client.PostAsync(created.Text("webhookUrl"), new { action = "reverse" })).Is(200).Json.Text("signalId");
        var third = (await client.PostAsync(created.Text("webhookUrl"), new { action = "buy", id = "again" })).Is(200).Json;
        Assert.Equal(("rejected", "MaxSignals"), (third.Text("state"), third.Text("reason")));
        Assert.NotEqual(first, second);
        detail = (await client.GetAsync($"{recorder}/signals/{third.Text("signalId")}")).Is(200).Json;
        Assert.All((string[])[capped, paused, shortOnly], account => Assert.Equal(("skipped", "MaxSignals"), OutcomeOn(detail, account)));
    }

    private static (string, string) OutcomeOn(JsonElement detail, string account)
    {
        var outcome = detail.List("accounts").Single(item => item.Text("accountId") == account);
        return (outcome.Text("outcome"), outcome.Text("reason"));
    }

    [Fact]
    public async Task The_log_is_paged_newest_first()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        foreach (var action in (string[])["buy", "close", "sell", "close", "close"])
        {
            (await client.PostAsync(created.Text("webhookUrl"), $$"""{"action":"{{action}}","id":"{{Guid.NewGuid()}}"}""")).Is(200);
        }

        var signals = $"/api/v1/recorders/{created.Text("id")}/signals";
        var page = (await client.GetAsync($"{signals}?limit=3")).Is(200);
        Assert.Equal([5, 4, 3], page.Items.Select(item => item.GetProperty("number").GetInt32()));
        Assert.Equal(("rejected", "NothingToClose"), (page.Items[0].Text("state"), page.Items[0].Text("reason")));
        page = (await client.GetAsync($"{signals}?limit=3&after={page.Json.Text("next")}")).Is(200);
        Assert.Equal([2, 1], page.Items.Select(item => item.GetProperty("number").GetInt32()));
        Assert.Equal(JsonValueKind.Null, page.Json.GetProperty("next").ValueKind);
        (await client.GetAsync($"{signals}/none")).Problem(404, "not-found");
    }

    private static (int Accounts, int Ordered, int Skipped, int Failed) Counts(JsonElement signal)
    {
        int Of(string member) => signal.GetProperty("fanOut").GetProperty(member).GetInt32();
        return (Of("accounts"), Of("ordered"), Of("skipped"), Of("failed"));
    }
}

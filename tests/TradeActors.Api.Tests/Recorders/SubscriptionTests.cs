using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Recorders;

[Collection(Shared.Name)]
public sealed class SubscriptionTests(SharedNode shared)
{
    private const string SubscriptionShape =
        "id:string recorderId:string accountId:string multiplier:number enabled:bool overrides:object? version:integer createdAt:time";

    [Fact]
    public async Task A_subscription_has_its_defaults_and_can_be_changed_read_and_listed()
    {
        var (client, recorder, account) = await NewAsync();
        var created = await client.PostAsync($"{recorder}/subscriptions", new { accountId = account });
        Shape.Is(created.Is(201).Json, SubscriptionShape);
        Assert.Equal((1m, true), (created.Json.Number("multiplier"), created.Json.GetProperty("enabled").GetBoolean()));
        Assert.Equal(created.Text, (await client.GetAsync(created.Location!)).Is(200).Text);

        var changed = await client.PutAsync(created.Location!, """{"multiplier":"2.5","enabled":false,"overrides":{"sizing":{"initial":3}}}""");
        Shape.Is(changed.Is(200).Json, SubscriptionShape);
        Assert.Equal((2.5m, false), (changed.Json.Number("multiplier"), changed.Json.GetProperty("enabled").GetBoolean()));
        Assert.Equal("""{"sizing":{"initial":3}}""", changed.Json.GetProperty("overrides").GetRawText());

        var partly = await client.PutAsync(created.Location!, """{"enabled":true}""");
        Assert.Equal(2.5m, partly.Is(200).Json.Number("multiplier"));
        Shape.IsPage(await client.GetAsync($"{recorder}/subscriptions"), SubscriptionShape);
    }

    [Theory]
    [InlineData("{}", "accountId")]
    [InlineData("""{"accountId":"a","multiplier":0}""", "multiplier")]
    [InlineData("""{"accountId":"a","multiplier":1001}""", "multiplier")]
    [InlineData("""{"accountId":"a","overrides":{"sizing":{"initial":0},"filters":{"cooldownSeconds":-9}}}""", "overrides.sizing.initial", "overrides.filters.cooldownSeconds")]
    public async Task A_subscription_that_is_not_valid_is_refused_field_by_field(string body, params string[] fields)
    {
        var (client, recorder, _) = await NewAsync();
        (await client.PostAsync($"{recorder}/subscriptions", body)).Invalid(fields);
    }

    [Fact]
    public async Task A_subscription_keeps_its_account()
    {
        var (client, recorder, account) = await NewAsync();
        var subscription = (await client.PostAsync($"{recorder}/subscriptions", new { accountId = account })).Is(201).Location!;
        (await client.PutAsync(subscription, new { accountId = await Given.AccountAsync(client) })).Invalid("accountId");
        (await client.PutAsync(subscription, new { accountId = account, multiplier = 2 })).Is(200);
    }

    [Fact]
    public async Task Another_tenants_account_cannot_be_subscribed()
    {
        var (client, recorder, _) = await NewAsync();
        var foreign = await Given.AccountAsync(await shared.Node.NewTenantAsync());
        (await client.PostAsync($"{recorder}/subscriptions", new { accountId = foreign })).Problem(404, "not-found");
        Assert.Empty((await client.GetAsync($"{recorder}/subscriptions")).Items);
    }

    [Fact]
    public async Task A_subscription_that_was_disabled_or_removed_makes_no_new_entry()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, "CL");
        var recorder = $"/api/v1/recorders/{created.Text("id")}";
        var (kept, disabled, removed) = (await Given.AccountAsync(client), await Given.AccountAsync(client), await Given.AccountAsync(client));
        await Given.SubscriptionAsync(client, created.Text("id"), kept);
        var toDisable = await Given.SubscriptionAsync(client, created.Text("id"), disabled);
        var toRemove = await Given.SubscriptionAsync(client, created.Text("id"), removed);
        (await client.PutAsync($"{recorder}/subscriptions/{toDisable}", """{"enabled":false}""")).Is(200);
        (await client.DeleteAsync($"{recorder}/subscriptions/{toRemove}")).Is(204);
        (await client.GetAsync($"{recorder}/subscriptions/{toRemove}")).Problem(404, "not-found");
        (await client.PutAsync($"{recorder}/subscriptions/{toRemove}", """{"enabled":true}""")).Problem(404, "not-found");

        var signal = (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy"}""")).Is(200).Json.Text("signalId");
        var detail = await Wait.UntilAsync(
            "a completed fan-out", async () => (await client.GetAsync($"{recorder}/signals/{signal}")).Is(200).Json,
            json => json.GetProperty("fanOut").Text("completedAt") is not null);
        Assert.Equal(1, detail.GetProperty("fanOut").GetProperty("accounts").GetInt32());
        Assert.Equal([kept, disabled], detail.List("accounts").Select(account => account.Text("accountId")));
        Assert.Equal("SubscriptionPaused", detail.List("accounts")[1].Text("reason"));
        Assert.Single((await client.GetAsync($"/api/v1/accounts/{kept}/orders")).Items);
        Assert.Empty((await client.GetAsync($"/api/v1/accounts/{disabled}/orders")).Items);
        Assert.Empty((await client.GetAsync($"/api/v1/accounts/{removed}/orders")).Items);
    }

    private async Task<(ApiClient Client, string Recorder, string Account)> NewAsync()
    {
        var client = await shared.Node.NewTenantAsync();
        return (client, $"/api/v1/recorders/{(await Given.RecorderAsync(client)).Text("id")}", await Given.AccountAsync(client));
    }
}

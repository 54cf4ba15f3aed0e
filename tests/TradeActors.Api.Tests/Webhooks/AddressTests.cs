using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Webhooks;

[Collection(Shared.Name)]
public sealed class AddressTests(SharedNode shared)
{
    [Fact]
    public async Task Only_the_listed_addresses_deliver()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { allowedAddresses = new[] { "tradingview", "203.0.113.0/24" } });
        var (recorder, hook) = ($"/api/v1/recorders/{created.Text("id")}", $"/webhook/{created.Text("webhookToken")}");
        var refused = (await client.PostAsync(hook, """{"action":"buy"}""")).Problem(403, "address-not-allowed");
        Assert.Contains("127.0.0.1", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Empty((await client.GetAsync($"{recorder}/signals")).Items);

        (await client.PutAsync(recorder, new { name = "A", symbol = "ES", settings = new { allowedAddresses = new[] { "127.0.0.0/8", "::1" } } })).Is(200);
        (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200);
        (await client.PutAsync(recorder, new { name = "A", symbol = "ES", settings = new { allowedAddresses = new[] { "192.0.2.1" } } })).Is(200);
        (await client.PostAsync(hook, """{"action":"close"}""")).Problem(403, "address-not-allowed");
        (await client.PutAsync(recorder, new { name = "A", symbol = "ES", settings = new { allowedAddresses = Array.Empty<string>() } })).Is(200);
        (await client.PostAsync(hook, """{"action":"close"}""")).Is(200);
    }

    [Fact]
    public async Task Entries_that_are_no_addresses_are_named()
    {
        var client = await shared.Node.NewTenantAsync();
        object Body(params string?[] allowedAddresses) => new { name = "A", settings = new { allowedAddresses } };
        (await client.PostAsync("/api/v1/recorders", Body("10.0.0.1", "10.0.0.1/8", "here", null)))
            .Invalid("settings.allowedAddresses[1]", "settings.allowedAddresses[2]", "settings.allowedAddresses[3]");
        (await client.PostAsync("/api/v1/recorders", Body([.. Enumerable.Repeat("10.0.0.1", 101)]))).Invalid("settings.allowedAddresses");
        var recorder = (await Given.RecorderAsync(client)).Text("id");
        var overrides = new { allowedAddresses = new[] { "10.0.0.1" } };
        (await client.PostAsync($"/api/v1/recorders/{recorder}/subscriptions", new { accountId = await Given.AccountAsync(client), overrides }))
            .Invalid("overrides.allowedAddresses");
    }
}

using TradeActors.Api.Tests.OpenApi;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests;

/// <summary>No operation of the OpenAPI document lets one tenant see, or touch, what is another's.</summary>
[Collection(Shared.Name)]
public sealed class WallTests(SharedNode shared)
{
    // Symbols are everybody's; a webhook's token is its own key.
    private static readonly string[] NotTenants = ["/webhook/{token}", "/api/v1/market/instruments/{symbol}"];

    [Fact]
    public async Task Another_tenants_ids_are_not_found_in_any_operation_and_nothing_happens_to_them()
    {
        var world = await World.MakeAsync(shared);
        var stranger = await shared.Node.NewTenantAsync("Stranger");
        var document = await ApiDocument.ReadAsync(stranger);
        var walked = document.Operations.Where(operation => operation.Path.Contains('{') && !NotTenants.Contains(operation.Path)).ToArray();
        Assert.True(walked.Length >= 20, $"Only {walked.Length} operations were walked.");
        var before = await world.SeeAsync();
        var body = new Dictionary<string, object> { ["accountId"] = world.Account, ["items"] = new[] { new { accountId = world.Account } } };
        foreach (var operation in walked)
        {
            (await stranger.SendAsync(operation.Method, world.Fill(operation.Path), document.BodyOf(operation, body)))
                .Problem(IsOperators(operation) ? 403 : 404, IsOperators(operation) ? "forbidden" : "not-found");
        }

        Assert.Equal(before, await world.SeeAsync());

        // The walk itself is sound: the owner is let in everywhere with the same requests.
        var owned = walked.Where(operation => operation.Method != HttpMethod.Delete && !operation.Path.EndsWith("/webhook-token") && !IsOperators(operation));
        foreach (var operation in owned)
        {
            var reply = await world.Owner.SendAsync(operation.Method, world.Fill(operation.Path), document.BodyOf(operation, body));
            Assert.True(reply.Status is >= 200 and < 300, $"{operation}: {reply.Status} {reply.Text}");
        }
    }

    [Fact]
    public async Task Nothing_of_one_tenant_is_in_the_lists_of_another()
    {
        var world = await World.MakeAsync(shared);
        var stranger = await shared.Node.NewTenantAsync("Stranger");
        var document = await ApiDocument.ReadAsync(stranger);
        foreach (var operation in document.Operations.Where(operation => operation.Method == HttpMethod.Get && !operation.Path.Contains('{')))
        {
            var query = operation.Path == "/api/v1/market/candles" ? "?symbol=ES" : "";
            var text = (await stranger.GetAsync(operation.Path + query)).Is(IsOperators(operation) ? 403 : 200).Text;
            Assert.All(world.Ids, id => Assert.DoesNotContain(id, text, StringComparison.Ordinal));
        }

        Assert.Empty((await stranger.GetAsync("/api/v1/accounts")).Items);
        Assert.Empty((await stranger.GetAsync("/api/v1/recorders")).Items);
    }

    [Fact]
    public async Task Ids_of_the_same_tenant_do_not_open_each_others_parents()
    {
        var world = await World.MakeAsync(shared);
        var account = await Given.AccountAsync(world.Owner);
        var recorder = (await Given.RecorderAsync(world.Owner)).Text("id");
        (await world.Owner.GetAsync($"/api/v1/accounts/{account}/orders/{world.Order}")).Problem(404, "not-found");
        (await world.Owner.DeleteAsync($"/api/v1/accounts/{account}/orders/{world.Order}")).Problem(404, "not-found");
        (await world.Owner.GetAsync($"/api/v1/recorders/{recorder}/signals/{world.Signal}")).Problem(404, "not-found");
        (await world.Owner.DeleteAsync($"/api/v1/recorders/{recorder}/subscriptions/{world.Subscription}")).Problem(404, "not-found");
    }

    [Fact]
    public async Task Without_a_token_only_the_anonymous_operations_answer()
    {
        var world = await World.MakeAsync(shared);
        var anonymous = world.Owner.WithToken(null);
        var document = await ApiDocument.ReadAsync(anonymous);
        foreach (var operation in document.Operations.Where(operation => !operation.IsAnonymous))
        {
            (await anonymous.SendAsync(operation.Method, world.Fill(operation.Path), document.BodyOf(operation))).Problem(401, "unauthorized");
        }
    }

    private static bool IsOperators(ApiOperation operation) => operation.Path.Split('/').ElementAtOrDefault(3) is "cluster" or "parked" or "tenants" or "operators";

    /// <summary>A tenant that has one of everything.</summary>
    private sealed record World(
        ApiClient Owner, string Account, string Order, string Recorder, string Token, string Subscription, string Signal, string Operation, ApiClient User, string Key)
    {
        public string[] Ids => [Account, Order, Recorder, Token, Subscription, Signal, Operation, Owner.Email, Owner.UserId, Owner.TenantId, User.Email, User.UserId, Key];

        public static async Task<World> MakeAsync(SharedNode shared)
        {
            var owner = await shared.Node.NewTenantAsync("Owner");
            var operation = (await owner.PostAsync("/api/v1/halt-all")).Is(202).Json.Text("id"); // While there is no account that it would halt.
            await shared.QuoteAsync("ES", 5000m, 5000.25m);
            var account = await Given.AccountAsync(owner);
            var order = (await owner.PostAsync(
                $"/api/v1/accounts/{account}/orders", new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 })).Is(202).Json.Text("id");
            var recorder = await Given.RecorderAsync(owner);
            var subscription = await Given.SubscriptionAsync(owner, recorder.Text("id"), account);
            var signal = (await owner.PostAsync(recorder.Text("webhookUrl"), """{"action":"buy"}""")).Is(200).Json.Text("signalId");
            var world = new World(owner, account, order, recorder.Text("id"), recorder.Text("webhookToken"), subscription, signal, operation, await shared.Node.NewUserAsync(owner, "trader"),
                (await owner.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "read" } })).Is(201).Json.Text("id"));
            await Wait.UntilAsync(
                "the resting order and the signal's fill", async () => (await owner.GetAsync(world.Fill("/api/v1/accounts/{id}/orders"))).Is(200).Items,
                orders => orders.Select(item => item.Text("state")).SequenceEqual(["filled", "working"]));
            await Wait.UntilAsync(
                "a completed fan-out", async () => (await owner.GetAsync(world.Fill("/api/v1/recorders/{id}/signals/{signalId}"))).Is(200).Json,
                json => json.GetProperty("fanOut").Text("completedAt") is not null && json.List("accounts").All(item => item.Text("outcome") == "filled"));
            return world;
        }

        public string Fill(string path) => path
            .Replace(
                "{id}",
                path.StartsWith("/api/v1/accounts", StringComparison.Ordinal) ? Account
                    : path.StartsWith("/api/v1/operations", StringComparison.Ordinal) ? Operation
                    : Recorder)
            .Replace("{orderId}", Order)
            .Replace("{subscriptionId}", Subscription)
            .Replace("{signalId}", Signal)
            .Replace("{userId}", User.UserId)
            .Replace("{keyId}", Key)
            .Replace("{tenantId}", Owner.TenantId)
            .Replace("{symbol}", "ES")
            .Replace("{name}", "test") // Of the node.
            .Replace("{token}", Token);

        /// <summary>All that the owner sees of it.</summary>
        public async Task<string> SeeAsync()
        {
            string[] paths =
            [
                "/api/v1/accounts", "/api/v1/accounts/{id}/orders", "/api/v1/accounts/{id}/fills", "/api/v1/accounts/{id}/events", "/api/v1/recorders",
                "/api/v1/recorders/{id}/subscriptions", "/api/v1/recorders/{id}/signals", "/api/v1/operations", "/api/v1/operations/{id}", "/api/v1/users", "/api/v1/users/{userId}", "/api/v1/api-keys",
            ];
            return string.Join('\n', await Task.WhenAll(paths.Select(async path => (await Owner.GetAsync(Fill(path))).Is(200).Text)));
        }
    }
}

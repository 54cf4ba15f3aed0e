using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Accounts;

/// <summary>flatten-all, halt-all and what is shown of them.</summary>
[Collection(Shared.Name)]
public sealed class OperationTests(SharedNode shared)
{
    private const string Members =
        "id:string kind:string scope:string state:string reason:string? startedAt:time completedAt:time? accounts:integer done:integer failed:integer";

    [Fact]
    public async Task Halt_all_halts_every_account_of_the_tenant_and_says_what_came_of_each()
    {
        var client = await shared.Node.NewTenantAsync();
        var (a, b) = (await Given.AccountAsync(client), await Given.AccountAsync(client));
        var started = (await client.PostAsync("/api/v1/halt-all", new { reason = "Storm" })).Is(202);
        Shape.Is(started.Json, Members);
        Assert.Equal(("haltAll", "tenant", "Storm", 2m), (
            started.Json.Text("kind"), started.Json.Text("scope"), started.Json.Text("reason"), started.Json.Number("accounts")));
        Assert.Equal($"/api/v1/operations/{started.Json.Text("id")}", started.Location);

        var done = await CompletedAsync(client, started.Location!);
        Shape.Is(done, Members + " results:array");
        Assert.Equal((2m, 0m), (done.Number("done"), done.Number("failed")));
        Assert.Equal(new[] { a, b }.Order(StringComparer.Ordinal), done.List("results").Select(result => result.Text("accountId")));
        Assert.All(done.List("results"), result => Shape.Is(result, "accountId:string outcome:string at:time"));
        Assert.All(done.List("results"), result => Assert.Equal("done", result.Text("outcome")));
        var account = (await client.GetAsync($"/api/v1/accounts/{a}")).Json;
        Assert.Equal(("halted", "Storm"), (account.Text("state"), account.Text("stateReason")));

        var list = await client.GetAsync("/api/v1/operations");
        Shape.IsPage(list, Members);
        Assert.Equal(("completed", 2m), (list.Items[0].Text("state"), list.Items[0].Number("done")));
    }

    [Fact]
    public async Task Flatten_all_is_done_where_positions_are_closed_and_orders_canceled()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var (busy, idle) = ($"/api/v1/accounts/{await Given.AccountAsync(client)}", await Given.AccountAsync(client));
        (await client.PostAsync($"{busy}/orders", new { symbol = "ES", side = "buy", type = "market", quantity = 2 })).Is(202);
        (await client.PostAsync($"{busy}/orders", new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 })).Is(202);
        await Wait.UntilAsync(
            "a position", async () => (await client.GetAsync(busy)).Json.List("positions"), positions => positions is [var held] && held.Number("quantity") == 2m);

        var started = (await client.PostAsync("/api/v1/flatten-all")).Is(202);
        Assert.False(started.Json.Has("reason"));
        var done = await CompletedAsync(client, started.Location!);
        Assert.Equal(2m, done.Number("done"));
        Assert.Empty((await client.GetAsync(busy)).Json.List("positions"));
        Assert.Empty((await client.GetAsync($"{busy}/orders?state=working")).Items);
        Assert.Equal("active", (await client.GetAsync($"/api/v1/accounts/{idle}")).Json.Text("state"));
    }

    [Fact]
    public async Task The_same_id_again_answers_the_same_operation_with_the_accounts_it_began_with()
    {
        var client = await shared.Node.NewTenantAsync();
        await Given.AccountAsync(client);
        var first = (await client.PostAsync("/api/v1/halt-all", new { id = "storm-1" })).Is(202);
        Assert.Equal($"by {client.Email}", first.Json.Text("reason"));
        var later = await Given.AccountAsync(client);
        var again = (await client.PostAsync("/api/v1/halt-all", new { id = "storm-1", reason = "Other" })).Is(202);
        Assert.Equal((first.Location, first.Json.Text("startedAt"), 1m), (again.Location, again.Json.Text("startedAt"), again.Json.Number("accounts")));
        Assert.Equal($"by {client.Email}", again.Json.Text("reason"));
        await CompletedAsync(client, first.Location!);
        Assert.Single((await client.GetAsync("/api/v1/operations")).Items);
        Assert.Equal("active", (await client.GetAsync($"/api/v1/accounts/{later}")).Json.Text("state"));
        (await client.PostAsync("/api/v1/flatten-all", new { id = "storm-1" })).Problem(422, "duplicate-operation");

        // Another tenant's operation of the same name is another.
        var stranger = await shared.Node.NewTenantAsync();
        Assert.Equal(0m, (await stranger.PostAsync("/api/v1/halt-all", new { id = "storm-1" })).Is(202).Json.Number("accounts"));
    }

    [Fact]
    public async Task What_is_not_valid_is_refused()
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.PostAsync("/api/v1/halt-all", new { id = "No Good", reason = new string('x', 201) })).Invalid("id", "reason");
        (await client.PostAsync("/api/v1/halt-all?scope=world")).Invalid("scope");
        (await client.GetAsync("/api/v1/operations?scope=world")).Invalid("scope");
        (await client.GetAsync("/api/v1/operations/unknown")).Problem(404, "not-found");
        Assert.Empty((await client.GetAsync("/api/v1/operations")).Items);
    }

    [Fact]
    public async Task Only_the_operator_reaches_every_tenant_and_no_tenant_sees_that_operation()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var @operator = await node.NewTenantAsync("Operators");
        var (one, two) = (await node.NewTenantAsync("One"), await node.NewTenantAsync("Two"));
        var (a, b) = (await Given.AccountAsync(one), await Given.AccountAsync(two));
        (await one.PostAsync("/api/v1/halt-all?scope=installation")).Problem(403, "forbidden");
        (await one.PostAsync("/api/v1/flatten-all?scope=installation")).Problem(403, "forbidden");
        (await one.GetAsync("/api/v1/operations?scope=installation")).Problem(403, "forbidden");

        var started = (await @operator.PostAsync("/api/v1/halt-all?scope=installation", new { id = "all" })).Is(202);
        Assert.Equal(("installation", "by the operator"), (started.Json.Text("scope"), started.Json.Text("reason")));
        var done = await CompletedAsync(@operator, started.Location!);
        Assert.Equal(2m, done.Number("done"));
        Assert.Equal(
            new[] { (one.TenantId, a), (two.TenantId, b) }.Order(),
            done.List("results").Select(result => (result.Text("tenantId"), result.Text("accountId"))).Order());
        Assert.Equal("halted", (await one.GetAsync($"/api/v1/accounts/{a}")).Json.Text("state"));
        Assert.Equal("halted", (await two.GetAsync($"/api/v1/accounts/{b}")).Json.Text("state"));

        (await one.GetAsync(started.Location!)).Problem(404, "not-found");
        Assert.Empty((await one.GetAsync("/api/v1/operations")).Items);
        Assert.Empty((await @operator.GetAsync("/api/v1/operations")).Items);
        Assert.Single((await @operator.GetAsync("/api/v1/operations?scope=installation")).Items);

        // The operator's own tenant may have one of the same name: the scope tells them apart.
        (await @operator.PostAsync("/api/v1/halt-all", new { id = "all" })).Is(202);
        Assert.Equal("tenant", (await @operator.GetAsync("/api/v1/operations/all")).Is(200).Json.Text("scope"));
        Assert.Equal("installation", (await @operator.GetAsync("/api/v1/operations/all?scope=installation")).Is(200).Json.Text("scope"));
    }

    private static Task<JsonElement> CompletedAsync(ApiClient client, string operation) => Wait.UntilAsync(
        "a completed operation", async () => (await client.GetAsync(operation)).Is(200).Json, json => json.Text("state") == "completed");
}

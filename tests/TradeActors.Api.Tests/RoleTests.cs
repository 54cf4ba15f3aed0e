using System.Net;
using System.Reflection;
using TradeActors.Api.Live;
using TradeActors.Api.Tests.Live;
using TradeActors.Api.Tests.OpenApi;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests;

/// <summary>Every operation with every role, every scope of an API key, and with credentials that are not good. What an operation asks for stands here.</summary>
[Collection(Shared.Name)]
public sealed class RoleTests(SharedNode shared)
{
    private static readonly string[] Udf = ["/udf/config", "/udf/symbols", "/udf/search", "/udf/history", "/udf/time", "/udf/marks", "/udf/quotes"];

    [Theory]
    [InlineData("viewer", "read session")]
    [InlineData("trader", "read trade session")]
    [InlineData("owner", "read trade manage many session")]
    [InlineData("operator", "read trade manage many market:write operate session")]
    [InlineData("key:read", "read")]
    [InlineData("key:trade", "trade many")]
    [InlineData("key:manage", "manage operate many")]
    [InlineData("key:market:write", "market:write")]
    public async Task A_caller_is_let_in_where_its_role_says_and_nowhere_else(string who, string may)
    {
        var caller = await CallerAsync(who);
        var allowed = may.Split(' ');
        foreach (var (operation, body) in await OperationsAsync())
        {
            var needed = Needed(operation);
            var reply = await caller.SendAsync(operation.Method, Nowhere(operation.Path), body);
            if (needed == "anybody" || allowed.Contains(needed))
            {
                Assert.False(reply.Status is 401 or 403 or 500, $"{who} {operation}, which needs {needed}: {reply.Status} {reply.Text}");
            }
            else
            {
                reply.Problem(403, "forbidden");
            }

            await LogInAgainAsync(caller, operation);
        }
    }

    [Fact]
    public async Task Credentials_that_are_missing_forged_or_of_another_kind_let_nobody_in()
    {
        var owner = await shared.Node.NewTenantAsync();
        var token = owner.AccessToken!;
        var forged = token[..50] + (token[50] == 'A' ? 'B' : 'A') + token[51..];
        ApiClient[] strangers =
        [
            shared.Node.Anonymous(), owner.WithToken("garbage"), owner.WithToken(forged), owner.WithToken(owner.RefreshToken), shared.Node.Anonymous().WithKey("ta_garbage"),
            shared.Node.Anonymous().WithKey(token), owner.WithToken("ta_garbage"),
        ];
        await AllRefusedAsync(strangers);
    }

    [Fact]
    public async Task Credentials_that_have_ended_let_nobody_in()
    {
        var owner = await shared.Node.NewTenantAsync();
        var (removed, ended) = (await shared.Node.NewUserAsync(owner, "trader"), await shared.Node.NewUserAsync(owner, "trader"));
        var revoked = await KeyAsync(owner, "read");
        var orphan = await KeyAsync(removed, "read");
        (await owner.DeleteAsync($"/api/v1/users/{removed.UserId}")).Is(204);
        (await owner.PostAsync($"/api/v1/users/{ended.UserId}/end-sessions")).Is(204);
        (await owner.DeleteAsync($"/api/v1/api-keys/{(await owner.GetAsync("/api/v1/api-keys")).Items.Single().Text("id")}")).Is(204);
        await AllRefusedAsync(removed, ended, revoked, orphan);
    }

    [Fact]
    public async Task Credentials_that_have_expired_let_nobody_in()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time);
        var owner = await node.NewTenantAsync();
        var key = (await owner.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow.AddMinutes(5) })).Is(201).Json.Text("key");
        time.Ahead = TimeSpan.FromHours(2);
        await AllRefusedAsync(owner, node.Anonymous().WithKey(key));
    }

    [Fact]
    public void The_hub_has_these_methods_and_tests_of_walls_know_them_all() => Assert.Equal(
        ["Subscribe", "Unsubscribe"],
        typeof(LiveHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => method.GetBaseDefinition() == method && !method.IsSpecialName && method.Name != nameof(IDisposable.Dispose))
            .Select(method => method.Name).Order());

    [Fact]
    public async Task The_hub_lets_in_who_may_read_and_gives_nothing_of_another_tenant_to_anybody()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        var recorder = (await Given.RecorderAsync(owner)).Text("id");
        var stranger = await shared.Node.NewTenantAsync();
        foreach (var outsider in (ApiClient[])[stranger, await shared.Node.NewUserAsync(stranger, "viewer"), shared.Operator])
        {
            await using var hub = await HubSocket.ConnectAsync(outsider);
            foreach (var what in (object[])[new { accounts = new[] { account } }, new { recorders = new[] { recorder } }, new { accounts = new[] { "nobody" } }])
            {
                Assert.Contains("There is no such", (await Assert.ThrowsAsync<HubErrorException>(() => hub.CallAsync("Subscribe", what))).Message, StringComparison.Ordinal);
                await hub.CallAsync("Unsubscribe", what); // Says nothing about what is there.
            }
        }

        await using (var viewer = await HubSocket.ConnectAsync(await shared.Node.NewUserAsync(owner, "viewer")))
        {
            await viewer.SubscribeAsync(accounts: [account], recorders: [recorder]);
        }

        foreach (var bad in (string?[])["", "garbage", owner.RefreshToken])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await RefusalAsync(owner.WithToken(bad)));
        }

        (await (await KeyAsync(owner, "trade")).PostAsync("/hubs/live/negotiate")).Problem(403);
        (await (await KeyAsync(owner, "read")).PostAsync("/hubs/live/negotiate?negotiateVersion=1")).Is(200);
    }

    private static async Task<HttpStatusCode?> RefusalAsync(ApiClient client) =>
        (await Assert.ThrowsAsync<HttpRequestException>(() => HubSocket.ConnectAsync(client))).StatusCode;

    /// <summary>What the caller needs, by the contract.</summary>
    private static string Needed(ApiOperation operation) => operation.Path switch
    {
        "/api/v1/me" => "anybody",
        "/api/v1/market/ticks" => "market:write",
        "/api/v1/flatten-all" or "/api/v1/halt-all" => "many",
        _ when IsUnder(operation, "me", "api-keys") => "session",
        _ when IsUnder(operation, "users", "audit") => "manage",
        _ when IsUnder(operation, "cluster", "parked", "tenants", "operators", "password-resets") => "operate",
        _ => operation.Method == HttpMethod.Get ? "read" : "trade",
    };

    private static bool IsUnder(ApiOperation operation, params string[] roots) => roots.Contains(operation.Path.Split('/').ElementAtOrDefault(3));

    private async Task<(ApiOperation Operation, string? Body)[]> OperationsAsync()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        return
        [
            .. document.Operations.Where(operation => !operation.IsAnonymous).Select(operation => (operation, document.BodyOf(operation))),
            .. Udf.Select(path => (new ApiOperation(HttpMethod.Get, path, default), (string?)null)),
        ];
    }

    private async Task AllRefusedAsync(params ApiClient[] callers)
    {
        foreach (var (operation, body) in await OperationsAsync())
        {
            foreach (var caller in callers)
            {
                (await caller.SendAsync(operation.Method, Nowhere(operation.Path), body)).Problem(401, "unauthorized");
            }
        }
    }

    /// <summary>With ids of nothing, so that the walk changes as little as it can.</summary>
    private static string Nowhere(string path) => string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? "nothing" : part));

    private async Task<ApiClient> CallerAsync(string who)
    {
        if (who == "operator")
        {
            var runner = await shared.Node.NewTenantAsync();
            (await shared.Operator.PostAsync("/api/v1/operators", new { email = runner.Email })).Is(204);
            return runner;
        }

        if (who.StartsWith("key:", StringComparison.Ordinal))
        {
            return await KeyAsync(await CallerAsync("operator"), who[4..]);
        }

        var owner = await shared.Node.NewTenantAsync();
        return who == "owner" ? owner : await shared.Node.NewUserAsync(owner, who);
    }

    private async Task<ApiClient> KeyAsync(ApiClient user, string scope) =>
        shared.Node.Anonymous().WithKey((await user.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { scope } })).Is(201).Json.Text("key"));

    private static Task LogInAgainAsync(ApiClient caller, ApiOperation operation) =>
        operation.Path.StartsWith("/api/v1/me/", StringComparison.Ordinal) && caller.ApiKey is null ? caller.LogInAsync() : Task.CompletedTask;
}

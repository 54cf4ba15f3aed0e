using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

/// <summary>Keys with which programs act for a user.</summary>
[Collection(Shared.Name)]
public sealed class ApiKeyTests(SharedNode shared)
{
    [Theory]
    [InlineData("read", 200, 403, 403)]
    [InlineData("trade", 403, 201, 403)]
    [InlineData("manage", 403, 403, 200)]
    [InlineData("read trade manage", 200, 201, 200)]
    public async Task A_key_does_what_its_scopes_say(string scopes, int reads, int trades, int manages)
    {
        var owner = await shared.Node.NewTenantAsync();
        var program = await KeyAsync(owner, scopes.Split(' '));
        Assert.Equal(reads, (await program.GetAsync("/api/v1/accounts")).Status);
        Assert.Equal(trades, (await program.PostAsync("/api/v1/recorders", new { name = "R" })).Status);
        Assert.Equal(manages, (await program.GetAsync("/api/v1/users")).Status);
        Assert.Equal(scopes.Split(' '), (await program.GetAsync("/api/v1/me")).Is(200).Json.List("scopes").Select(scope => scope.GetString()));
    }

    [Fact]
    public async Task A_key_with_scope_market_write_feeds_quotes_and_nothing_else()
    {
        var program = await KeyAsync(shared.Operator, "market:write");
        (await program.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "NQ", bid = 20000, ask = 20001 } })).Is(202);
        (await program.GetAsync("/api/v1/cluster")).Problem(403);
        (await (await KeyAsync(shared.Operator, "manage")).GetAsync("/api/v1/cluster")).Is(200);
    }

    [Fact]
    public async Task Nobody_makes_a_key_that_may_more_than_its_maker()
    {
        var owner = await shared.Node.NewTenantAsync();
        var viewer = await shared.Node.NewUserAsync(owner, "viewer");
        (await viewer.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "trade" } })).Invalid("scopes");
        (await owner.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "market:write" } })).Invalid("scopes");
        (await owner.PostAsync("/api/v1/api-keys", new { name = " ", scopes = new[] { "everything" }, expiresAt = "2020-01-01T00:00:00Z" })).Invalid("expiresAt", "name", "scopes");
        (await owner.PostAsync("/api/v1/api-keys", new { name = "K" })).Invalid("scopes");
    }

    [Fact]
    public async Task A_key_loses_what_its_user_loses()
    {
        var owner = await shared.Node.NewTenantAsync();
        var trader = await shared.Node.NewUserAsync(owner, "trader");
        var program = await KeyAsync(trader, "read", "trade");
        (await program.PostAsync("/api/v1/recorders", new { name = "R" })).Is(201);
        (await owner.PutAsync($"/api/v1/users/{trader.UserId}", new { role = "viewer" })).Is(200);
        (await program.PostAsync("/api/v1/recorders", new { name = "R" })).Problem(403);
        (await program.GetAsync("/api/v1/recorders")).Is(200);
    }

    [Fact]
    public async Task A_program_makes_no_keys_and_changes_no_password()
    {
        var program = await KeyAsync(await shared.Node.NewTenantAsync(), "read", "trade", "manage");
        (await program.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "read" } })).Problem(403);
        (await program.PostAsync("/api/v1/me/password", new { currentPassword = ApiClient.Password, newPassword = "another password" })).Problem(403);
    }

    [Fact]
    public async Task Keys_are_listed_without_the_key_and_an_owner_revokes_any()
    {
        var owner = await shared.Node.NewTenantAsync();
        var trader = await shared.Node.NewUserAsync(owner, "trader");
        var program = await KeyAsync(trader, "read");
        await KeyAsync(owner, "read");
        (await program.GetAsync("/api/v1/accounts")).Is(200);
        Assert.Equal(2, (await owner.GetAsync("/api/v1/api-keys")).Is(200).Items.Length);
        var list = (await trader.GetAsync("/api/v1/api-keys")).Is(200);
        Shape.IsPage(list, "id:string name:string userId:string scopes:array createdAt:time expiresAt:time? lastUsedAt:time?");
        var own = Assert.Single(list.Items);
        Assert.True(own.Has("lastUsedAt"));
        Assert.DoesNotContain(program.ApiKey!, list.Text, StringComparison.Ordinal);
        var owners = (await owner.GetAsync("/api/v1/api-keys")).Items.Single(item => item.Text("userId") == owner.UserId).Text("id");
        (await trader.DeleteAsync($"/api/v1/api-keys/{owners}")).Problem(404);
        (await owner.DeleteAsync($"/api/v1/api-keys/{own.Text("id")}")).Is(204);
        (await program.GetAsync("/api/v1/accounts")).Problem(401);
        (await owner.DeleteAsync($"/api/v1/api-keys/{own.Text("id")}")).Problem(404);
    }

    [Fact]
    public async Task A_key_expires_and_survives_what_ends_sessions()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time);
        var owner = await node.NewTenantAsync();
        var program = await KeyAsync(owner, DateTimeOffset.UtcNow.AddHours(1), "read");
        (await owner.PostAsync("/api/v1/me/end-sessions")).Is(204);
        (await program.GetAsync("/api/v1/accounts")).Is(200);
        time.Ahead = TimeSpan.FromHours(2);
        (await program.GetAsync("/api/v1/accounts")).Problem(401);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_also_beside_a_good_token()
    {
        var owner = await shared.Node.NewTenantAsync();
        (await shared.Node.Anonymous().WithKey("ta_guess").GetAsync("/api/v1/me")).Problem(401);
        var both = owner.WithToken(owner.AccessToken);
        both.ApiKey = "ta_guess";
        (await both.GetAsync("/api/v1/me")).Problem(401);
    }

    private static Task<ApiClient> KeyAsync(ApiClient user, params string[] scopes) => KeyAsync(user, null, scopes);

    private static async Task<ApiClient> KeyAsync(ApiClient user, DateTimeOffset? expiresAt, params string[] scopes)
    {
        var reply = (await user.PostAsync("/api/v1/api-keys", new { name = "Robot", scopes, expiresAt })).Is(201).Json;
        Shape.Is(reply, "id:string key:string name:string scopes:array expiresAt:time?");
        return user.WithToken(null).WithKey(reply.Text("key"));
    }
}

using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

[Collection(Shared.Name)]
public sealed class WhoTests(SharedNode shared)
{
    private const string Me = "/api/v1/me";

    private static readonly object Nobody = new { email = "nobody@example.com", password = ApiClient.Password };

    [Fact]
    public async Task Registering_logging_in_and_refreshing_answer_the_shapes_of_the_contract()
    {
        var client = shared.Node.Anonymous();
        var registered = (await client.PostAsync("/api/v1/auth/register", new { email = client.Email, password = ApiClient.Password, tenant = "Shapes" })).Is(201);
        Shape.Is(registered.Json, "userId:string tenantId:string state:string");

        var login = (await client.PostAsync("/api/v1/auth/login", new { email = client.Email, password = ApiClient.Password })).Is(200);
        Shape.Is(login.Json, "accessToken:string refreshToken:string expiresIn:integer tokenType:string");
        client.AccessToken = login.Json.Text("accessToken");

        var me = (await client.GetAsync(Me)).Is(200).Json;
        Shape.Is(me, "userId:string email:string tenantId:string roles:array scopes:array twoFactor:bool recoveryCodesLeft:integer?");
        Assert.Equal(registered.Json.Text("userId"), me.Text("userId"));
        Assert.Equal(registered.Json.Text("tenantId"), me.Text("tenantId"));
        Assert.Equal(client.Email, me.Text("email"));
        Assert.Equal(["owner"], me.List("roles").Select(role => role.GetString()));

        var refreshed = (await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = login.Json.Text("refreshToken") })).Is(200);
        Shape.Is(refreshed.Json, "accessToken:string refreshToken:string expiresIn:integer tokenType:string");
        var again = (await client.WithToken(refreshed.Json.Text("accessToken")).GetAsync(Me)).Is(200);
        Assert.Equal(me.ToString(), again.Text);
    }

    [Fact]
    public async Task The_first_user_of_an_installation_is_operator_and_the_second_is_not()
    {
        Assert.Equal(["operator", "owner"], (await shared.Operator.GetAsync(Me)).Json.List("roles").Select(role => role.GetString()));
        var second = await shared.Node.NewTenantAsync();
        Assert.Equal(["owner"], (await second.GetAsync(Me)).Json.List("roles").Select(role => role.GetString()));
    }

    [Fact]
    public async Task Two_users_are_in_two_tenants_even_of_the_same_name()
    {
        var (one, two) = (await shared.Node.NewTenantAsync("Same name"), await shared.Node.NewTenantAsync("Same name"));
        Assert.NotEqual(one.TenantId, two.TenantId);
        Assert.Equal(one.TenantId, (await one.GetAsync(Me)).Json.Text("tenantId"));
        Assert.Equal(two.TenantId, (await two.GetAsync(Me)).Json.Text("tenantId"));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        var known = await shared.Node.NewTenantAsync();
        var wrong = await known.WithToken(null).PostAsync("/api/v1/auth/login", new { email = known.Email, password = "not the password" });
        var unknown = await known.WithToken(null).PostAsync("/api/v1/auth/login", Nobody);
        var empty = await known.WithToken(null).PostAsync("/api/v1/auth/login", "{}");
        foreach (var reply in (Reply[])[wrong, unknown, empty])
        {
            reply.Problem(401, "login-refused");
            Assert.Equal(wrong.Json.Text("detail"), reply.Json.Text("detail"));
        }
    }

    [Fact]
    public async Task An_address_is_the_same_in_any_case()
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.PostAsync("/api/v1/auth/login", new { email = client.Email.ToUpperInvariant(), password = ApiClient.Password })).Is(200);
    }

    [Theory]
    [InlineData("""{"email":"a@example.com","password":"short","tenant":"Tenant"}""", "password")]
    [InlineData("""{"email":"a@example.com","tenant":"Tenant"}""", "password")]
    [InlineData("""{"email":"no address","password":"correct horse battery","tenant":"Tenant"}""", "email")]
    [InlineData("""{"email":"a <a@example.com>","password":"correct horse battery","tenant":"Tenant"}""", "email")]
    [InlineData("""{"email":"a@example.com","password":"correct horse battery","tenant":" x "}""", "tenant")]
    [InlineData("{}", "email", "password", "tenant")]
    public async Task A_registration_that_is_not_valid_names_its_fields(string body, params string[] fields) =>
        (await shared.Node.Anonymous().PostAsync("/api/v1/auth/register", body)).Invalid(fields);

    [Fact]
    public async Task A_taken_address_is_a_conflict_in_any_case()
    {
        var client = await shared.Node.NewTenantAsync();
        var again = new { email = client.Email.ToUpperInvariant(), password = ApiClient.Password, tenant = "Again" };
        (await shared.Node.Anonymous().PostAsync("/api/v1/auth/register", again)).Problem(409, "email-taken");
    }

    [Fact]
    public async Task Closed_registration_refuses_everybody()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, configure: options => options.Registration = Registration.Closed);
        var body = new { email = "a@example.com", password = ApiClient.Password, tenant = "Tenant" };
        (await node.Anonymous().PostAsync("/api/v1/auth/register", body)).Problem(403, "registration-closed");
    }

    [Fact]
    public async Task A_token_that_is_garbage_or_forged_or_of_another_purpose_is_refused()
    {
        var client = await shared.Node.NewTenantAsync();
        var token = client.AccessToken!;
        var forged = token[..50] + (token[50] == 'A' ? 'B' : 'A') + token[51..];
        foreach (var bad in (string?[])[null, "garbage", forged, token[..^10], client.RefreshToken])
        {
            (await client.WithToken(bad).GetAsync(Me)).Problem(401);
        }

        foreach (var bad in (string?[])[null, "", "garbage", token])
        {
            (await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = bad })).Problem(401, "refresh-refused");
        }
    }

    [Fact]
    public async Task Tokens_expire_and_a_refresh_token_outlives_the_access_token()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time);
        var client = await node.NewTenantAsync();
        (await client.GetAsync(Me)).Is(200);

        time.Ahead = TimeSpan.FromHours(2);
        (await client.GetAsync(Me)).Problem(401);
        (await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = client.RefreshToken })).Is(200);

        time.Ahead = TimeSpan.FromDays(30);
        (await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = client.RefreshToken })).Problem(401, "refresh-refused");
    }

    [Fact]
    public async Task Tokens_and_data_outlive_a_restart()
    {
        using var data = new TempData();
        string access, refresh, me, account;
        ApiClient client;
        await using (var node = await TestNode.StartAsync(data.Path))
        {
            client = await node.NewTenantAsync();
            (access, refresh, me) = (client.AccessToken!, client.RefreshToken, (await client.GetAsync(Me)).Text);
            account = (await client.PostAsync("/api/v1/accounts", new { name = "A", broker = "paper", startingBalance = 1000 })).Is(201).Text;
        }

        await using var restarted = await TestNode.StartAsync(data.Path);
        var later = restarted.Anonymous().WithToken(access);
        Assert.Equal(me, (await later.GetAsync(Me)).Is(200).Text);
        Assert.Equal(account, Assert.Single((await later.GetAsync("/api/v1/accounts")).Is(200).Items).GetRawText());
        (await later.PostAsync("/api/v1/auth/refresh", new { refreshToken = refresh })).Is(200);
        (await later.PostAsync("/api/v1/auth/login", new { email = client.Email, password = ApiClient.Password })).Is(200);
    }
}

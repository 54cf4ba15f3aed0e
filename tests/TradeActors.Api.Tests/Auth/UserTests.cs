using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

/// <summary>Invitations, roles and what an owner does to the users of its tenant.</summary>
[Collection(Shared.Name)]
public sealed class UserTests(SharedNode shared)
{
    [Fact]
    public async Task An_invited_user_sets_a_password_by_the_link_and_works_in_the_tenant_with_its_role()
    {
        var owner = await shared.Node.NewTenantAsync();
        var invited = shared.Node.Anonymous();
        var reply = (await owner.PostAsync("/api/v1/users", new { email = invited.Email, role = "viewer" })).Is(201).Json;
        Shape.Is(reply, "id:string email:string role:string link:string token:string expiresAt:time");
        Assert.Equal($"{owner.Address.GetLeftPart(UriPartial.Authority)}/#/invitation/{reply.Text("token")}", reply.Text("link"));
        Assert.Equal(["owner:active", "viewer:invited"], await StatesAsync(owner));

        var accepted = (await invited.PostAsync("/api/v1/auth/accept-invitation", new { token = reply.Text("token"), password = ApiClient.Password })).Is(201).Json;
        Assert.Equal(owner.TenantId, accepted.Text("tenantId"));
        await invited.LogInAsync();
        Assert.Equal("viewer", (await invited.GetAsync("/api/v1/me")).Is(200).Json.List("roles").Single().GetString());
        Assert.Equal(["owner:active", "viewer:active"], await StatesAsync(owner));
        (await invited.GetAsync("/api/v1/accounts")).Is(200);
        (await invited.PostAsync("/api/v1/accounts", new { name = "A", broker = "paper", startingBalance = 1000 })).Problem(403, "forbidden");
        (await invited.GetAsync("/api/v1/users")).Problem(403, "forbidden");

        (await shared.Node.Anonymous().PostAsync("/api/v1/auth/accept-invitation", new { token = reply.Text("token"), password = ApiClient.Password })).Invalid("token");
    }

    [Fact]
    public async Task A_changed_role_counts_in_open_sessions_at_once()
    {
        var (owner, user) = await PairAsync("viewer");
        (await user.PostAsync("/api/v1/recorders", new { name = "R" })).Problem(403, "forbidden");
        var view = (await owner.PutAsync($"/api/v1/users/{user.UserId}", new { role = "trader" })).Is(200).Json;
        Shape.Is(view, "id:string email:string role:string roles:array state:string twoFactor:bool createdAt:time lastLogInAt:time?");
        (await user.PostAsync("/api/v1/recorders", new { name = "R" })).Is(201);
        (await owner.PutAsync($"/api/v1/users/{user.UserId}", new { role = "king" })).Invalid("role");
        (await owner.PutAsync($"/api/v1/users/{user.UserId}", new { role = "operator" })).Invalid("role");
    }

    [Fact]
    public async Task A_removed_users_sessions_and_keys_end_at_once()
    {
        var (owner, user) = await PairAsync("trader");
        var key = (await user.PostAsync("/api/v1/api-keys", new { name = "K", scopes = new[] { "read" } })).Is(201).Json.Text("key");
        var program = shared.Node.Anonymous().WithKey(key);
        (await program.GetAsync("/api/v1/accounts")).Is(200);
        (await owner.DeleteAsync($"/api/v1/users/{user.UserId}")).Is(204);
        (await user.GetAsync("/api/v1/me")).Problem(401, "unauthorized");
        (await program.GetAsync("/api/v1/accounts")).Problem(401, "unauthorized");
        (await user.PostAsync("/api/v1/auth/refresh", new { refreshToken = user.RefreshToken })).Problem(401, "refresh-refused");
        (await user.PostAsync("/api/v1/auth/login", new { email = user.Email, password = ApiClient.Password })).Problem(401, "login-refused");
        (await owner.GetAsync($"/api/v1/users/{user.UserId}")).Problem(404, "not-found");
    }

    [Fact]
    public async Task The_last_owner_stays_owner()
    {
        var (owner, user) = await PairAsync("trader");
        (await owner.PutAsync($"/api/v1/users/{owner.UserId}", new { role = "viewer" })).Problem(422, "last-owner");
        (await owner.DeleteAsync($"/api/v1/users/{owner.UserId}")).Problem(422, "last-owner");
        (await owner.PutAsync($"/api/v1/users/{user.UserId}", new { role = "owner" })).Is(200);
        (await user.PutAsync($"/api/v1/users/{owner.UserId}", new { role = "viewer" })).Is(200);
        (await owner.GetAsync("/api/v1/users")).Problem(403, "forbidden");
    }

    [Fact]
    public async Task An_invitation_is_replaced_withdrawn_and_expires()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time);
        var owner = await node.NewTenantAsync();
        var first = (await owner.PostAsync("/api/v1/users", new { email = "cy@example.com", role = "trader" })).Is(201).Json;
        var second = (await owner.PostAsync("/api/v1/users", new { email = "CY@example.com", role = "viewer" })).Is(201).Json;
        await RefusedAsync(first.Text("token"));
        (await owner.DeleteAsync($"/api/v1/users/{second.Text("id")}")).Is(204);
        await RefusedAsync(second.Text("token"));
        var third = (await owner.PostAsync("/api/v1/users", new { email = "cy@example.com", role = "viewer" })).Is(201).Json;
        time.Ahead = TimeSpan.FromDays(8);
        await RefusedAsync(third.Text("token"));
        await owner.LogInAsync();
        (await owner.PostAsync("/api/v1/users", new { email = owner.Email, role = "viewer" })).Problem(409, "email-taken");
        (await owner.PostAsync("/api/v1/users", new { email = "no", role = "boss" })).Invalid("email", "role");

        async Task RefusedAsync(string token) =>
            (await node.Anonymous().PostAsync("/api/v1/auth/accept-invitation", new { token, password = ApiClient.Password })).Invalid("token");
    }

    [Fact]
    public async Task A_reset_link_sets_a_new_password_once_and_ends_all_sessions()
    {
        var (owner, user) = await PairAsync("trader");
        var link = (await owner.PostAsync($"/api/v1/users/{user.UserId}/password-reset")).Is(201).Json;
        Shape.Is(link, "userId:string link:string token:string expiresAt:time");
        var anonymous = shared.Node.Anonymous();
        (await anonymous.PostAsync("/api/v1/auth/reset-password", new { token = link.Text("token"), password = "short" })).Invalid("password");
        (await anonymous.PostAsync("/api/v1/auth/reset-password", new { token = $"{owner.UserId}.{link.Text("token").Split('.')[1]}", password = "another password" })).Invalid("token");
        (await anonymous.PostAsync("/api/v1/auth/reset-password", new { token = link.Text("token"), password = "another password" })).Is(204);
        (await user.GetAsync("/api/v1/me")).Problem(401);
        (await anonymous.PostAsync("/api/v1/auth/reset-password", new { token = link.Text("token"), password = "third password" })).Invalid("token");
        (await user.PostAsync("/api/v1/auth/login", new { email = user.Email, password = ApiClient.Password })).Problem(401, "login-refused");
        (await user.PostAsync("/api/v1/auth/login", new { email = user.Email, password = "another password" })).Is(200);
    }

    [Fact]
    public async Task An_owner_ends_the_sessions_of_a_user()
    {
        var (owner, user) = await PairAsync("trader");
        (await owner.PostAsync($"/api/v1/users/{user.UserId}/end-sessions")).Is(204);
        (await user.GetAsync("/api/v1/me")).Problem(401);
        (await user.PostAsync("/api/v1/auth/refresh", new { refreshToken = user.RefreshToken })).Problem(401, "refresh-refused");
        await user.LogInAsync();
        (await user.GetAsync("/api/v1/me")).Is(200);
    }

    [Fact]
    public async Task Registration_by_approval_lets_a_tenant_in_when_the_operator_says_so()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, configure: options => options.Registration = Registration.Approval);
        var first = await node.NewTenantAsync(); // The operator needs no approval.
        var (good, bad) = (node.Anonymous(), node.Anonymous());
        await good.RegisterAsync("Good");
        await bad.RegisterAsync("Bad");
        (await good.PostAsync("/api/v1/auth/login", new { email = good.Email, password = ApiClient.Password })).Problem(403, "pending-approval");
        (await good.PostAsync("/api/v1/auth/login", new { email = good.Email, password = "a wrong password" })).Problem(401, "login-refused");
        Assert.Equal(["Bad:pending", "Good:pending", "Tenant:active"], (await first.GetAsync("/api/v1/tenants")).Is(200).Items.Select(item => $"{item.Text("name")}:{item.Text("state")}").Order());
        (await first.PostAsync("/api/v1/operators", new { email = bad.Email })).Problem(422, "pending-approval");
        (await first.PostAsync($"/api/v1/tenants/{good.TenantId}/approve")).Is(204);
        (await first.PostAsync($"/api/v1/tenants/{bad.TenantId}/refuse")).Is(204);
        await good.LogInAsync();
        (await good.GetAsync("/api/v1/tenants")).Problem(403, "forbidden");
        (await first.PostAsync($"/api/v1/tenants/{good.TenantId}/refuse")).Problem(404);
        (await bad.PostAsync("/api/v1/auth/login", new { email = bad.Email, password = ApiClient.Password })).Problem(401, "login-refused");
    }

    [Fact]
    public async Task Operators_are_made_and_unmade_and_the_last_one_stays()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var first = await node.NewTenantAsync();
        var second = await node.NewTenantAsync();
        (await first.DeleteAsync($"/api/v1/operators/{first.UserId}")).Problem(422, "last-operator");
        (await second.PostAsync("/api/v1/operators", new { email = second.Email })).Problem(403, "forbidden");
        (await first.PostAsync("/api/v1/operators", new { email = "nobody@example.com" })).Problem(404);
        (await first.PostAsync("/api/v1/operators", new { email = second.Email })).Is(204);
        (await second.GetAsync("/api/v1/cluster")).Is(200);
        (await second.DeleteAsync($"/api/v1/operators/{first.UserId}")).Is(204);
        (await first.GetAsync("/api/v1/cluster")).Problem(403, "forbidden");
        var link = (await second.PostAsync("/api/v1/password-resets", new { email = first.Email })).Is(201).Json;
        (await first.PostAsync("/api/v1/auth/reset-password", new { token = link.Text("token"), password = "another password" })).Is(204);
    }

    [Fact]
    public async Task An_owner_cannot_reach_the_installation_through_an_operator_of_its_tenant()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var first = await node.NewTenantAsync();
        var owner = await node.NewUserAsync(first, "owner");
        var path = $"/api/v1/users/{first.UserId}";
        (await owner.PostAsync($"{path}/password-reset")).Problem(403, "operators-only");
        (await owner.DeleteAsync($"{path}/two-factor")).Problem(403, "operators-only");
        (await owner.PostAsync($"{path}/end-sessions")).Problem(403, "operators-only");
        (await owner.PutAsync(path, new { role = "viewer" })).Problem(403, "operators-only");
        (await owner.DeleteAsync(path)).Problem(403, "operators-only");
        (await first.PostAsync($"{path}/password-reset")).Is(201);
        (await first.PostAsync($"/api/v1/users/{owner.UserId}/password-reset")).Is(201);
    }

    [Fact]
    public async Task The_audit_log_tells_who_did_what_and_nothing_of_what_was_sent()
    {
        var (owner, user) = await PairAsync("trader");
        var recorder = (await user.PostAsync("/api/v1/recorders", new { name = "R" })).Is(201).Json.Text("id");
        (await user.PostAsync($"/api/v1/recorders/{recorder}/pause")).Is(200);
        (await user.PutAsync($"/api/v1/recorders/{recorder}", new { name = "" })).Invalid("name");
        (await user.PostAsync("/api/v1/auth/login", new { email = user.Email, password = "a wrong password" })).Problem(401);
        (await user.GetAsync("/api/v1/audit")).Problem(403, "forbidden");
        var page = (await owner.GetAsync("/api/v1/audit")).Is(200);
        Shape.IsPage(page, "id:string at:time userId:string? email:string? keyId:string? action:string target:string status:integer reason:string? address:string?");
        Assert.Equal(
            [
                "POST /api/v1/auth/login 401 LoginRefused", "PUT /api/v1/recorders/{id} 422 Validation", "POST /api/v1/recorders/{id}/pause 200", "POST /api/v1/recorders 201",
            ],
            page.Items.Where(item => item.Text("userId") == user.UserId).Take(4)
                .Select(item => $"{item.Text("action")} {item.Number("status")} {(item.Has("reason") ? item.Text("reason") : "")}".TrimEnd()));
        Assert.Contains(page.Items, item => item.Text("target") == $"id={recorder}");
        Assert.DoesNotContain("password\"", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiClient.Password, page.Text, StringComparison.Ordinal);
        (await owner.GetAsync("/api/v1/audit?scope=installation")).Problem(403);
        (await shared.Operator.GetAsync("/api/v1/audit?scope=installation")).Is(200);
    }

    private async Task<(ApiClient Owner, ApiClient User)> PairAsync(string role)
    {
        var owner = await shared.Node.NewTenantAsync();
        return (owner, await shared.Node.NewUserAsync(owner, role));
    }

    private static async Task<string[]> StatesAsync(ApiClient owner) =>
        [.. (await owner.GetAsync("/api/v1/users")).Is(200).Items.Select(item => $"{item.Text("role")}:{item.Text("state")}")];
}

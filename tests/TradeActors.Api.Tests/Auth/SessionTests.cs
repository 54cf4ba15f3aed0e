using System.Net;
using System.Security.Cryptography;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

/// <summary>Log-in in depth: lock-out, second factor, cookies, and what ends a session.</summary>
[Collection(Shared.Name)]
public sealed class SessionTests(SharedNode shared)
{
    private const string Login = "/api/v1/auth/login";
    private const string Me = "/api/v1/me";

    [Fact]
    public async Task Wrong_passwords_lock_the_user_for_a_while_and_the_answer_does_not_tell()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time);
        var owner = await node.NewTenantAsync();
        var wrong = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => owner.PostAsync(Login, new { email = owner.Email, password = $"wrong password {i}" })));
        Assert.All(wrong, reply => reply.Problem(401, "login-refused"));
        var right = await owner.PostAsync(Login, new { email = owner.Email, password = ApiClient.Password });
        var nobody = await owner.PostAsync(Login, new { email = "nobody@example.com", password = "x" });
        Assert.Equal(wrong[0].Problem(401).Text("detail"), right.Problem(401).Text("detail")); // Else a guesser would learn which guess was right.
        Assert.Equal(wrong[0].Json.Text("detail"), nobody.Problem(401).Text("detail"));
        Assert.Equal("locked", (await owner.GetAsync("/api/v1/users")).Is(200).Items.Single().Text("state"));
        time.Ahead = TimeSpan.FromMinutes(6);
        await owner.LogInAsync();
        Assert.Equal("active", (await owner.GetAsync("/api/v1/users")).Is(200).Items.Single().Text("state"));
    }

    [Fact]
    public async Task A_good_log_in_forgets_the_wrong_ones()
    {
        var owner = await shared.Node.NewTenantAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 5; i++)
            {
                (await owner.PostAsync(Login, new { email = owner.Email, password = "a wrong password" })).Problem(401, "login-refused");
            }

            await owner.LogInAsync();
        }
    }

    [Fact]
    public async Task A_changed_password_ends_every_session()
    {
        var owner = await shared.Node.NewTenantAsync();
        var other = owner.WithToken(owner.AccessToken);
        (await owner.PostAsync("/api/v1/me/password", new { currentPassword = "not this one", newPassword = "another password" })).Invalid("currentPassword");
        (await owner.PostAsync("/api/v1/me/password", new { currentPassword = ApiClient.Password, newPassword = "short" })).Invalid("newPassword");
        (await owner.PostAsync("/api/v1/me/password", new { currentPassword = ApiClient.Password, newPassword = "another password" })).Is(204);
        (await other.GetAsync(Me)).Problem(401);
        (await owner.PostAsync("/api/v1/auth/refresh", new { refreshToken = owner.RefreshToken })).Problem(401, "refresh-refused");
        (await owner.PostAsync(Login, new { email = owner.Email, password = ApiClient.Password })).Problem(401);
        (await owner.PostAsync(Login, new { email = owner.Email, password = "another password" })).Is(200);
    }

    [Fact]
    public async Task With_a_second_factor_a_password_alone_lets_nobody_in()
    {
        var owner = await shared.Node.NewTenantAsync();
        (await owner.PostAsync("/api/v1/me/two-factor/setup", new { password = "not this one" })).Invalid("password");
        var setup = (await owner.PostAsync("/api/v1/me/two-factor/setup", new { password = ApiClient.Password })).Is(200).Json;
        Shape.Is(setup, "sharedKey:string uri:string");
        var key = setup.Text("sharedKey").Replace(" ", "");
        Assert.Contains($"secret={key}&", setup.Text("uri"), StringComparison.Ordinal);
        (await owner.PostAsync("/api/v1/me/two-factor/enable", new { code = "000000" })).Invalid("code");
        await owner.LogInAsync(); // Set up is not on.
        var codes = (await owner.PostAsync("/api/v1/me/two-factor/enable", new { code = Totp.Code(key) })).Is(200).Json.List("recoveryCodes").Select(code => code.GetString()!).ToArray();
        Assert.Equal(10, codes.Length);
        (await owner.GetAsync(Me)).Problem(401); // All sessions have ended.

        (await LogInAsync()).Problem(401, "two-factor");
        (await LogInAsync(twoFactorCode: "000000")).Problem(401, "two-factor");
        (await LogInAsync(twoFactorCode: Totp.Code(key))).Problem(401, "two-factor"); // Used already.
        (await LogInAsync(twoFactorCode: Totp.Code(key, ahead: 1))).Is(200);
        (await LogInAsync(twoFactorCode: Totp.Code(key))).Problem(401, "two-factor"); // A code before the last one is used up as well.
        (await LogInAsync(recoveryCode: codes[0])).Is(200);
        (await LogInAsync(recoveryCode: codes[0])).Problem(401, "two-factor");
        owner.AccessToken = (await LogInAsync(recoveryCode: codes[1])).Is(200).Json.Text("accessToken");
        var me = (await owner.GetAsync(Me)).Is(200).Json;
        Assert.True(me.GetProperty("twoFactor").GetBoolean());
        Assert.Equal(8, me.Number("recoveryCodesLeft"));
        (await owner.PostAsync("/api/v1/me/two-factor/setup", new { password = ApiClient.Password })).Problem(422, "two-factor-on");

        (await owner.PostAsync("/api/v1/me/two-factor/disable", new { password = ApiClient.Password })).Is(204);
        (await LogInAsync()).Is(200);

        Task<Reply> LogInAsync(string? twoFactorCode = null, string? recoveryCode = null) =>
            owner.PostAsync(Login, new { email = owner.Email, password = ApiClient.Password, twoFactorCode, recoveryCode });
    }

    [Fact]
    public async Task An_owner_turns_off_a_lost_second_factor()
    {
        var owner = await shared.Node.NewTenantAsync();
        var user = await shared.Node.NewUserAsync(owner, "trader");
        var key = (await user.PostAsync("/api/v1/me/two-factor/setup", new { password = ApiClient.Password })).Is(200).Json.Text("sharedKey").Replace(" ", "");
        (await user.PostAsync("/api/v1/me/two-factor/enable", new { code = Totp.Code(key) })).Is(200);
        (await owner.DeleteAsync($"/api/v1/users/{user.UserId}/two-factor")).Is(204);
        await user.LogInAsync();
        (await user.GetAsync(Me)).Is(200);
    }

    [Fact]
    public async Task A_browsers_cookie_lets_it_in_and_changes_come_from_our_own_pages_alone()
    {
        var owner = await shared.Node.NewTenantAsync();
        var own = owner.Address.GetLeftPart(UriPartial.Authority);
        using var browser = new Browser(owner.Address);
        using var refused = await browser.SendAsync(HttpMethod.Post, $"{Login}?cookie=true", new { email = owner.Email, password = ApiClient.Password }, "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var logged = await browser.SendAsync(HttpMethod.Post, $"{Login}?cookie=true", new { email = owner.Email, password = ApiClient.Password }, own);
        Assert.Equal(HttpStatusCode.NoContent, logged.StatusCode);
        var cookie = Assert.Single(logged.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Get, Me));
        Assert.Equal(HttpStatusCode.Created, await browser.StatusAsync(HttpMethod.Post, "/api/v1/recorders", new { name = "R" }, own));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(HttpMethod.Post, "/api/v1/recorders", new { name = "R" }, "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(HttpMethod.Post, "/api/v1/recorders", new { name = "R" }, "null"));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(HttpMethod.Post, "/api/v1/recorders", new { name = "R" }));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(HttpMethod.Delete, "/api/v1/api-keys/x", null, own + "1"));

        Assert.Equal(HttpStatusCode.NoContent, await browser.StatusAsync(HttpMethod.Post, "/api/v1/me/end-sessions", null, own));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(HttpMethod.Get, Me));
    }

    [Fact]
    public async Task Log_out_takes_the_cookie_away()
    {
        var owner = await shared.Node.NewTenantAsync();
        var own = owner.Address.GetLeftPart(UriPartial.Authority);
        using var browser = new Browser(owner.Address);
        Assert.Equal(HttpStatusCode.NoContent, await browser.StatusAsync(HttpMethod.Post, $"{Login}?cookie=true", new { email = owner.Email, password = ApiClient.Password }, own));
        Assert.Equal(HttpStatusCode.NoContent, await browser.StatusAsync(HttpMethod.Post, "/api/v1/auth/logout", null, own));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(HttpMethod.Get, Me));
    }

    /// <summary>Keeps cookies and sends an Origin, as a browser does.</summary>
    private sealed class Browser(Uri address) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = address };

        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? origin = null)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body);
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            return await _http.SendAsync(request);
        }

        public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null, string? origin = null)
        {
            using var response = await SendAsync(method, path, body, origin);
            return response.StatusCode;
        }

        public void Dispose() => _http.Dispose();
    }
}

/// <summary>An authenticator app: RFC 6238 with the values that all of them use (SHA-1, 30 s, 6 digits).</summary>
internal static class Totp
{
    /// <param name="ahead">Codes of later half minutes are good for a while already.</param>
    public static string Code(string base32, int ahead = 0)
    {
        var step = BitConverter.GetBytes((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + ahead);
        Array.Reverse(step);
#pragma warning disable CA5350 // What authenticator apps use.
        var hash = HMACSHA1.HashData(Decode(base32), step);
#pragma warning restore CA5350
        var at = hash[^1] & 0xf;
        var number = (((hash[at] & 0x7f) << 24) | (hash[at + 1] << 16) | (hash[at + 2] << 8) | hash[at + 3]) % 1_000_000;
        return number.ToString("d6", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}

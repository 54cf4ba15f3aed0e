using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Webhooks;

/// <summary>Webhooks signed with our own header and as Standard Webhooks says.</summary>
[Collection(Shared.Name)]
public sealed class SigningTests(SharedNode shared)
{
    private const string Buy = """{"action":"buy"}""";
    private const string Close = """{"action":"close"}""";

    [Fact]
    public async Task A_recorder_that_requires_signatures_takes_nothing_else_and_shows_its_secret_once()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { signing = new { required = true } });
        var secret = created.Text("signingSecret");
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", secret);
        var hook = new Hook(client, created);
        (await hook.PostAsync(Buy)).Problem(401, "signature-missing");
        (await hook.OwnAsync(Buy, secret, body: Close)).Problem(401, "signature-invalid");
        (await hook.OwnAsync(Buy, NewSecret())).Problem(401, "signature-invalid");
        (await hook.OwnAsync(Buy, secret, ageSeconds: 301)).Problem(401, "signature-expired");
        (await hook.OwnAsync(Buy, secret, ageSeconds: -302)).Problem(401, "signature-expired");
        (await hook.StandardAsync("m-1", Buy, NewSecret())).Problem(401, "signature-invalid");
        (await hook.StandardAsync("m-1", Buy, secret, ageSeconds: 301)).Problem(401, "signature-expired");
        Assert.Empty((await hook.SignalsAsync()).Items); // It may be anybody's: counted and logged, not kept.

        Assert.Equal("accepted", (await hook.OwnAsync(Buy, secret, ageSeconds: 290)).Is(200).Json.Text("state"));
        Assert.Equal("accepted", (await hook.StandardAsync("m-1", Close, secret, ageSeconds: -290)).Is(200).Json.Text("state"));
        var shown = (await client.GetAsync(hook.Recorder)).Text + (await client.GetAsync("/api/v1/recorders")).Text + (await hook.SignalsAsync()).Text;
        Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1=00")]
    [InlineData("t=1,t=2,v1={0}")]
    [InlineData("t=now,v1={0}")]
    [InlineData("t=-5,v1={0}")]
    [InlineData("t=99999999999999999999,v1={0}")]
    [InlineData("t={1},v0={0}")]
    [InlineData("t={1},v1={0}00")]
    public async Task An_own_header_that_cannot_be_read_is_refused(string header)
    {
        var client = await shared.Node.NewTenantAsync();
        var hook = new Hook(client, await Given.RecorderAsync(client, settings: new { signing = new { required = true } }));
        var value = string.Format(CultureInfo.InvariantCulture, header, new string('0', 64), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        (await hook.PostAsync(Buy, ("X-TradeActors-Signature", value))).Problem(401, "signature-invalid");
    }

    [Fact]
    public async Task One_of_several_signatures_is_enough()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { signing = new { required = true } });
        var (hook, secret) = (new Hook(client, created), created.Text("signingSecret"));
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        (await hook.PostAsync(Buy, ("X-TradeActors-Signature", $"t={seconds}, v0=aa, v1={new string('0', 64)}, v1={Own(secret, seconds, Buy)}"))).Is(200);
        (await hook.PostAsync(
            Close, ("webhook-id", "m-2"), ("webhook-timestamp", $"{seconds}"),
            ("webhook-signature", $"v1a,abc v1,{Convert.ToBase64String(new byte[32])} v1,{Standard(secret, "m-2", seconds, Close)}"))).Is(200);
    }

    [Fact]
    public async Task The_published_vector_of_standard_webhooks_passes()
    {
        using var data = new TempData();
        var time = new ShiftedTime { Ahead = DateTimeOffset.FromUnixTimeSeconds(1614265330) - DateTimeOffset.UtcNow };
        await using var node = await TestNode.StartAsync(data.Path, time);
        var client = await node.NewTenantAsync();
        var hook = new Hook(client, await Given.RecorderAsync(client));
        (await client.PostAsync($"{hook.Recorder}/signing-secret", new { secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" })).Is(200);
        (await client.PutAsync(hook.Recorder, new { name = "Signed", settings = new { signing = new { required = true } } })).Is(200);
        const string Body = """{"test": 2432232314}""";
        (await PostAsync("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")).Problem(400, "invalid-signal"); // It is let in, and is no signal.
        (await PostAsync("v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")).Problem(401, "signature-invalid");
        time.Ahead += TimeSpan.FromMinutes(6);
        (await PostAsync("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")).Problem(401, "signature-expired");

        Task<Reply> PostAsync(string signature) => hook.PostAsync(
            Body, ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"), ("webhook-signature", signature));
    }

    [Fact]
    public async Task The_message_id_is_the_key_of_a_signal_that_has_none()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { signing = new { required = true }, dedupWindowSeconds = 0 });
        var (hook, secret) = (new Hook(client, created), created.Text("signingSecret"));
        Assert.Equal("accepted", (await hook.StandardAsync("m-1", Buy, secret)).Is(200).Json.Text("state"));
        Assert.Equal("duplicate", (await hook.StandardAsync("m-1", Buy, secret, ageSeconds: 10)).Is(200).Json.Text("state")); // Signed anew for the retry.
        Assert.Equal("accepted", (await hook.StandardAsync("m-2", Close, secret)).Is(200).Json.Text("state"));
        Assert.Equal("m-2", (await hook.SignalsAsync()).Items[0].GetProperty("parsed").Text("id"));
        Assert.Equal("accepted", (await hook.StandardAsync("m-3", """{"action":"buy","id":"own"}""", secret)).Is(200).Json.Text("state"));
        Assert.Equal("duplicate", (await hook.StandardAsync("m-4", """{"action":"buy","id":"own"}""", secret)).Is(200).Json.Text("state"));
    }

    [Fact]
    public async Task A_captured_request_is_a_repeat_as_long_as_its_signature_counts()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(
            client, settings: new { signing = new { required = true }, dedupWindowSeconds = 0, sizing = new { add = 1 } });
        var (hook, secret) = (new Hook(client, created), created.Text("signingSecret"));
        Assert.Equal("accepted", (await hook.OwnAsync(Buy, secret, ageSeconds: 100)).Is(200).Json.Text("state"));
        Assert.Equal("duplicate", (await hook.OwnAsync(Buy, secret, ageSeconds: 100, signedWith: hook.Last)).Is(200).Json.Text("state"));
        Assert.Equal("accepted", (await hook.OwnAsync(Buy, secret, ageSeconds: 50)).Is(200).Json.Text("state"));
    }

    [Fact]
    public async Task A_secret_is_replaced_with_a_grace_and_removed_when_nothing_requires_it()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        var hook = new Hook(client, created);
        Assert.False(created.Has("signingSecret"));
        var refused = (await client.PutAsync(hook.Recorder, new { name = "A", settings = new { signing = new { required = true } } })).Problem(422, "no-signing-secret");
        Assert.Contains("settings.signing.required", refused.Text("detail"), StringComparison.Ordinal);
        (await hook.OwnAsync(Buy, NewSecret())).Is(200); // There is nothing to check it with.

        var first = (await client.PostAsync($"{hook.Recorder}/signing-secret")).Is(200).Json;
        Shape.Is(first, "signingSecretId:string signingSecret:string");
        var own = NewSecret();
        var second = (await client.PostAsync($"{hook.Recorder}/signing-secret", new { secret = own, graceSeconds = 600 })).Is(200).Json;
        Shape.Is(second, "signingSecretId:string signingSecret:string previousSecretUntil:time");
        Assert.Equal(own, second.Text("signingSecret"));
        Assert.Equal(second.Text("signingSecretId"), (await client.GetAsync(hook.Recorder)).Json.Text("signingSecretId"));

        (await hook.PostAsync("""{"action":"close","id":"unsigned"}""")).Is(200); // Not required yet; but what is signed must be right.
        (await hook.OwnAsync(Buy, NewSecret())).Problem(401, "signature-invalid");
        (await hook.OwnAsync(Buy, first.Text("signingSecret"))).Is(200);
        (await hook.OwnAsync(Close, own)).Is(200);
        Assert.False((await client.DeleteAsync($"{hook.Recorder}/signing-secret/previous")).Is(200).Json.Has("previousSecretUntil"));
        (await hook.OwnAsync(Buy, first.Text("signingSecret"))).Problem(401, "signature-invalid");
        (await hook.OwnAsync(Buy, own)).Is(200);

        (await client.PutAsync(hook.Recorder, new { name = "A", symbol = "ES", settings = new { signing = new { required = true } } })).Is(200);
        (await hook.PostAsync(Close)).Problem(401, "signature-missing");
        (await client.DeleteAsync($"{hook.Recorder}/signing-secret")).Problem(422, "signature-required");
        (await client.PutAsync(hook.Recorder, new { name = "A", symbol = "ES" })).Is(200);
        Assert.False((await client.DeleteAsync($"{hook.Recorder}/signing-secret")).Is(200).Json.Has("signingSecretId"));
        (await hook.OwnAsync(Close, NewSecret())).Is(200);
    }

    [Theory]
    [InlineData("""{"secret":"hunter2"}""", "secret")]
    [InlineData("""{"secret":"whsec_c2hvcnQ="}""", "secret")]
    [InlineData("""{"secret":"whsec_not base64 at all, and rather long"}""", "secret")]
    [InlineData("""{"graceSeconds":-1}""", "graceSeconds")]
    public async Task A_secret_that_is_none_is_refused(string body, string field)
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.PostAsync($"/api/v1/recorders/{(await Given.RecorderAsync(client)).Text("id")}/signing-secret", body)).Invalid(field);
    }

    [Fact]
    public async Task Signing_belongs_to_the_recorder_and_not_to_a_subscription()
    {
        var client = await shared.Node.NewTenantAsync();
        var recorder = (await Given.RecorderAsync(client)).Text("id");
        var overrides = new { signing = new { required = false } };
        (await client.PostAsync($"/api/v1/recorders/{recorder}/subscriptions", new { accountId = await Given.AccountAsync(client), overrides })).Invalid("overrides.signing");
    }

    [Fact]
    public async Task Secrets_are_opened_again_after_a_restart_and_stand_nowhere_in_the_store()
    {
        using var data = new TempData();
        string secret, hook;
        await using (var node = await TestNode.StartAsync(data.Path))
        {
            var created = await Given.RecorderAsync(await node.NewTenantAsync(), settings: new { signing = new { required = true } });
            (secret, hook) = (created.Text("signingSecret"), $"/webhook/{created.Text("webhookToken")}");
        }

        await using (var node = await TestNode.StartAsync(data.Path))
        {
            (await new Hook(node.Anonymous(), hook).OwnAsync(Buy, secret)).Is(200);
        }

        foreach (var file in Directory.EnumerateFiles(data.Path))
        {
            Assert.DoesNotContain(secret, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        }

        File.Delete(Path.Combine(data.Path, "secrets.key")); // As after a restore without it.
        await using (var node = await TestNode.StartAsync(data.Path))
        {
            (await new Hook(node.Anonymous(), hook).OwnAsync(Buy, secret)).Problem(503, "signing-unavailable");
        }
    }

    private static string NewSecret() => $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";

    // Written anew here, so that a defect in the program's own cannot hide itself.
    private static string Own(string secret, long seconds, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")));

    private static string Standard(string secret, string id, long seconds, string body) => Convert.ToBase64String(
        HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{seconds}.{body}")));

    /// <summary>A recorder's webhook.</summary>
    private sealed class Hook(ApiClient client, string path)
    {
        public Hook(ApiClient client, JsonElement created)
            : this(client, $"/webhook/{created.Text("webhookToken")}") => Recorder = $"/api/v1/recorders/{created.Text("id")}";

        public string Recorder { get; } = "";

        /// <summary>The time for which the last was signed.</summary>
        public long Last { get; private set; }

        public Task<Reply> SignalsAsync() => client.GetAsync($"{Recorder}/signals");

        public Task<Reply> OwnAsync(string signed, string secret, int ageSeconds = 0, string? body = null, long? signedWith = null)
        {
            Last = signedWith ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds() - ageSeconds;
            return PostAsync(body ?? signed, ("X-TradeActors-Signature", $"t={Last},v1={Own(secret, Last, signed)}"));
        }

        public Task<Reply> StandardAsync(string id, string body, string secret, int ageSeconds = 0)
        {
            var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - ageSeconds;
            return PostAsync(
                body, ("webhook-id", id), ("webhook-timestamp", $"{seconds}"), ("webhook-signature", $"v1,{Standard(secret, id, seconds, body)}"));
        }

        public Task<Reply> PostAsync(string body, params (string Name, string Value)[] headers)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            return client.SendAsync(request);
        }
    }
}

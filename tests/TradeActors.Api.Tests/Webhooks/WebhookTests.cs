using System.Net.Http.Headers;
using System.Text;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Webhooks;

[Collection(Shared.Name)]
public sealed class WebhookTests(SharedNode shared)
{
    private const int LargestBody = 64 * 1024;

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"action":"{{strategy.order.action}}","symbol":"ES"}""")]
    [InlineData("""{"action":"buy","quantity":"NaN"}""")]
    [InlineData("""{"action":"buy","quantity":0}""")]
    [InlineData("""{"action":""")]
    public async Task A_body_that_cannot_be_understood_is_refused_and_kept_in_the_log(string body)
    {
        var (client, hook, signals) = await NewAsync();
        var problem = (await SendAsync(client, hook, Encoding.UTF8.GetBytes(body), "application/json")).Problem(400, "invalid-signal");
        var logged = Assert.Single((await client.GetAsync(signals)).Is(200).Items);
        Assert.Equal(problem.Text("signalId"), logged.Text("id"));
        Assert.Equal(("invalid", problem.Text("reason"), body), (logged.Text("state"), logged.Text("reason"), logged.Text("raw")));
        Assert.Equal("invalid", (await client.GetAsync($"{signals}/{logged.Text("id")}")).Is(200).Json.Text("state"));
    }

    [Fact]
    public async Task A_signal_without_any_symbol_is_refused_and_kept_in_the_log()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, symbol: null);
        (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy"}""")).Problem(400, "invalid-signal");
        Assert.Equal("NoSymbol", (await client.GetAsync($"/api/v1/recorders/{created.Text("id")}/signals")).Items.Single().Text("reason"));
    }

    [Fact]
    public async Task An_unknown_token_is_not_found() =>
        (await shared.Node.Anonymous().PostAsync("/webhook/none", """{"action":"buy"}""")).Problem(404, "unknown-token");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("image/png")]
    [InlineData(null)]
    public async Task Any_content_type_is_taken_and_no_log_in_is_asked(string? contentType)
    {
        var (client, hook, _) = await NewAsync();
        var reply = (await SendAsync(client.WithToken(null), hook, """{"action":"buy"}"""u8.ToArray(), contentType)).Is(200);
        Assert.Equal("accepted", reply.Json.Text("state"));
    }

    [Fact]
    public async Task Four_equal_posts_make_one_signal_and_three_duplicates()
    {
        var (client, hook, signals) = await NewAsync();
        var replies = new List<Reply>();
        for (var i = 0; i < 4; i++)
        {
            replies.Add((await client.PostAsync(hook, """{"action":"buy"}""")).Is(200));
        }

        Shape.Is(replies[0].Json, "signalId:string state:string");
        Shape.Is(replies[1].Json, "signalId:string state:string reason:string detail:string");
        Assert.Equal(["accepted", "duplicate", "duplicate", "duplicate"], replies.Select(reply => reply.Json.Text("state")));
        Assert.Equal("Duplicate", replies[3].Json.Text("reason"));
        var log = (await client.GetAsync(signals)).Items;
        Assert.Equal(["duplicate", "duplicate", "duplicate", "accepted"], log.Select(signal => signal.Text("state")));
        Assert.Equal(replies.Select(reply => reply.Json.Text("signalId")).Reverse(), log.Select(signal => signal.Text("id")));
    }

    [Fact]
    public async Task Equal_posts_at_the_same_moment_make_one_signal_too()
    {
        var (client, hook, _) = await NewAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.PostAsync(hook, """{"action":"buy","id":"k-1"}""")));
        Assert.Equal(["accepted", "duplicate", "duplicate", "duplicate"], replies.Select(reply => reply.Is(200).Json.Text("state")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"action":"buy","symbol":"NOPE"}""", "UnknownSymbol")]
    [InlineData("""{"action":"close"}""", "NothingToClose")]
    [InlineData("""{"action":"buy","symbol":"ZN","price":110,"stopLoss":111}""", "ProtectionInvalid")]
    [InlineData("""{"action":"sell","symbol":"ZN","price":110,"takeProfit":111}""", "ProtectionInvalid")]
    [InlineData("""{"action":"buy","quantity":2000000}""", "QuantityTooLarge")]
    [InlineData("""{"action":"buy","trail":5}""", "NotBuiltYet")]
    [InlineData("""{"action":"buy","test":true}""", "Test")]
    [InlineData("command=CANCELALLORDERS; instrument=ES 12-26;", "NotBuiltYet")]
    [InlineData("e=x s=ES b=long q=1 sl=50", "NotBuiltYet")]
    public async Task A_readable_signal_that_is_refused_answers_its_reason(string body, string reason)
    {
        var (client, hook, signals) = await NewAsync();
        var reply = (await client.PostAsync(hook, body)).Is(200).Json;
        Shape.Is(reply, "signalId:string state:string reason:string detail:string");
        Assert.Equal(("rejected", reason), (reply.Text("state"), reply.Text("reason")));
        var logged = (await client.GetAsync($"{signals}/{reply.Text("signalId")}")).Is(200).Json;
        Assert.Equal(("rejected", reason), (logged.Text("state"), logged.Text("reason")));
        Assert.Empty(logged.List("accounts"));
    }

    [Fact]
    public async Task A_text_of_another_format_is_a_signal_and_its_secret_is_not_kept()
    {
        var (client, hook, signals) = await NewAsync();
        var taken = (await SendAsync(
            client, hook, "key=hunter2; command=PLACE; account=Sim101; instrument=ES; action=BUY; qty=2; order_type=MARKET; tif=DAY;"u8.ToArray(), "text/plain", isChunked: false))
            .Is(200).Json;
        Assert.Equal("accepted", taken.Text("state"));
        var logged = (await client.GetAsync($"{signals}/{taken.Text("signalId")}")).Is(200).Json;
        Assert.Equal(("crosstrade", 2m), (logged.Text("source"), logged.GetProperty("plan").Number("enterQuantity")));
        Assert.DoesNotContain("hunter2", logged.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_direction_filter_refuses_and_its_verdict_says_so()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { filters = new { direction = "shortOnly" } });
        var reply = (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy"}""")).Is(200).Json;
        Assert.Equal(("rejected", "Direction"), (reply.Text("state"), reply.Text("reason")));
        var logged = (await client.GetAsync($"/api/v1/recorders/{created.Text("id")}/signals/{reply.Text("signalId")}")).Json;
        Assert.False(logged.List("verdicts").Single(verdict => verdict.Text("filter") == "direction").GetProperty("passed").GetBoolean());
    }

    [Fact]
    public async Task A_body_of_64_KiB_is_read_and_one_byte_more_is_too_large()
    {
        var (client, hook, signals) = await NewAsync();
        foreach (var isChunked in (bool[])[false, true])
        {
            (await SendAsync(client, hook, Padded(LargestBody + 1), "text/plain", isChunked)).Problem(413, "too-large");
        }

        for (var i = 0; i < 20; i++)
        {
            // The sender is still sending when it is refused, and must get the answer all the same.
            (await SendAsync(client, hook, Padded(10 * LargestBody), "text/plain", isChunked: true)).Problem(413, "too-large");
        }

        Assert.Empty((await client.GetAsync(signals)).Items);
        Assert.Equal("accepted", (await SendAsync(client, hook, Padded(LargestBody), "text/plain", isChunked: true)).Is(200).Json.Text("state"));
        Assert.Equal("duplicate", (await SendAsync(client, hook, Padded(LargestBody), "text/plain")).Is(200).Json.Text("state"));

        static byte[] Padded(int length) => Encoding.ASCII.GetBytes("""{"action":"buy"}""".PadRight(length));
    }

    private static Task<Reply> SendAsync(ApiClient client, string hook, byte[] body, string? contentType, bool isChunked = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, hook) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType);
        request.Headers.TransferEncodingChunked = isChunked;
        return client.SendAsync(request);
    }

    private async Task<(ApiClient Client, string Hook, string Signals)> NewAsync()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        return (client, $"/webhook/{created.Text("webhookToken")}", $"/api/v1/recorders/{created.Text("id")}/signals");
    }
}

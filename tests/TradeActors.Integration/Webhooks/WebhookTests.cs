using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using TradeActors.Integration.Starting;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Webhooks;

/// <summary>One node for all tests of the class; each has a tenant of its own.</summary>
public sealed class WebhookNode : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();

    public WebhookNode() => Process = Nodes.Manual(_folder);

    public NodeProcess Process { get; }

    private ApiClient? Operator { get; set; }

    public async Task InitializeAsync()
    {
        await Process.StartReadyAsync();
        Operator = new ApiClient(Process.Address);
        await Operator.RegisterAsync("operator@example.com");
        await Operator.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "ES", bid = 5_000m, ask = 5_000.25m } });
    }

    public async Task DisposeAsync()
    {
        Operator?.Dispose();
        await Process.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>The front door for signals, over the wire of the real process.</summary>
public sealed class WebhookTests(WebhookNode node) : IClassFixture<WebhookNode>
{
    private const int LargestBody = 64 * 1024;

    [Fact]
    public async Task Same_webhook_sent_four_times_at_once_makes_one_set_of_orders()
    {
        using var world = await World.MakeAsync(node, 3);
        const string Body = """{"action":"buy","symbol":"ES1!","quantity":2}""";

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.Api.WebhookAsync(world.Token, Body)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(["accepted", "duplicate", "duplicate", "duplicate"], answers.Select(answer => answer.State!).Order(StringComparer.Ordinal));
        await world.FilledAsync(2m);
        Assert.Equal(4, (await world.SignalsAsync()).Count);
    }

    [Fact]
    public async Task Same_webhook_sent_four_times_one_after_another_makes_one_set_of_orders()
    {
        using var world = await World.MakeAsync(node, 2);
        var states = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            states.Add((await world.Api.WebhookAsync(world.Token, """{"ticker":"ES1!","action":"sell","contracts":"1"}""")).State!);
        }

        Assert.Equal(["accepted", "duplicate", "duplicate", "duplicate"], states);
        await world.FilledAsync(-1m);
    }

    [Fact]
    public async Task Signals_sent_in_the_same_instant_are_all_handled_in_the_order_of_their_numbers()
    {
        using var world = await World.MakeAsync(node, 1);

        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i =>
            world.Api.WebhookAsync(world.Token, $$"""{"action":"buy","symbol":"ES","id":"instant-{{i}}"}""")));

        Assert.All(answers, answer => Assert.Equal("accepted", answer.State));
        // Listed by the time of receipt, which the door takes before the recorder numbers them.
        var log = (await world.SignalsAsync()).OrderBy(signal => (long)signal["number"]!).ToList();
        Assert.Equal(Enumerable.Range(1, 8).Select(number => (long)number), log.Select(signal => (long)signal["number"]!));
        var orders = await world.OrdersAsync(8);
        Assert.Equal(log.Select(signal => signal.Text("id")), orders.Select(order => order.Text("signalId")));
        await world.FilledAsync(8m);
    }

    [Fact]
    public async Task Entry_and_exit_sent_one_right_after_the_other_leave_nothing_open()
    {
        using var world = await World.MakeAsync(node, 2);

        var entry = world.Api.WebhookAsync(world.Token, """{"action":"buy","symbol":"ES","quantity":3,"id":"in"}""");
        await entry;
        var exit = await world.Api.WebhookAsync(world.Token, """{"action":"close","symbol":"ES","id":"out"}""");

        Assert.Equal("accepted", exit.State);
        await world.FilledAsync(0m);
    }

    [Theory]
    [InlineData("")]
    [InlineData("buy, please")]
    [InlineData("{\"action\":\"buy\"")]
    [InlineData("{\"symbol\":\"ES\"}")]
    [InlineData("{\"action\":\"{{strategy.order.action}}\",\"symbol\":\"ES\"}")]
    [InlineData("{\"action\":\"buy\",\"symbol\":\"ES\",\"quantity\":\"NaN\"}")]
    [InlineData("{\"action\":\"buy\",\"symbol\":\"ES\",\"quantity\":0}")]
    [InlineData("{\"action\":\"buy\",\"symbol\":\"ES\",\"quantity\":-1}")]
    [InlineData("[1,2,3]")]
    public async Task Body_that_cannot_be_understood_is_answered_400_and_kept_in_the_log(string body)
    {
        using var world = await World.MakeAsync(node, 1);

        var answer = await world.Api.WebhookAsync(world.Token, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("\"title\"", answer.Text, StringComparison.Ordinal);
        var kept = Assert.Single(await world.SignalsAsync());
        Assert.Equal("invalid", kept.Text("state"));
        Assert.Equal(answer.SignalId, kept.Text("id"));
        Assert.Equal(body, kept.Text("raw"));
        Assert.Empty(await world.OrdersAsync(0));
    }

    [Fact]
    public async Task Body_without_text_encoding_is_answered_400_and_kept_in_the_log()
    {
        using var world = await World.MakeAsync(node, 1);
        using var http = new HttpClient { BaseAddress = node.Process.Address };
        using var content = new ByteArrayContent([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]);

        using var reply = await http.PostAsync($"/webhook/{world.Token}", content);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal("invalid", Assert.Single(await world.SignalsAsync()).Text("state"));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task Any_content_type_is_taken(string contentType)
    {
        using var world = await World.MakeAsync(node, 1);

        var answer = await world.Api.WebhookAsync(world.Token, """{"action":"buy","symbol":"ES"}""", contentType);

        Assert.Equal((HttpStatusCode.OK, "accepted"), (answer.Status, answer.State));
        await world.FilledAsync(1m);
    }

    [Fact]
    public async Task Body_without_any_content_type_is_taken()
    {
        using var world = await World.MakeAsync(node, 1);
        using var http = new HttpClient { BaseAddress = node.Process.Address };
        using var content = new ByteArrayContent("""{"action":"sell","symbol":"ES"}"""u8.ToArray());

        using var reply = await http.PostAsync($"/webhook/{world.Token}", content);

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        await world.FilledAsync(-1m);
    }

    [Fact]
    public async Task Unknown_token_is_answered_404()
    {
        using var api = new ApiClient(node.Process.Address);

        var answer = await api.WebhookAsync("nobody-has-this-token", """{"action":"buy","symbol":"ES"}""");

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("unknown-token", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaced_token_is_answered_404_and_the_new_one_works()
    {
        using var world = await World.MakeAsync(node, 1);
        var replaced = await world.Api.PostAsync($"/api/v1/recorders/{world.Recorder}/webhook-token");

        var old = await world.Api.WebhookAsync(world.Token, """{"action":"buy","symbol":"ES"}""");
        var @new = await world.Api.WebhookAsync(replaced.Text("webhookToken"), """{"action":"buy","symbol":"ES"}""");

        Assert.Equal(HttpStatusCode.NotFound, old.Status);
        Assert.Equal("accepted", @new.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_above_64_KiB_is_answered_413_and_not_kept(bool saysItsLength)
    {
        using var world = await World.MakeAsync(node, 1);
        using var http = new HttpClient { BaseAddress = node.Process.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhook/{world.Token}")
        {
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Padded(LargestBody + 1))),
        };
        request.Headers.TransferEncodingChunked = !saysItsLength;

        using var reply = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
        Assert.Empty(await world.SignalsAsync());
    }

    [Fact]
    public async Task Body_of_exactly_64_KiB_is_taken()
    {
        using var world = await World.MakeAsync(node, 1);

        var answer = await world.Api.WebhookAsync(world.Token, Padded(LargestBody));

        Assert.Equal((HttpStatusCode.OK, "accepted"), (answer.Status, answer.State));
    }

    [Fact]
    public async Task Readable_signal_that_cannot_be_done_is_answered_200_rejected_and_logged_with_its_reason()
    {
        using var world = await World.MakeAsync(node, 1);

        var answer = await world.Api.WebhookAsync(world.Token, """{"action":"close","symbol":"ES"}""");
        var unknown = await world.Api.WebhookAsync(world.Token, """{"action":"buy","symbol":"NOSUCHTHING"}""");

        Assert.Equal((HttpStatusCode.OK, "rejected", "NothingToClose"), (answer.Status, answer.State, answer.Reason));
        Assert.Equal((HttpStatusCode.OK, "rejected", "UnknownSymbol"), (unknown.Status, unknown.State, unknown.Reason));
        Assert.Equal(["rejected", "rejected"], (await world.SignalsAsync()).Select(signal => signal.Text("state")));
    }

    [Fact]
    public async Task Secrets_in_a_body_are_not_kept()
    {
        using var world = await World.MakeAsync(node, 1);

        await world.Api.WebhookAsync(world.Token, """{"action":"buy","symbol":"ES","secret":"s3cr3t-w0rd","password":"pa55"}""");

        var raw = Assert.Single(await world.SignalsAsync()).Text("raw");
        Assert.DoesNotContain("s3cr3t-w0rd", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("pa55", raw, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Token, node.Process.Output, StringComparison.Ordinal);
    }

    private static string Padded(int length)
    {
        const string Start = "{\"action\":\"buy\",\"symbol\":\"ES\",\"comment\":\"";
        return $"{Start}{new string('x', length - Start.Length - 2)}\"}}";
    }

    /// <summary>A tenant with accounts that all follow one recorder.</summary>
    private sealed class World : IDisposable
    {
        private readonly List<string> _accounts = [];

        private World(ApiClient api) => Api = api;

        public ApiClient Api { get; }

        public string Recorder { get; private set; } = "";

        public string Token { get; private set; } = "";

        public static async Task<World> MakeAsync(WebhookNode node, int accounts)
        {
            var world = new World(new ApiClient(node.Process.Address));
            await world.Api.RegisterAsync($"{Guid.NewGuid():N}@example.com");
            var recorder = await world.Api.PostAsync("/api/v1/recorders", new { name = "Recorder", settings = new { sizing = new { initial = 1, add = 1 } } });
            (world.Recorder, world.Token) = (recorder.Text("id"), recorder.Text("webhookToken"));
            for (var i = 0; i < accounts; i++)
            {
                var account = (await world.Api.PostAsync("/api/v1/accounts", new { name = "Paper", broker = "paper", startingBalance = 100_000, paper = new { checksMargin = false } })).Text("id");
                await world.Api.PostAsync($"/api/v1/recorders/{world.Recorder}/subscriptions", new { accountId = account });
                world._accounts.Add(account);
            }

            return world;
        }

        /// <summary>The log, oldest first.</summary>
        public async Task<List<JsonNode>> SignalsAsync()
        {
            var log = await Api.ListAsync($"/api/v1/recorders/{Recorder}/signals");
            log.Reverse();
            return log;
        }

        /// <summary>The first account's orders, oldest first, once there are this many.</summary>
        public async Task<List<JsonNode>> OrdersAsync(int count)
        {
            List<JsonNode> orders = [];
            await Until.ReachedAsync($"{count} orders", TimeSpan.FromSeconds(30), async () =>
            {
                orders = await Api.ListAsync($"/api/v1/accounts/{_accounts[0]}/orders?state=all");
                return orders.Count >= count ? null : $"{orders.Count} orders";
            });
            orders.Reverse();
            return orders;
        }

        /// <summary>Waits until nothing is outstanding on any account, and checks the position of each.</summary>
        public async Task FilledAsync(decimal position)
        {
            await Until.ReachedAsync("every fan-out complete and settled", TimeSpan.FromSeconds(30), async () =>
            {
                var open = (await SignalsAsync()).Where(signal => signal.Text("state") == "accepted" && signal["fanOut"]!["completedAt"] is null).ToArray();
                if (open.Length > 0)
                {
                    return open[0].ToJsonString();
                }

                foreach (var signal in (await SignalsAsync()).Where(signal => signal.Text("state") == "accepted"))
                {
                    var detail = await Api.GetAsync($"/api/v1/recorders/{Recorder}/signals/{signal.Text("id")}");
                    if (detail["accounts"]!.AsArray().Any(outcome => outcome!.Text("outcome") is "ordered" or "pending"))
                    {
                        return detail.ToJsonString();
                    }
                }

                return null;
            });
            foreach (var account in _accounts)
            {
                var shown = await Api.GetAsync($"/api/v1/accounts/{account}");
                Assert.Equal(position, shown["positions"]!.AsArray().Sum(held => held!["quantity"]!.GetValue<decimal>()));
            }
        }

        public void Dispose() => Api.Dispose();
    }
}

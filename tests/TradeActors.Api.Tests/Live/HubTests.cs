using System.Net;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Api.Tests.Live;

/// <summary>The hub over a WebSocket driven by hand.</summary>
[Collection(Shared.Name)]
public sealed class HubTests(SharedNode shared)
{
    [Fact]
    public async Task Topic_begins_with_what_REST_shows_and_goes_on_with_every_event()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account]);
        var reset = await hub.NextAsync();
        Shape.Is(reset.Body, "topic:string seq:integer snapshot:object");
        Assert.Equal(("reset", $"account:{account}"), (reset.Target, reset.Topic));
        Assert.Equal((await owner.GetAsync($"/api/v1/accounts/{account}")).Text, reset.Body.GetProperty("snapshot").ToString());

        (await owner.PostAsync($"/api/v1/accounts/{account}/halt", new { reason = "lunch" })).Is(200);
        (await owner.PostAsync($"/api/v1/accounts/{account}/resume")).Is(200);
        var stored = (await owner.GetAsync($"/api/v1/accounts/{account}/events?after={reset.Seq}")).Is(200).Items;
        Assert.Equal(["accountHalted", "haltConfirmed", "accountResumed"], stored.Select(item => item.Text("type")));
        foreach (var expected in stored)
        {
            var push = await hub.NextAsync();
            Shape.Is(push.Body, "topic:string seq:integer type:string at:time data:object");
            Assert.Equal($"event account:{account}", $"{push.Target} {push.Topic}");
            Assert.Equal(
                (expected.GetProperty("seq").GetInt64(), expected.Text("type"), expected.Text("at"), expected.GetProperty("data").ToString()),
                (push.Seq, push.Body.Text("type"), push.Body.Text("at"), push.Body.GetProperty("data").ToString()));
        }
    }

    [Fact]
    public async Task Recorder_is_a_topic_too()
    {
        var owner = await shared.Node.NewTenantAsync();
        var recorder = (await Given.RecorderAsync(owner)).Text("id");
        await using var hub = await HubSocket.ConnectAsync(owner, tokenInQuery: false);
        await hub.SubscribeAsync(recorders: [recorder]);
        var reset = await hub.NextAsync();
        Assert.Equal((await owner.GetAsync($"/api/v1/recorders/{recorder}")).Text, reset.Body.GetProperty("snapshot").ToString());
        (await owner.PostAsync($"/api/v1/recorders/{recorder}/pause")).Is(200);
        var push = await hub.NextAsync();
        Assert.Equal(("event", $"recorder:{recorder}", reset.Seq + 1, "recorderPaused"), (push.Target, push.Topic, push.Seq, push.Body.Text("type")));
    }

    [Fact]
    public async Task Client_that_comes_back_gets_exactly_what_it_missed()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        for (var i = 0; i < 250; i++) // More than is read at once.
        {
            await ChangeAsync(owner, account, i + 1);
        }

        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account], after: new() { [$"account:{account}"] = 7 });
        var head = await HeadAsync(owner, account);
        Assert.True(head > 250, $"{head}");
        for (var seq = 8; seq <= head; seq++)
        {
            Assert.Equal(("event", seq), await SeenAsync(hub));
        }

        await ChangeAsync(owner, account, 1);
        Assert.Equal(("event", head + 1), await SeenAsync(hub));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Topic_that_is_subscribed_again_begins_anew(bool withSnapshot)
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account]);
        var first = await hub.NextAsync();
        await ChangeAsync(owner, account, 1);
        Assert.Equal(("event", first.Seq + 1), await SeenAsync(hub));
        await hub.SubscribeAsync(accounts: [account], after: withSnapshot ? null : new() { [$"account:{account}"] = first.Seq });
        Assert.Equal((withSnapshot ? "reset" : "event", first.Seq + 1), await SeenAsync(hub));
        await ChangeAsync(owner, account, 2);
        Assert.Equal(("event", first.Seq + 2), await SeenAsync(hub));
    }

    [Fact]
    public async Task Position_beyond_the_end_gets_a_snapshot()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        var head = await HeadAsync(owner, account);
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account], after: new() { [$"account:{account}"] = head + 1 });
        Assert.Equal(("reset", head), await SeenAsync(hub));
        await ChangeAsync(owner, account, 1);
        Assert.Equal(("event", head + 1), await SeenAsync(hub));
    }

    [Fact]
    public async Task Unsubscribed_topics_and_symbols_say_nothing_more()
    {
        var owner = await shared.Node.NewTenantAsync();
        var (ended, kept) = (await Given.AccountAsync(owner), await Given.AccountAsync(owner));
        await shared.QuoteAsync("ZC", 400m, 401m);
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [ended, kept], symbols: ["ZC"]);
        Push[] begun = [await hub.NextAsync(), await hub.NextAsync(), await hub.NextAsync()];
        Assert.Equal(["quote", "reset", "reset"], begun.Select(push => push.Target).Order());

        await hub.CallAsync("Unsubscribe", new { accounts = new[] { ended }, symbols = new[] { "ZC" } });
        await hub.CallAsync("Unsubscribe", new { accounts = new[] { ended } }); // Twice is no error.
        await shared.QuoteAsync("ZC", 402m, 403m);
        await ChangeAsync(owner, ended, 1);
        await ChangeAsync(owner, kept, 1);
        var push = await hub.NextAsync();
        Assert.Equal(("event", $"account:{kept}"), (push.Target, push.Topic));
    }

    [Fact]
    public async Task What_is_another_tenants_is_not_there_and_then_nothing_is_subscribed()
    {
        var (owner, stranger) = (await shared.Node.NewTenantAsync("Owner"), await shared.Node.NewTenantAsync("Stranger"));
        var (account, recorder) = (await Given.AccountAsync(owner), (await Given.RecorderAsync(owner)).Text("id"));
        var own = await Given.AccountAsync(stranger);
        await using var hub = await HubSocket.ConnectAsync(stranger);
        var foreignAccount = await Assert.ThrowsAsync<HubErrorException>(() => hub.SubscribeAsync(accounts: [own, account]));
        var unknownAccount = await Assert.ThrowsAsync<HubErrorException>(() => hub.SubscribeAsync(accounts: [own, "nosuchaccount1"]));
        var foreignRecorder = await Assert.ThrowsAsync<HubErrorException>(() => hub.SubscribeAsync(recorders: [recorder]));
        Assert.Equal(unknownAccount.Message, foreignAccount.Message);
        Assert.EndsWith("Not found: There is no such account.", foreignAccount.Message, StringComparison.Ordinal);
        Assert.EndsWith("Not found: There is no such recorder.", foreignRecorder.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubErrorException>(() => hub.SubscribeAsync(accounts: [account], after: new() { [$"account:{account}"] = 0 }));

        await ChangeAsync(owner, account, 1);
        await ChangeAsync(stranger, own, 1);
        await hub.SubscribeAsync(accounts: [own]);
        Assert.Equal($"reset account:{own}", await TopicAsync(hub)); // The first that comes at all.
    }

    [Theory]
    [InlineData("""{"accounts":"a"}""", "The request cannot be understood: The JSON is not as expected: $.accounts")]
    [InlineData("""{"acounts":[]}""", "there is no member 'acounts' here")]
    [InlineData("""{"accounts":[null]}""", "accounts: Must be a list of texts, none of them empty.")]
    [InlineData("""{"recorders":[" "]}""", "recorders: Must be a list of texts, none of them empty.")]
    [InlineData("""{"accounts":["a"],"after":{"account:b":1}}""", "after.account:b: Is not the topic of an account or recorder of this call")]
    [InlineData("""{"accounts":["a"],"after":{"account:a":-1}}""", "after.account:a: Must be the sequence of an event, or 0 for the beginning.")]
    [InlineData("""{"symbols":["NOSUCH"]}""", "Not found: Unknown symbol 'NOSUCH'.")]
    [InlineData("null", "Give one object, with any of accounts, recorders, symbols and after.")]
    public async Task Request_that_cannot_be_used_is_refused_with_the_reason(string request, string reason)
    {
        await using var hub = await HubSocket.ConnectAsync(await shared.Node.NewTenantAsync());
        var error = await Assert.ThrowsAsync<HubErrorException>(() => hub.CallAsync("Subscribe", JsonDocument.Parse(request).RootElement));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_one_connection_may_watch_is_refused_with_the_bounds()
    {
        await using var hub = await HubSocket.ConnectAsync(await shared.Node.NewTenantAsync());
        var error = await Assert.ThrowsAsync<HubErrorException>(
            () => hub.SubscribeAsync(accounts: [.. Enumerable.Range(0, 1_001).Select(i => $"account{i:0000000}")]));
        Assert.Contains("One connection may watch 1000 accounts and recorders, and 100 symbols.", error.Message, StringComparison.Ordinal);
        var today = DateTimeOffset.UtcNow.AddDays(7).ToString("yyyy-MM-dd", null);
        string[] contracts =
        [
            .. InstrumentCatalog.All.SelectMany(instrument => InstrumentCatalog.ContractsOf(instrument))
                .Where(contract => contract.LastTradeDate is null || string.CompareOrdinal(contract.LastTradeDate.Value.ToString("uuuu-MM-dd", null), today) > 0)
                .Select(contract => contract.Symbol),
        ];
        await hub.SubscribeAsync(symbols: contracts[..60]);
        await hub.SubscribeAsync(symbols: contracts[40..100]); // Those in common count once.
        Assert.Contains(
            "100 symbols", (await Assert.ThrowsAsync<HubErrorException>(() => hub.SubscribeAsync(symbols: contracts[100..101]))).Message, StringComparison.Ordinal);
        await hub.CallAsync("Unsubscribe", new { symbols = contracts[..1] });
        await hub.SubscribeAsync(symbols: contracts[100..101]);
    }

    [Fact]
    public async Task Largest_subscription_fits_into_one_message()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        await using var hub = await HubSocket.ConnectAsync(owner);
        string[] ids = [.. Enumerable.Range(0, 1_000).Select(i => $"account{i:0000000}")];
        var error = await Assert.ThrowsAsync<HubErrorException>(
            () => hub.SubscribeAsync(accounts: ids, after: ids.ToDictionary(id => $"account:{id}", _ => 1_000_000_000_000L)));
        Assert.EndsWith("There is no such account.", error.Message, StringComparison.Ordinal);
        await hub.SubscribeAsync(accounts: [account]);
    }

    [Fact]
    public async Task Without_a_valid_token_nobody_is_let_in_and_the_query_counts_here_alone()
    {
        var owner = await shared.Node.NewTenantAsync();
        foreach (var token in (string?[])[null, "forged", owner.RefreshToken])
        {
            foreach (var tokenInQuery in (bool[])[true, false])
            {
                var refused = await Assert.ThrowsAsync<HttpRequestException>(() => HubSocket.ConnectAsync(owner.WithToken(token), tokenInQuery: tokenInQuery));
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            }
        }

        (await owner.WithToken(null).GetAsync($"/api/v1/me?access_token={owner.AccessToken}")).Problem(401, "unauthorized");
        (await owner.WithToken(null).PostAsync("/hubs/live/negotiate?negotiateVersion=1")).Problem(401, "unauthorized");
        (await owner.PostAsync("/hubs/live/negotiate?negotiateVersion=1")).Is(200);
        (await owner.WithToken(null).PostAsync($"/hubs/live/negotiate?negotiateVersion=1&access_token={owner.AccessToken}")).Is(200);
    }

    [Fact]
    public async Task Only_pages_of_the_own_origin_may_connect()
    {
        var owner = await shared.Node.NewTenantAsync();
        var own = shared.Node.Address.GetLeftPart(UriPartial.Authority);
        await using (await HubSocket.ConnectAsync(owner, origin: own))
        {
        }

        foreach (var strange in (string[])["https://evil.example", "null", $"{own}.evil.example", own.Replace("http", "https", StringComparison.Ordinal)])
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => HubSocket.ConnectAsync(owner, origin: strange));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    internal static async Task ChangeAsync(ApiClient owner, string account, int quantity) =>
        (await owner.PutAsync($"/api/v1/accounts/{account}/limits", new { maxOrderQuantity = quantity })).Is(200);

    internal static async Task<long> HeadAsync(ApiClient owner, string account)
    {
        var head = 0L;
        while ((await owner.GetAsync($"/api/v1/accounts/{account}/events?limit=500&after={head}")).Is(200).Items is [.., var last])
        {
            head = last.GetProperty("seq").GetInt64();
        }

        return head;
    }

    private static async Task<(string, long)> SeenAsync(HubSocket hub) => await hub.NextAsync() is var push ? (push.Target, push.Seq) : default;

    private static async Task<string> TopicAsync(HubSocket hub) => await hub.NextAsync() is var push ? $"{push.Target} {push.Topic}" : "";
}

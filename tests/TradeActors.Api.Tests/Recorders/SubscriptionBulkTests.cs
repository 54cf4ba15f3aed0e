using System.Diagnostics;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Recorders;

[Collection(Shared.Name)]
public sealed class SubscriptionBulkTests(SharedNode shared)
{
    [Fact]
    public async Task One_request_adds_changes_and_removes_and_repeated_it_changes_nothing_more()
    {
        var (client, recorder, accounts) = await NewAsync(3);
        var (kept, gone) = (await AddAsync(client, recorder, accounts[0]), await AddAsync(client, recorder, accounts[1]));
        var edits = new
        {
            items = new object[]
            {
                new { id = kept, multiplier = 2.5, overrides = new { sizing = new { initial = 3 } } }, new { id = gone, remove = true }, new { accountId = accounts[2], enabled = false },
            },
        };
        var first = (await client.PostAsync($"{recorder}/subscriptions/bulk", edits)).Is(200).Json;
        Shape.Is(first, "dryRun:bool failed:integer items:array");
        Assert.Equal(["changed", "removed", "created"], Results(first));
        Assert.Equal([accounts[0], accounts[1], accounts[2]], first.List("items").Select(item => item.Text("accountId")));
        Assert.All(first.List("items"), item => Shape.Is(item, "id:string accountId:string result:string"));

        var rows = (await client.GetAsync($"{recorder}/subscriptions")).Items;
        Assert.Equal([kept, first.List("items")[2].Text("id")], rows.Select(row => row.Text("id")));
        Assert.Equal((2.5m, true, 3m), (rows[0].Number("multiplier"), rows[0].GetProperty("enabled").GetBoolean(), rows[0].GetProperty("overrides").GetProperty("sizing").Number("initial")));
        Assert.Equal((1m, false), (rows[1].Number("multiplier"), rows[1].GetProperty("enabled").GetBoolean()));

        Assert.Equal(["unchanged", "unchanged", "unchanged"], Results((await client.PostAsync($"{recorder}/subscriptions/bulk", edits)).Is(200).Json));
        Assert.Equal(rows.Select(row => row.GetRawText()), (await client.GetAsync($"{recorder}/subscriptions")).Items.Select(row => row.GetRawText()));
    }

    [Fact]
    public async Task An_item_that_fails_has_its_problem_and_does_not_keep_the_others_back()
    {
        var (client, recorder, accounts) = await NewAsync(3);
        var known = await AddAsync(client, recorder, accounts[0]);
        await AddAsync(client, recorder, accounts[1]);
        await AddAsync(client, recorder, accounts[1]);
        var foreign = await Given.AccountAsync(await shared.Node.NewTenantAsync());
        var reply = (await client.PostAsync($"{recorder}/subscriptions/bulk", new
        {
            items = new object[]
            {
                new { accountId = foreign }, new { id = "none", multiplier = 2 }, new { multiplier = 2 }, new { accountId = accounts[2], multiplier = 0 },
                new { id = known, accountId = accounts[1] }, new { accountId = accounts[1], enabled = false }, new { id = known, multiplier = 7 },
                new { accountId = accounts[0], multiplier = 8 }, new { accountId = accounts[2] }, new { accountId = accounts[2] },
            },
        })).Is(200).Json;
        Assert.Equal(8, reply.GetProperty("failed").GetInt32());
        Assert.Equal(
            [
                "404 /problems/not-found ", "404 /problems/not-found ", "422 /problems/validation accountId", "422 /problems/validation multiplier",
                "422 /problems/validation accountId", "422 /problems/validation accountId", "changed", "422 /problems/validation accountId", "created",
                "422 /problems/validation accountId",
            ],
            reply.List("items").Select(Told));
        Assert.Equal(7m, (await client.GetAsync($"{recorder}/subscriptions/{known}")).Is(200).Json.Number("multiplier"));

        static string Told(JsonElement item) => !item.TryGetProperty("problem", out var problem) ? item.Text("result")
            : $"{problem.GetProperty("status")} {problem.Text("type")} "
                + string.Join(',', problem.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(error => error.Name) : []);
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_done_and_does_nothing()
    {
        var (client, recorder, accounts) = await NewAsync(2);
        var known = await AddAsync(client, recorder, accounts[0]);
        var reply = (await client.PostAsync($"{recorder}/subscriptions/bulk", new
        {
            dryRun = true,
            items = new object[] { new { id = known, remove = true }, new { accountId = accounts[1] }, new { accountId = "none" } },
        })).Is(200).Json;
        Assert.Equal(["removed", "created", "failed"], Results(reply));
        Assert.Equal(known, Assert.Single((await client.GetAsync($"{recorder}/subscriptions")).Items).Text("id"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"items":[]}""")]
    public async Task A_request_without_items_is_refused(string body)
    {
        var (client, recorder, _) = await NewAsync(0);
        (await client.PostAsync($"{recorder}/subscriptions/bulk", body)).Invalid("items");
        (await client.PostAsync($"{recorder}/subscriptions/bulk", new { items = Enumerable.Repeat(new { id = "a" }, 1_001) })).Invalid("items");
    }

    [Fact]
    public async Task Requests_at_the_same_time_make_one_subscription_of_each_account()
    {
        var (client, recorder, accounts) = await NewAsync(20);
        var edits = new { items = accounts.Select(accountId => new { accountId }) };
        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.PostAsync($"{recorder}/subscriptions/bulk", edits)));
        var results = replies.SelectMany(reply => Results(reply.Is(200).Json)).ToArray();
        Assert.Equal(20, results.Count(result => result == "created"));
        Assert.Equal(
            accounts.Order(StringComparer.Ordinal),
            (await client.GetAsync($"{recorder}/subscriptions")).Items.Select(row => row.Text("accountId")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_thousand_subscriptions_are_added_and_changed_in_seconds()
    {
        var (client, recorder, accounts) = await NewAsync(1_000);
        var started = Stopwatch.GetTimestamp();
        var added = await client.PostAsync($"{recorder}/subscriptions/bulk", new { items = accounts.Select(accountId => new { accountId }) });
        var took = Stopwatch.GetElapsedTime(started);
        var changed = await client.PostAsync($"{recorder}/subscriptions/bulk", new { items = accounts.Select(accountId => new { accountId, multiplier = 2 }) });
        Assert.All(Results(added.Is(200).Json), result => Assert.Equal("created", result));
        Assert.All(Results(changed.Is(200).Json), result => Assert.Equal("changed", result));
        Assert.InRange(took.TotalSeconds, 0, 20);
        Assert.Equal(500, (await client.GetAsync($"{recorder}/subscriptions?limit=500")).Items.Count(row => row.Number("multiplier") == 2m));
    }

    private static IEnumerable<string> Results(JsonElement reply) => reply.List("items").Select(item => item.Text("result"));

    private static async Task<string> AddAsync(ApiClient client, string recorder, string accountId) =>
        (await client.PostAsync($"{recorder}/subscriptions", new { accountId })).Is(201).Json.Text("id");

    private async Task<(ApiClient Client, string Recorder, string[] Accounts)> NewAsync(int accounts)
    {
        var client = await shared.Node.NewTenantAsync();
        var ids = new string[accounts];
        await Parallel.ForAsync(0, accounts, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) => ids[i] = await Given.AccountAsync(client));
        return (client, $"/api/v1/recorders/{(await Given.RecorderAsync(client)).Text("id")}", ids);
    }
}

using System.Text.Json.Nodes;
using TradeActors.Integration.Starting;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Operations;

/// <summary>An operation over many accounts does not live in the process that was asked for it.</summary>
public sealed class FlattenAllTests
{
    private const int Accounts = 50;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Flatten_all_cut_off_by_a_kill_ends_with_every_account_flat()
    {
        using var folder = new TestFolder();
        await using var node = Nodes.Manual(folder);
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        await api.RegisterAsync();
        await ShowAsync(api, size: 100);
        var accounts = new List<string>();
        for (var i = 0; i < Accounts; i++)
        {
            accounts.Add(await OpenAsync(api, i));
        }

        await PositionsAsync(api, "every account to hold something", account => account["positions"]!.AsArray().Count == 1);
        await ShowAsync(api, size: 1); // Enough for the smaller half of the accounts: the others cannot end before somebody shows more.

        var started = await api.PostAsync("/api/v1/flatten-all", new { id = "cut-off" });
        Assert.Equal(Accounts, (int)started["accounts"]!);
        var cutOff = await OperationAsync(api, "the smaller half to be done", operation => (int)operation["done"]! == Accounts / 2);
        node.Kill();
        Assert.Equal("running", cutOff.Text("state"));

        await node.StartReadyAsync();
        await ShowAsync(api, size: 100);
        // The caller has not heard an end and asks again: it is the same operation.
        Assert.Equal(started.Text("startedAt"), (await api.PostAsync("/api/v1/flatten-all", new { id = "cut-off" })).Text("startedAt"));
        var ended = await OperationAsync(api, "the operation to be completed", operation => operation.Text("state") == "completed");
        Assert.Equal((Accounts, Accounts, 0), ((int)ended["accounts"]!, (int)ended["done"]!, (int)ended["failed"]!));
        Assert.Equal(
            accounts.Order(StringComparer.Ordinal), ended["results"]!.AsArray().Where(result => result!.Text("outcome") == "done").Select(result => result!.Text("accountId")));

        // At once, without waiting: what is said to be done is.
        Assert.All(await api.ListAsync("/api/v1/accounts"), account => Assert.Empty(account["positions"]!.AsArray()));
        foreach (var account in accounts)
        {
            Assert.Empty(await api.ListAsync($"/api/v1/accounts/{account}/orders?state=working"));
            Assert.Equal(0m, (await api.ListAsync($"/api/v1/accounts/{account}/fills")).Sum(fill => (decimal)fill["quantity"]! * (fill.Text("side") == "buy" ? 1 : -1)));
        }

        Assert.Single(await api.ListAsync("/api/v1/operations"));
    }

    private static Task ShowAsync(ApiClient api, int size) => api.PostAsync(
        "/api/v1/market/ticks", new[] { new { symbol = "ES", bid = 5_000m, ask = 5_000.25m, bidSize = size, askSize = size } });

    /// <summary>An account with a resting order and a position: of 1 for the first half of them, of 3 for the others.</summary>
    private static async Task<string> OpenAsync(ApiClient api, int number)
    {
        var account = (await api.PostAsync("/api/v1/accounts", new
        {
            name = $"Account {number}",
            broker = "paper",
            startingBalance = 1_000_000,
        })).Text("id");
        await api.PostAsync($"/api/v1/accounts/{account}/orders", new { symbol = "ES", side = "buy", type = "market", quantity = number < Accounts / 2 ? 1 : 3 });
        await api.PostAsync(
            $"/api/v1/accounts/{account}/orders", new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1_000, timeInForce = "goodTillCancel" });
        return account;
    }

    private static Task PositionsAsync(ApiClient api, string what, Func<JsonNode, bool> isSo) => Until.ReachedAsync(what, Deadline, async () =>
    {
        var others = (await api.ListAsync("/api/v1/accounts")).Where(account => !isSo(account)).ToArray();
        return others.Length == 0 ? null : $"{others.Length} otherwise, first {others[0].ToJsonString()}";
    });

    private static async Task<JsonNode> OperationAsync(ApiClient api, string what, Func<JsonNode, bool> isSo)
    {
        JsonNode? seen = null;
        await Until.ReachedAsync(what, Deadline, async () =>
        {
            seen = await api.GetAsync("/api/v1/operations/cut-off");
            return isSo(seen) ? null : seen.ToJsonString();
        });
        return seen!;
    }
}

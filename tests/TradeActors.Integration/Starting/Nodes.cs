using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using TradeActors.Servers.Processes;

namespace TradeActors.Integration.Starting;

/// <summary>The nodes that these tests start.</summary>
internal static class Nodes
{
    public static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(60);

    /// <summary>Without the demo, and with prices that only a test moves, and without rate limits, since all tests come from one address.</summary>
    public static NodeProcess Manual(TestFolder folder, params string[] arguments) => new(
        folder.Data, FreePort.Take(), ["--tradeactors:demo", "false", "--tradeactors:market:feed", "manual", "--tradeactors:limits:enabled", "false", .. arguments]);

    /// <summary>As somebody starts it who has just cloned the repository.</summary>
    public static NodeProcess Demo(TestFolder folder) => new(folder.Data, FreePort.Take());

    /// <summary>Starts it, expects it to refuse, and returns what it said on standard error.</summary>
    public static async Task<string> RefusalAsync(NodeProcess node)
    {
        await node.StartAsync();
        var code = await node.ExitAsync(ExitDeadline);
        Xunit.Assert.True(code == 1, $"exit code {code} instead of 1; it said: {node.Errors}{node.Output}");
        Xunit.Assert.DoesNotContain("Unhandled exception", node.Errors, StringComparison.Ordinal);
        Xunit.Assert.DoesNotContain("   at ", node.Errors + node.Output, StringComparison.Ordinal);
        return node.Errors;
    }

    /// <summary>A tenant with one paper account and one recorder that trades it.</summary>
    public static async Task<(string Account, string Recorder, string Token)> SetUpAsync(ApiClient api, string root = "ES", decimal add = 1m)
    {
        await api.RegisterAsync();
        await api.PostAsync("/api/v1/market/ticks", new[] { new { symbol = root, bid = 5_000m, ask = 5_000.25m } });
        var account = (await api.PostAsync("/api/v1/accounts", new { name = "Paper", broker = "paper", startingBalance = 100_000, paper = new { checksMargin = false } })).Text("id");
        var recorder = await api.PostAsync("/api/v1/recorders", new { name = "Recorder", symbol = root, settings = new { sizing = new { initial = 1, add } } });
        await api.PostAsync($"/api/v1/recorders/{recorder.Text("id")}/subscriptions", new { accountId = account });
        return (account, recorder.Text("id"), recorder.Text("webhookToken"));
    }

    public static Task FillsAsync(ApiClient api, string account, int count) => Until.ReachedAsync($"{count} fills on {account}", TimeSpan.FromSeconds(30), async () =>
    {
        var fills = await api.ListAsync($"/api/v1/accounts/{account}/fills");
        return fills.Count >= count ? null : $"{fills.Count} fills";
    });
}

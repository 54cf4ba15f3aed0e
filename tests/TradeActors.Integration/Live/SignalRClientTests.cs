using System.Text.Json.Nodes;
using TradeActors.Integration.Starting;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Live;

/// <summary>The hub with the client library that pages use, against a real node that is stopped and killed meanwhile.</summary>
public sealed class SignalRClientTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NodeJsFact]
    public async Task Page_that_loses_its_line_and_its_node_counts_every_event_once()
    {
        await using var node = Nodes.Manual(_folder);
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        await api.RegisterAsync();
        var account = (await api.PostAsync("/api/v1/accounts", new { name = "Live", broker = "paper", startingBalance = 50_000 })).Text("id");
        await api.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "ES", bid = 5_000m, ask = 5_000.25m } });
        await using var page = await NodeJs.StartAsync(
            Source, Path.Combine(_folder.Path, "client"), "client.mjs", new() { ["LIVE_TOKEN"] = api.Token! }, node.Address.GetLeftPart(UriPartial.Authority), account);
        await page.PrintedAsync("\"after\":null", Deadline);
        Assert.Contains("HubException: Not found: There is no such account.", page.Output, StringComparison.Ordinal);

        await ChangeAsync(api, account, 25); // It leaves at the twentieth and comes back.
        var (code, took) = await node.TerminateAsync(Deadline);
        Assert.Equal(0, code);
        Assert.True(took < TimeSpan.FromSeconds(10), $"Stopping with an open page took {took.TotalSeconds:0.0} s.");
        await node.StartReadyAsync();
        await ChangeAsync(api, account, 25); // It may still be away, or come back in the middle.
        await page.PrintedAsync("\"reconnected\":1", Deadline);
        node.Kill();
        await node.StartReadyAsync();
        await ChangeAsync(api, account, 25);
        await page.PrintedAsync("\"reconnected\":2", Deadline);

        var head = (long)(await api.ListAsync($"/api/v1/accounts/{account}/events"))[^1]["seq"]!;
        await page.WriteLineAsync($"{head}");
        await page.ExitAsync(Deadline);
        var seen = JsonNode.Parse(page.Output.Trim().Split('\n')[^1])!;
        Assert.Equal(head, (long)seen["last"]!);
        Assert.Equal(head - (long)seen["first"]!, (long)seen["events"]!);
        Assert.Equal((1, 1, 2), ((int)seen["resets"]!, (int)seen["stops"]!, (int)seen["reconnects"]!));
        Assert.True((int)seen["events"]! >= 75, page.Output);
        Assert.True((int)seen["quotes"]! >= 1, page.Output);
        Assert.DoesNotContain(api.Token!, node.Output + node.Errors, StringComparison.Ordinal);
    }

    /// <summary>The script and its lock file, in the source tree.</summary>
    private static string Source => SourceTree.Find("tests", "TradeActors.Integration", "Live", "client");

    private static async Task ChangeAsync(ApiClient api, string account, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await api.PostAsync($"/api/v1/accounts/{account}/{(i % 2 == 0 ? "halt" : "resume")}");
        }
    }
}

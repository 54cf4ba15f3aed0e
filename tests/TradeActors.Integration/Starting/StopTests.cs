using System.Collections.Concurrent;
using System.Net;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Starting;

/// <summary>SIGTERM: what was acknowledged is stored, and the process is gone within ten seconds.</summary>
public sealed class StopTests : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stopped_under_load_it_keeps_every_acknowledged_signal()
    {
        await using var node = Nodes.Manual(_folder);
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        var (account, recorder, token) = await Nodes.SetUpAsync(api);
        var acknowledged = new ConcurrentDictionary<string, string>();
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(() => SendAsync(node.Address, token, sender, acknowledged, stop.Token))).ToArray();
        await Until.ReachedAsync("signals acknowledged", TimeSpan.FromSeconds(30), () =>
            Task.FromResult(acknowledged.Count >= 40 ? null : $"{acknowledged.Count} acknowledged"));

        var (code, took) = await node.TerminateAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Task.WhenAll(senders);

        Assert.Equal(0, code);
        Assert.True(took < StopLimit, $"Stopping took {took.TotalSeconds:0.0} s.");
        await node.StartReadyAsync();
        var log = (await api.ListAsync($"/api/v1/recorders/{recorder}/signals")).ToLookup(signal => signal.Text("raw"), signal => signal.Text("id"));
        Assert.All(acknowledged, signal => Assert.Equal(signal.Value, Assert.Single(log[signal.Key])));
        await Nodes.FillsAsync(api, account, acknowledged.Count);
    }

    [Fact]
    public async Task Stopped_while_an_order_waits_for_its_quote_it_fills_it_after_the_start()
    {
        await using var node = Nodes.Manual(_folder);
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        var (account, _, token) = await Nodes.SetUpAsync(api);
        var answer = await api.WebhookAsync(token, """{"action":"buy","symbol":"NQ"}""");
        Assert.Equal("accepted", answer.State);

        var (code, took) = await node.TerminateAsync(TimeSpan.FromSeconds(30));
        await node.StartReadyAsync();
        await api.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "NQ", bid = 18_000m, ask = 18_000.25m } });

        Assert.Equal(0, code);
        Assert.True(took < StopLimit, $"Stopping took {took.TotalSeconds:0.0} s.");
        await Nodes.FillsAsync(api, account, 1);
        Assert.Single(await api.ListAsync($"/api/v1/accounts/{account}/orders?state=all"));
    }

    /// <summary>Every signal is a buy of its own; what is not acknowledged is not counted.</summary>
    private static async Task SendAsync(Uri address, string token, int sender, ConcurrentDictionary<string, string> acknowledged, CancellationToken stop)
    {
        using var client = new ApiClient(address);
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var body = $$"""{"action":"buy","symbol":"ES","id":"{{sender}}-{{number}}"}""";
            try
            {
                var answer = await client.WebhookAsync(token, body);
                if (answer.Status == HttpStatusCode.OK)
                {
                    acknowledged[body] = answer.SignalId!;
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                return; // Stopped: this one was never acknowledged.
            }
        }
    }
}

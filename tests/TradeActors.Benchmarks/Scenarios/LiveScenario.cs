using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>
/// The hub with connected clients at 20 messages a second each: 10 quotes of one contract and 10 stored events of one account, from the moment they
/// came about (the quote's arrival, the decision before its commit) to the client. Beside it a bare hub that sends as much to as many.
/// </summary>
internal sealed class LiveScenario : IScenario
{
    /// <summary>Accounts, and contracts: clients are spread over them.</summary>
    private const int Topics = 20;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Roots = ["ES", "NQ", "YM", "RTY", "MES", "MNQ", "CL", "GC", "SI", "HG", "ZN", "ZB", "ZC", "ZS", "ZW", "6E", "NG", "AAPL", "MSFT", "BTCUSDT"];

    public string Name => "live";

    public string About => "the hub with 1,000 clients (--accounts) at 20 messages a second each";

    public async Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        await using var node = await BenchNode.StartAsync(folder.Next(), ct);
        await using var bare = await StartBareAsync(ct);
        var (own, limit) = (new List<Spread>(), new List<Spread>());
        var (tenant, token, accounts) = await SetUpAsync(node, ct);
        for (var round = 0; round < options.Rounds; round++)
        {
            own.Add(await MeasureAsync(
                options, client => HubAddress(node.Address, token), client => Subscription(accounts[client % Topics], ContractAt(client % Topics)),
                stop => SpeakAsync(node, tenant, accounts, stop), ct));
            limit.Add(await MeasureAsync(
                options, _ => HubAddress(bare.Urls.First(), ""), _ => null, stop => BroadcastAsync(bare.Services.GetRequiredService<IHubContext<BareHub>>(), stop), ct));
            Progress.Say(Name, $"round {round + 1}: {own[^1]}; bare hub {limit[^1]}");
        }

        report.Add(Name, $"{options.Accounts:N0} clients", Spread.MedianOf(own).ToString(), $"bare hub {Spread.MedianOf(limit)}", null);
    }

    /// <summary>Connects the clients, lets everything warm up, and measures for the time asked for.</summary>
    private static async Task<Spread> MeasureAsync(
        BenchOptions options, Func<int, Uri> address, Func<int, string?> subscription, Func<CancellationToken, Task> speakAsync, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listeners = new LiveListener[options.Accounts];
        await Parallel.ForEachAsync(Enumerable.Range(0, listeners.Length), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = ct }, async (i, within) =>
            listeners[i] = await LiveListener.ConnectAsync(address(i), subscription(i), within));
        var running = listeners.Select(listener => Task.Run(() => listener.RunAsync(stop.Token), ct)).Append(Task.Run(() => speakAsync(stop.Token), ct)).ToArray();
        await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(options.Seconds < 2 ? 1 : 10), ct), Task.WhenAny(running).Unwrap());
        foreach (var listener in listeners)
        {
            listener.Begin();
        }

        var cpu = Environment.CpuUsage.TotalTime;
        await Task.Delay(options.Duration, ct);
        var cores = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / options.Seconds;
        await stop.CancelAsync();
        await Task.WhenAll(running);
        var spread = Spread.Of(listeners, options.Seconds, cores);
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return spread;
    }

    /// <summary>Fifty times a second a quote of every contract, of which ten are let through, and ten times an event of every account.</summary>
    private static Task SpeakAsync(BenchNode node, string tenant, string[] accounts, CancellationToken stop) => Task.WhenAll(
        AllEveryAsync(
            Beat / 5,
            async (topic, beat) =>
            {
                var price = 1_000m + (beat % 1_000);
                await node.PublishAsync(new Quote(ContractAt(topic), price, price + 1m, price, null, null, null, DateTimeOffset.UtcNow), stop);
            },
            stop),
        AllEveryAsync(
            Beat,
            (topic, beat) => node.AskAsync(
                new EntityId(tenant, EntityKind.Account, accounts[topic]), new ChangeAccountLimits(AccountLimits.None with { MaxOrderQuantity = beat }), stop),
            stop));

    private static Task BroadcastAsync(IHubContext<BareHub> hub, CancellationToken stop) => AllEveryAsync(
        Beat / 2,
        (topic, beat) => hub.Clients.Group($"{topic}").SendAsync(
            "event",
            new { topic = "account:abcdefghijklmn", seq = beat, type = "limitsChanged", at = DateTimeOffset.UtcNow, data = new { limits = new { maxOrderQuantity = beat } } },
            stop),
        stop);

    /// <summary>Every topic at moments of its own, spread over the interval.</summary>
    private static Task AllEveryAsync(TimeSpan interval, Func<int, int, Task> speakAsync, CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, Topics).Select(topic => EveryAsync(topic * interval / Topics, interval, beat => speakAsync(topic, beat), stop)));

    private static async Task EveryAsync(TimeSpan offset, TimeSpan interval, Func<int, Task> speakAsync, CancellationToken stop)
    {
        try
        {
            await Task.Delay(offset, stop);
            using var timer = new PeriodicTimer(interval);
            for (var beat = 1; await timer.WaitForNextTickAsync(stop); beat++)
            {
                await speakAsync(beat);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough.
        }
    }

    private static async Task<(string Tenant, string Token, string[] Accounts)> SetUpAsync(BenchNode node, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(node.Address) };
        var who = new { email = "bench@example.com", password = "correct horse battery", tenant = "Bench" };
        var tenant = (string)(await PostAsync("/api/v1/auth/register", who))["tenantId"]!;
        var token = (string)(await PostAsync("/api/v1/auth/login", new { who.email, who.password }))["accessToken"]!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var accounts = new string[Topics];
        for (var i = 0; i < Topics; i++)
        {
            accounts[i] = (string)(await PostAsync("/api/v1/accounts", new { name = $"Live {i}", broker = "paper", startingBalance = 1_000 }))["id"]!;
        }

        return (tenant, token, accounts);

        async Task<JsonNode> PostAsync(string path, object body)
        {
            using var reply = await http.PostAsJsonAsync(path, body, ct);
            reply.EnsureSuccessStatusCode();
            return JsonNode.Parse(await reply.Content.ReadAsStringAsync(ct))!;
        }
    }

    private static async Task<WebApplication> StartBareAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSignalR();
        var app = builder.Build();
        app.MapHub<BareHub>("/hubs/live");
        await app.StartAsync(ct);
        return app;
    }

    private static Uri HubAddress(string address, string token) => new($"{address.Replace("http", "ws", StringComparison.Ordinal)}/hubs/live?access_token={token}");

    private static string Subscription(string account, string contract) => JsonSerializer.Serialize(
        new { type = 1, invocationId = "1", target = "Subscribe", arguments = new[] { new { accounts = new[] { account }, symbols = new[] { contract } } } });

    private static string ContractAt(int i) => InstrumentCatalog.Resolve(Roots[i], TimeProvider.System.GetUtcNow()).Contract!.Symbol;

    private sealed class BareHub : Hub
    {
        private static int _connected;

        public override Task OnConnectedAsync() => Groups.AddToGroupAsync(Context.ConnectionId, $"{Interlocked.Increment(ref _connected) % Topics}");
    }

    /// <param name="PerClient">Messages a second.</param>
    /// <param name="Events">99th percentile alone, as <paramref name="Quotes"/>; NaN for none.</param>
    /// <param name="Cores">Processors busy with all of it, the clients included.</param>
    private sealed record Spread(double PerClient, double P50, double P99, double Longest, double Events, double Quotes, double Cores)
    {
        public static Spread Of(LiveListener[] clients, double seconds, double cores)
        {
            double[] events = [.. clients.SelectMany(client => client.Events).Order()];
            double[] quotes = [.. clients.SelectMany(client => client.Quotes).Order()];
            double[] all = [.. events.Concat(quotes).Order()];
            return new Spread(all.Length / seconds / clients.Length, At(all, 0.5), At(all, 0.99), all[^1], At(events, 0.99), At(quotes, 0.99), cores);
        }

        public static Spread MedianOf(IReadOnlyCollection<Spread> spreads)
        {
            double Of(Func<Spread, double> part) => Median.Of(spreads.Select(part));
            return new(
                Of(spread => spread.PerClient), Of(spread => spread.P50), Of(spread => spread.P99), Of(spread => spread.Longest), Of(spread => spread.Events),
                Of(spread => spread.Quotes), Of(spread => spread.Cores));
        }

        public override string ToString() =>
            $"{PerClient:0.0} messages/s each, p50 {P50:0.0} ms, p99 {P99:0.0} ms (events {Events:0.0}, quotes {Quotes:0.0}), longest {Longest:0} ms, {Cores:0.00} cores";

        private static double At(double[] sorted, double part) => sorted.Length == 0 ? double.NaN : sorted[(int)(sorted.Length * part)];
    }
}

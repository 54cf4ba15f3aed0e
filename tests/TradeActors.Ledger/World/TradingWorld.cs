using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;

namespace TradeActors.Ledger.World;

/// <param name="Refuses">Whether its broker refuses a ClOrdID that it has seen.</param>
/// <param name="IsManual">Also traded by hand and flattened now and then.</param>
public sealed record WorldAccount(string Id, string Name, decimal StartingBalance, bool Refuses, bool IsManual);

/// <param name="IsGuarded">Its positions have a stop and two targets at the broker, too far away to be reached.</param>
/// <param name="Roots">What it is sent signals for, with the smallest size of each.</param>
/// <param name="Members">Account id by multiplier.</param>
public sealed record WorldRecorder(
    string Id, string Token, decimal Initial, decimal Add, (string Root, decimal Unit)[] Roots, bool OnlyIds, bool IsGuarded,
    Dictionary<string, (string Subscription, decimal Multiplier)> Members);

/// <summary>An acknowledgement that a client holds in its hands: it must be found again, whatever was killed.</summary>
/// <param name="State">As answered: <c>received</c> is stored and not yet judged.</param>
/// <param name="Attempts">Deliveries, to whichever node.</param>
/// <param name="Took">From the first delivery to the answer.</param>
public sealed record Acknowledged(WorldRecorder Recorder, SignalBody Signal, string SignalId, string State, string? Reason, long Attempts, TimeSpan Took);

/// <summary>A manual order that a client was told is taken.</summary>
public sealed record ManualOrder(string AccountId, string ClOrdId, string Side, string Root, decimal Quantity, bool IsMarket);

/// <summary>Everything outside the nodes: tenant, accounts, recorders, and the clients that never give up.</summary>
/// <param name="operation">Who may post quotes and sees the cluster; null when the first user of the installation is this world's own.</param>
public sealed class TradingWorld(Balancer nodes, int seed, WorldPlan plan, ApiClient? operation = null) : IDisposable
{
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(2);

    /// <summary>Bid, spread and largest displayed size of what is traded.</summary>
    private static readonly (string Root, decimal Bid, decimal Tick, decimal Size)[] Market =
        [("ES", 5_000m, 0.25m, 12m), ("NQ", 18_000m, 0.25m, 10m), ("AAPL", 200m, 0.01m, 40m), ("BTCUSDT", 60_000m, 0.1m, 9m), ("GC", 2_500m, 0.1m, 9m)];

    private readonly CancellationTokenSource _stopSending = new();
    private readonly CancellationTokenSource _stopMarket = new();
    private long _lastNumber;
    private long _attempts;

    /// <summary>The tenant's owner.</summary>
    public ApiClient Api { get; } = new(nodes);

    /// <summary>The operator of the installation.</summary>
    public ApiClient Operation => operation ?? Api;

    public List<WorldAccount> Accounts { get; } = [];

    public List<WorldRecorder> Recorders { get; } = [];

    public ConcurrentBag<Acknowledged> Ledger { get; } = [];

    public ConcurrentBag<ManualOrder> ManualOrders { get; } = [];

    /// <summary>Events of one account as a client read them between the kills, by sequence.</summary>
    public ConcurrentDictionary<long, string> SeenEvents { get; } = new();

    /// <summary>Follows the first three accounts and the first recorder live. Null before <see cref="Run"/>.</summary>
    public LiveFollower? Page { get; private set; }

    public long Attempts => _attempts;

    public string Tenant { get; private set; } = "";

    public async Task SetUpAsync()
    {
        await Api.RegisterAsync($"owner@{plan.Tenant}.example.com", tenant: plan.Tenant);
        Tenant = (await Api.GetAsync("/api/v1/me")).Text("tenantId");
        await PostTicksAsync(Operation, new Random(seed));
        // Signals here only add and reverse, whatever the equity: margin is not what is tried. One account's orders are on their way for a while.
        await OpenAsync("plain", new { checksMargin = false, commissionPerUnit = 0.62, usesDisplayedSize = false });
        await OpenAsync("loses answers", new
        {
            checksMargin = false,
            latencyMs = 40,
            latencyJitterMs = 60,
            commissionPerUnit = 1.1,
            slippageTicks = 2,
            faults = new { timeOutAfterAccept = 0.06, lateAnswer = 0.15, lateByMs = 600, loseCancelAnswer = 0.2 },
        });
        await OpenAsync("loses requests", new { checksMargin = false, commissionRate = 0.0001, faults = new { loseRequest = 0.05, lateAnswer = 0.1, lateByMs = 300 } });
        await OpenAsync("by hand", new { checksMargin = false, commissionPerUnit = 0.5 }, isManual: true);
        await OpenAsync("takes duplicates", new { checksMargin = false, refusesDuplicates = false, faults = new { timeOutAfterAccept = 0.03, loseRequest = 0.02 } }, refuses: false);
        for (var i = 0; i < plan.MoreAccounts; i++)
        {
            await OpenAsync($"more {i + 1}", new { checksMargin = false, commissionPerUnit = 0.25 * i, latencyMs = 20 * i, usesDisplayedSize = i % 2 == 0 });
        }

        var (plain, answers, requests, byHand, duplicates) = (Accounts[0].Id, Accounts[1].Id, Accounts[2].Id, Accounts[3].Id, Accounts[4].Id);
        await RecordAsync(
            "first", 1m, 1m, [("ES", 1m), ("AAPL", 1m)], false,
            [(plain, 1m), (answers, 2m), (requests, 3m), (byHand, 1m), (duplicates, 1m), .. More(0)]);
        await RecordAsync("second", 2m, 1m, [("NQ", 1m), ("ES", 1m)], false, [(plain, 2m), (answers, 1m), (requests, 1m), .. More(1)]);
        await RecordAsync("third", 1m, 1m, [("BTCUSDT", 0.25m), ("NQ", 1m)], true, [(plain, 3m), (answers, 1m), (byHand, 2m), .. More(2)]);
        await RecordAsync("guarded", 1m, 1m, [("GC", 1m)], false, [(plain, 2m), (answers, 1m), (requests, 3m), .. More(3)], isGuarded: true);
    }

    /// <summary>Starts the clients; they run through every kill.</summary>
    public (Task Sending, Task Market) Run()
    {
        var sending = new List<Task>();
        foreach (var recorder in Recorders)
        {
            for (var i = 0; i < plan.SendersPerRecorder; i++)
            {
                sending.Add(SendSignalsAsync(recorder, new Random(seed + (sending.Count * 31))));
            }
        }

        sending.Add(TradeByHandAsync(new Random(seed + 1_001)));
        sending.Add(FlattenAsync(new Random(seed + 1_002)));
        sending.Add(ReadEventsAsync());
        Page = new LiveFollower(nodes, Api.Token!, [.. Accounts.Take(3).Select(account => account.Id)], [Recorders[0].Id]);
        return (Task.WhenAll(sending), Task.WhenAll(Task.Run(FeedAsync), Page.RunAsync(_stopMarket.Token)));
    }

    /// <summary>No new signals or orders; what is on its way is still repeated until it is acknowledged.</summary>
    public void StopSending() => _stopSending.Cancel();

    /// <summary>No new quotes, and the page is closed.</summary>
    public void StopMarket() => _stopMarket.Cancel();

    public void Dispose()
    {
        Api.Dispose();
        _stopSending.Dispose();
        _stopMarket.Dispose();
    }

    /// <summary>The further accounts of one of the four recorders.</summary>
    private IEnumerable<(string Account, decimal Multiplier)> More(int recorder) =>
        Accounts.Skip(5).Select((account, i) => (account.Id, Multiplier: 1m + (i % 2), Recorder: i % 4)).Where(more => more.Recorder == recorder)
            .Select(more => (more.Id, more.Multiplier));

    private async Task OpenAsync(string name, object paper, bool refuses = true, bool isManual = false)
    {
        var account = await Api.PostAsync("/api/v1/accounts", new { name, broker = "paper", startingBalance = 1_000_000, paper });
        Accounts.Add(new WorldAccount(account.Text("id"), name, 1_000_000m, refuses, isManual));
    }

    private async Task RecordAsync(
        string name, decimal initial, decimal add, (string, decimal)[] roots, bool onlyIds, (string Account, decimal Multiplier)[] members,
        bool isGuarded = false)
    {
        // The recorder whose signals all have ids keeps the default windows; the others must outlast a client's retries.
        var recorder = await Api.PostAsync("/api/v1/recorders", new
        {
            name,
            settings = new
            {
                sizing = new { initial, add },
                entryMaxAgeSeconds = onlyIds && !plan.ToleratesAge ? (int?)null : 900,
                dedupWindowSeconds = onlyIds ? (int?)null : 900,
                stopLoss = isGuarded ? new { unit = "percent", distance = 60 } : null,
                takeProfit = isGuarded ? new { unit = "percent", levels = new[] { new { distance = 60, percent = 50 }, new { distance = 80, percent = 50 } } } : null,
            },
        });
        var subscriptions = new Dictionary<string, (string, decimal)>();
        foreach (var (accountId, multiplier) in members)
        {
            var subscription = await Api.PostAsync($"/api/v1/recorders/{recorder.Text("id")}/subscriptions", new { accountId, multiplier });
            subscriptions.Add(accountId, (subscription.Text("id"), multiplier));
        }

        Recorders.Add(new WorldRecorder(recorder.Text("id"), recorder.Text("webhookToken"), initial, add, roots, onlyIds, isGuarded, subscriptions));
    }

    private async Task SendSignalsAsync(WorldRecorder recorder, Random random)
    {
        using var client = new ApiClient(nodes);
        while (!_stopSending.IsCancellationRequested)
        {
            var (root, unit) = recorder.Roots[random.Next(recorder.Roots.Length)];
            var signal = SignalBody.Next(random, root, unit, Interlocked.Increment(ref _lastNumber), recorder.OnlyIds);
            var (before, watch) = (client.Tries, Stopwatch.StartNew());
            var answer = await RepeatAsync($"signal {signal.Text}", async () =>
            {
                var reply = await client.WebhookAsync(recorder.Token, signal.Text);
                return reply.Status == HttpStatusCode.OK ? reply
                    : (int)reply.Status >= 500 ? null
                    : throw new InvalidOperationException($"{signal.Text} was answered {(int)reply.Status}: {reply.Text}");
            });
            var attempts = client.Tries - before;
            Interlocked.Add(ref _attempts, attempts);
            Ledger.Add(new Acknowledged(recorder, signal, answer.SignalId!, answer.State!, answer.Reason, attempts, watch.Elapsed));
            await PauseAsync(random.Next(plan.SignalPause.From, plan.SignalPause.To));
        }
    }

    private async Task TradeByHandAsync(Random random)
    {
        using var client = new ApiClient(nodes) { Token = Api.Token };
        var account = Accounts.Single(account => account.IsManual).Id;
        for (var number = 1; !_stopSending.IsCancellationRequested; number++)
        {
            var (root, bid, tick, _) = Market[random.Next(Market.Length)];
            var side = random.Next(2) == 0 ? "buy" : "sell";
            var isMarket = random.Next(4) != 0;
            var quantity = root == "BTCUSDT" ? 0.5m : random.Next(1, 4);
            var clOrdId = $"by-hand-{number}";
            object order = isMarket
                ? new { clOrdId, symbol = root, side, type = "market", quantity }
                // Far from the market: it works until somebody cancels it.
                : new { clOrdId, symbol = root, side, type = "limit", quantity, limitPrice = side == "buy" ? bid / 2m : bid * 2m, timeInForce = "goodTillCancel" };
            await RepeatAsync($"manual order {clOrdId}", async () =>
            {
                using var reply = await client.SendAsync($"/api/v1/accounts/{account}/orders", order);
                return reply.StatusCode == HttpStatusCode.Accepted ? reply
                    : (int)reply.StatusCode >= 500 ? null
                    : throw new InvalidOperationException($"{clOrdId} was answered {(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
            });
            ManualOrders.Add(new ManualOrder(account, clOrdId, side, root, quantity, isMarket));
            if (!isMarket && random.Next(2) == 0)
            {
                await RepeatAsync($"cancel of {clOrdId}", async () =>
                {
                    using var reply = await client.DeleteAsync($"/api/v1/accounts/{account}/orders/{clOrdId}");
                    // Flattened and forgotten in the meantime: refused, which is an answer too.
                    return reply.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.UnprocessableEntity ? reply : null;
                });
            }

            await PauseAsync(random.Next(plan.OrderPause.From, plan.OrderPause.To));
        }
    }

    private async Task FlattenAsync(Random random)
    {
        using var client = new ApiClient(nodes) { Token = Api.Token };
        var account = Accounts.Single(account => account.IsManual).Id;
        while (!_stopSending.IsCancellationRequested)
        {
            await PauseAsync(random.Next(2_000, 6_000));
            await RepeatAsync("flatten", async () =>
            {
                using var reply = await client.SendAsync($"/api/v1/accounts/{account}/flatten");
                return reply.StatusCode == HttpStatusCode.Accepted ? reply : null;
            });
        }
    }

    /// <summary>Follows one account's events as a screen does; what it was shown must never change.</summary>
    private async Task ReadEventsAsync()
    {
        using var client = new ApiClient(nodes) { Token = Api.Token };
        var after = 0L;
        while (!_stopSending.IsCancellationRequested)
        {
            var page = await RepeatAsync("events", async () => await client.GetAsync($"/api/v1/accounts/{Accounts[0].Id}/events?limit=500&after={after}"));
            foreach (var item in page["items"]!.AsArray())
            {
                after = (long)item!["seq"]!;
                SeenEvents[after] = item.ToJsonString();
            }

            await PauseAsync(200);
        }
    }

    private async Task FeedAsync()
    {
        using var client = new ApiClient(nodes) { Token = Operation.Token };
        var random = new Random(seed + 2_001);
        while (!_stopMarket.IsCancellationRequested)
        {
            try
            {
                await PostTicksAsync(client, random);
            }
            catch (Exception error) when (IsOutage(error))
            {
                // Prices of a moment in which the node was down are of no interest afterwards.
            }

            await Task.Delay(plan.QuotePauseMs);
        }
    }

    private static async Task PostTicksAsync(ApiClient client, Random random) => await client.PostAsync("/api/v1/market/ticks", Market.Select(market =>
    {
        var bid = market.Bid + (market.Tick * random.Next(-20, 21));
        return new
        {
            symbol = market.Root,
            bid,
            ask = bid + market.Tick,
            last = bid,
            bidSize = Math.Ceiling(market.Size * (decimal)random.NextDouble()) + 1m,
            askSize = Math.Ceiling(market.Size * (decimal)random.NextDouble()) + 1m,
        };
    }).ToArray());

    /// <summary>Repeats until it is answered. Null, or an outage, means: again.</summary>
    private static async Task<T> RepeatAsync<T>(string what, Func<Task<T?>> attempt)
        where T : class
    {
        T? answer = null;
        await Until.ReachedAsync($"an answer to {what}", GiveUp, async () =>
        {
            try
            {
                answer = await attempt();
                return answer is null ? "a refusal that may be repeated" : null;
            }
            catch (Exception error) when (IsOutage(error))
            {
                return error.Message;
            }
        });
        return answer!;
    }

    /// <summary>The node was away, or went away while it answered.</summary>
    internal static bool IsOutage(Exception error) =>
        error is HttpRequestException or OperationCanceledException or IOException or ApiRefusalException { Status: >= HttpStatusCode.InternalServerError };

    private async Task PauseAsync(int milliseconds)
    {
        try
        {
            await Task.Delay(milliseconds, _stopSending.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped while pausing.
        }
    }
}

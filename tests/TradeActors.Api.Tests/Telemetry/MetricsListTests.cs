using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using TradeActors.Api.Tests.Live;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Telemetry;

/// <summary>docs/metrics.md against the running program.</summary>
public sealed partial class MetricsListTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Listed, byte> _published = new();
    private readonly ConcurrentQueue<(string Instrument, string Tag, string Value)> _tags = new();

    public MetricsListTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("TradeActors.", StringComparison.Ordinal))
            {
                _lacksBuckets |= instrument is Histogram<double> { Unit: "s", Advice: null };
                _published.TryAdd(new Listed(instrument.Meter.Name, instrument.Name, KindOf(instrument), instrument.Unit ?? ""), 0);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.Start();
    }

    private volatile bool _lacksBuckets;

    private sealed record Listed(string Meter, string Name, string Kind, string Unit);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Every_instrument_is_on_the_list_and_everything_on_the_list_exists()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        (await node.Anonymous().GetAsync("/health/ready")).Is(200);
        var client = await node.NewTenantAsync();
        // What the door counts is made with its first use.
        var orders = $"/api/v1/accounts/{await Given.AccountAsync(client)}/orders";
        (await client.PostAsync(orders, new { symbol = "ES", side = "buy", type = "market", quantity = 1 })).Is(202);
        (await client.PostAsync((await Given.RecorderAsync(client)).Text("webhookUrl"), """{"action":"close"}""")).Is(200);
        await using var hub = await HubSocket.ConnectAsync(client);
        await ReplayAsync();
        Assert.Equal(
            List().Where(row => !row.IsOfClusters).Select(row => row.Listed).OrderBy(listed => listed.Name, StringComparer.Ordinal),
            _published.Keys.OrderBy(listed => listed.Name, StringComparer.Ordinal));
        Assert.False(_lacksBuckets, "A duration has no buckets of its own: those of collectors are meant for milliseconds.");
    }

    /// <summary>What only a replay counts.</summary>
    private static async Task ReplayAsync()
    {
        using var data = new TempData();
        var file = Path.Combine(data.Path, "day.csv");
        await File.WriteAllTextAsync(file, "time,symbol,bid,ask\n2026-11-26T15:00:00Z,ES,6000,6000.25\n");
        await using var node = await TestNode.StartAsync(
            Path.Combine(data.Path, "data"), change: settings => settings with { Feed = "replay", Replay = new TradeActors.Market.Feeds.ReplayOptions(file) });
    }

    [Fact]
    public async Task Tags_are_those_on_the_list_and_name_no_tenant_account_or_symbol()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var client = await node.NewTenantAsync();
        var accountId = await Given.AccountAsync(client, new { maxOrderQuantity = 5 });
        var recorder = await Given.RecorderAsync(client);
        await Given.SubscriptionAsync(client, recorder.Text("id"), accountId);
        (await client.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "ES", bid = 6000m, ask = 6000.25m, last = 6000m } })).Is(202);
        foreach (var body in (string[])["""{"action":"buy"}""", """{"action":"buy"}""", "nonsense"])
        {
            await client.PostAsync($"/webhook/{recorder.Text("webhookToken")}", body);
        }

        (await client.PostAsync($"/api/v1/accounts/{accountId}/orders", new { symbol = "ES", side = "buy", type = "market", quantity = 9 })).Is(422);
        await Wait.UntilAsync(
            "a fill", async () => (await client.GetAsync($"/api/v1/accounts/{accountId}/fills")).Is(200).Items, fills => fills.Length == 1);
        _listener.RecordObservableInstruments();
        var allowed = List().ToDictionary(row => row.Listed.Name, row => row.Tags);
        var seen = _tags.Distinct().ToArray();
        string[] told =
        [
            "tradeactors.signals", "tradeactors.signals.refused", "tradeactors.orders", "tradeactors.orders.denied", "tradeactors.fills",
            "tradeactors.broker.call.duration", "tradeactors.asks.duration",
        ];
        Assert.Empty(told.Except(seen.Select(tag => tag.Instrument)));
        Assert.All(seen, tag => Assert.True(allowed[tag.Instrument].Contains(tag.Tag), $"{tag.Instrument} has a tag '{tag.Tag}' that docs/metrics.md does not list."));
        Assert.All(seen, tag => Assert.False(
            tag.Value.Contains(client.TenantId, StringComparison.Ordinal) || tag.Value.Contains(accountId, StringComparison.Ordinal)
                || tag.Value.StartsWith("ES", StringComparison.Ordinal), $"{tag.Instrument} has {tag.Tag} = {tag.Value}."));
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (tag, value) in tags)
        {
            _tags.Enqueue((instrument.Name, tag, $"{value}"));
        }
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        "ObservableGauge" or "Gauge" => "gauge",
        "UpDownCounter" or "ObservableUpDownCounter" => "up-down counter",
        var other => other,
    };

    /// <summary>The rows of the tables, by the heading of their meter.</summary>
    private static List<(Listed Listed, string[] Tags, bool IsOfClusters)> List()
    {
        var rows = new List<(Listed, string[], bool)>();
        var meter = "";
        foreach (var line in File.ReadLines(Path.Combine(Root(), "docs", "metrics.md")))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                meter = heading.Groups[1].Value;
            }
            else if (Row().Match(line) is { Success: true } row)
            {
                rows.Add((
                    new Listed(meter, row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value),
                    [.. Quoted().Matches(row.Groups[4].Value).Select(tag => tag.Groups[1].Value)],
                    line.Contains("In a cluster only", StringComparison.Ordinal)));
            }
        }

        return rows;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^## (TradeActors\.\w+)")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| ([a-z- ]+?) \| `([^`]+)` \|([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}

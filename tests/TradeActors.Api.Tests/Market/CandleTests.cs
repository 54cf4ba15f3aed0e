using System.Globalization;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Market;

[Collection(Shared.Name)]
public sealed class CandleTests(SharedNode shared)
{
    private const string Shape1 = "start:time open:number high:number low:number close:number volume:number ticks:integer isOpen:bool";

    [Fact]
    public async Task Ticks_become_candles_of_every_resolution()
    {
        await Ticks.PostAsync(shared, "KO", ("2026-05-06T12:00:00Z", 70m), ("2026-05-06T12:00:30Z", 72m), ("2026-05-06T12:00:59.999Z", 71m), ("2026-05-06T12:01:10Z", 69m));
        var minutes = await shared.Operator.GetAsync("/api/v1/market/candles?symbol=KO&resolution=1m&from=2026-05-06T12:00:00Z&to=2026-05-06T13:00:00Z");
        Assert.Equal(("KO", "1m", JsonValueKind.Null), (minutes.Is(200).Json.Text("symbol"), minutes.Json.Text("resolution"), minutes.Json.GetProperty("next").ValueKind));
        Assert.All(minutes.Items, item => Support.Shape.Is(item, Shape1));
        Assert.Equal(
            [("2026-05-06T12:00:00+00:00", 70m, 72m, 70m, 71m, 6m, 3m, false), ("2026-05-06T12:01:00+00:00", 69m, 69m, 69m, 69m, 2m, 1m, false)],
            minutes.Items.Select(item => (
                item.Text("start"), item.Number("open"), item.Number("high"), item.Number("low"), item.Number("close"), item.Number("volume"), item.Number("ticks"),
                item.GetProperty("isOpen").GetBoolean())));
        foreach (var (resolution, count) in new[] { ("1s", 4), ("5s", 4), ("15s", 4), ("30s", 3), ("5m", 1), ("15m", 1), ("30m", 1), ("1h", 1), ("4h", 1), ("1d", 1) })
        {
            var candles = (await shared.Operator.GetAsync($"/api/v1/market/candles?symbol=KO&resolution={resolution}")).Is(200).Items;
            Assert.True(candles.Length == count, $"{resolution}: {candles.Length}");
            Assert.Equal((8m, 4m), (candles.Sum(item => item.Number("volume")), candles.Sum(item => item.Number("ticks"))));
        }
    }

    [Fact]
    public async Task Pages_lead_on_from_the_first_candle_and_without_from_the_newest_are_shown()
    {
        await Ticks.PostAsync(shared, "V", [.. Enumerable.Range(0, 7).Select(i => ($"2026-05-06T12:0{i}:00Z", 300m + i))]);
        const string Path = "/api/v1/market/candles?symbol=V&limit=3";
        var opens = new List<decimal>();
        string? from = "2026-05-06T12:00:00Z";
        var pages = 0;
        while (from is not null)
        {
            var page = (await shared.Operator.GetAsync($"{Path}&from={from}")).Is(200);
            opens.AddRange(page.Items.Select(item => item.Number("open")));
            from = page.Json.GetProperty("next").GetString();
            pages++;
        }

        Assert.Equal((3, true), (pages, opens.SequenceEqual([300m, 301m, 302m, 303m, 304m, 305m, 306m])));
        Assert.Equal([304m, 305m, 306m], (await shared.Operator.GetAsync(Path)).Items.Select(item => item.Number("open")));
        Assert.Equal([301m, 302m, 303m], (await shared.Operator.GetAsync($"{Path}&to=2026-05-06T12:04:00Z")).Items.Select(item => item.Number("open")));
    }

    [Fact]
    public async Task Candle_that_is_open_now_is_there_and_marked_so()
    {
        await Ticks.PostAsync(shared, "XOM", (DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture), 117m));
        var day = (await shared.Operator.GetAsync("/api/v1/market/candles?symbol=xom&resolution=1d")).Is(200).Items[^1];
        Assert.Equal((117m, true), (day.Number("close"), day.GetProperty("isOpen").GetBoolean()));
    }

    [Fact]
    public async Task Root_means_the_front_contract_and_expired_contracts_keep_their_history()
    {
        await Ticks.PostAsync(shared, "PLV2020", ("2020-09-06T12:00:00Z", 900m));
        var front = await shared.FrontAsync("PL");
        Assert.Equal(front, (await shared.Operator.GetAsync("/api/v1/market/candles?symbol=PL")).Is(200).Json.Text("symbol"));
        Assert.Equal(900m, Assert.Single((await shared.Operator.GetAsync("/api/v1/market/candles?symbol=plv2020&resolution=4h")).Is(200).Items).Number("open"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_named_field_by_field()
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.GetAsync("/api/v1/market/candles?symbol=ES&resolution=2m&from=yesterday&to=2026-05-06T12:00:00+01:00&limit=5001"))
            .Invalid("resolution", "from", "to", "limit");
        (await client.GetAsync("/api/v1/market/candles?from=2026-05-06T12:00:00Z&to=2026-05-06T12:00:00Z&limit=0")).Invalid("symbol", "to", "limit");
        (await client.GetAsync("/api/v1/market/candles?symbol=NOPE")).Problem(404, "unknown-symbol");
        (await client.WithToken(null).GetAsync("/api/v1/market/candles?symbol=ES")).Problem(401, "unauthorized");
        Assert.Empty((await client.GetAsync("/api/v1/market/candles?symbol=HOZ2035")).Is(200).Items);
    }
}

/// <summary>Feeds quotes of one contract with times of their own.</summary>
internal static class Ticks
{
    /// <summary>In order, each with a volume of 2; returns when the last one is in the candles.</summary>
    public static async Task PostAsync(SharedNode shared, string symbol, params (string At, decimal Last)[] ticks)
    {
        (await shared.Operator.PostAsync(
            "/api/v1/market/ticks", ticks.Select(tick => new { symbol, bid = tick.Last, ask = tick.Last + 1m, last = tick.Last, volume = 2, at = tick.At }).ToArray())).Is(202);
        await Wait.UntilAsync(
            $"{symbol} at {ticks[^1].Last}", async () => (await shared.Operator.GetAsync($"/api/v1/market/candles?symbol={symbol}&resolution=1s&limit=1")).Is(200).Items,
            newest => newest is [var candle] && candle.Number("close") == ticks[^1].Last);
    }
}

using Microsoft.Extensions.Configuration;
using TradeActors.Api.Tests.Support;
using TradeActors.Market.Feeds;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Api.Tests.Market;

public sealed class ReplayTests : IDisposable
{
    private readonly TempData _data = new();

    private string File => Path.Combine(_data.Path, "quotes.csv");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Replayed_file_is_quoted_and_charted_with_its_own_times()
    {
        await System.IO.File.WriteAllTextAsync(
            File,
            "time,symbol,bid,ask,last,volume\n2026-05-06T14:00:00Z,ESM2026,5000,5000.25,5000,1\n2026-05-06T14:00:30Z,ESM2026,5001,5001.25,5001.25,2\nbad\n"
            + "2026-05-06T14:01:00Z,ESM2026,4999,4999.25,4999,3\n");
        await using var node = await TestNode.StartAsync(
            Path.Combine(_data.Path, "node"),
            change: settings => settings with { Feed = "replay", Replay = new ReplayOptions(File, Speed: 0, ReplayTimes.Original, SkipsBadLines: true) });
        var client = await node.NewTenantAsync();
        var candles = await Wait.UntilAsync(
            "two candles", async () => (await client.GetAsync("/api/v1/market/candles?symbol=CME:ESM2026")).Is(200).Items, items => items.Length == 2);
        Assert.Equal(
            [(5000m, 5001.25m, 5000m, 5001.25m, 3m), (4999m, 4999m, 4999m, 4999m, 3m)],
            candles.Select(item => (item.Number("open"), item.Number("high"), item.Number("low"), item.Number("close"), item.Number("volume"))));
        Assert.Contains(
            (await client.GetAsync("/api/v1/market/quotes")).Is(200).Items,
            quote => (quote.Text("symbol"), quote.Number("bid"), quote.Text("at")) == ("ESM2026", 4999m, "2026-05-06T14:01:00+00:00"));
    }

    [Fact]
    public async Task File_that_cannot_be_used_is_named_with_its_key_before_anything_is_made()
    {
        var data = Path.Combine(_data.Path, "node");
        var missing = await Assert.ThrowsAsync<SettingException>(
            () => TestNode.StartAsync(data, change: settings => settings with { Feed = "replay", Replay = new ReplayOptions(File) }));
        Assert.StartsWith($"tradeactors:market:replay:file = '{File}' cannot be used: ", missing.Message, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File, "when,what\n");
        var strange = await Assert.ThrowsAsync<SettingException>(
            () => TestNode.StartAsync(data, change: settings => settings with { Feed = "replay", Replay = new ReplayOptions(File) }));
        Assert.Contains("quotes.csv:1: there is no column 'time'", strange.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void Settings_are_read_and_wrong_ones_are_named()
    {
        Assert.Null(Read(("feed", "manual"), ("replay:file", "q.csv")));
        AssertRefused("replay:speed", ("feed", "manual"), ("replay:speed", "x")); // Every setting is checked, used or not.
        Assert.Equal(new ReplayOptions(Path.GetFullPath("q.csv")), Read(("feed", "replay"), ("replay:file", "q.csv")));
        Assert.Equal(
            new ReplayOptions(Path.GetFullPath("q.csv"), 0.5, ReplayTimes.Original, Loop: false, SkipsBadLines: true),
            Read(("feed", "Replay"), ("replay:file", "q.csv"), ("replay:speed", "0.5"), ("replay:times", "original"), ("replay:bad-lines", "skip")));
        Assert.True(Read(("feed", "replay"), ("replay:file", "q.csv"), ("replay:loop", "true"))!.Loop);
        AssertRefused("replay:file");
        AssertRefused("replay:speed", ("replay:file", "q.csv"), ("replay:speed", "-1"));
        AssertRefused("replay:times", ("replay:file", "q.csv"), ("replay:times", "then"));
        AssertRefused("replay:bad-lines", ("replay:file", "q.csv"), ("replay:bad-lines", "maybe"));
        AssertRefused("replay:loop", ("replay:file", "q.csv"), ("replay:loop", "true"), ("replay:times", "original"));

        static void AssertRefused(string key, params (string Key, string Value)[] settings) => Assert.Contains(
            $"tradeactors:market:{key}", Assert.Throws<SettingException>(() => Read(settings.Any(setting => setting.Key == "feed") ? settings : [("feed", "replay"), .. settings])).Message, StringComparison.Ordinal);

        static ReplayOptions? Read(params (string Key, string Value)[] settings) => NodeSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"tradeactors:market:{setting.Key}", (string?)setting.Value))).Build()).Replay;
    }

    [Fact]
    public void History_settings_have_defaults_and_say_how_long_candles_are_kept()
    {
        var history = NodeSettings.Read(new ConfigurationBuilder().Build()).History;
        Assert.Equal(new HistorySettings(), history);
        Assert.Equal(TimeSpan.FromDays(7), history.KeepFor(Domain.Market.CandleResolution.ThirtySeconds));
        Assert.Equal(TimeSpan.FromDays(400), history.KeepFor(Domain.Market.CandleResolution.OneMinute));
        Assert.Equal(TimeSpan.FromDays(400), history.KeepFor(Domain.Market.CandleResolution.FourHours));
        Assert.Null(history.KeepFor(Domain.Market.CandleResolution.OneDay));
    }
}

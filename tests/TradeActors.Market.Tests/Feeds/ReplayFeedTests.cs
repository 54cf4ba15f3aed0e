using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Domain.Market;
using TradeActors.Market.Feeds;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests.Feeds;

public sealed class ReplayFeedTests : IDisposable
{
    private const string Header = "time,symbol,bid,ask,last,bid_size,ask_size,volume\n";

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("tradeactors-replay-").FullName, "quotes.csv");
    private readonly ManualTime _time = new(Now);
    private readonly FakeMeters _meters = new();
    private readonly FakePublisher _publisher = new();

    public void Dispose()
    {
        _meters.Dispose();
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    [Fact]
    public async Task Columns_may_come_in_any_order_and_times_in_any_known_form()
    {
        await ReplayAsync(
            "Ask,Symbol, volume ,BID,time\n5000.5,ESM2026,3,5000,2026-05-05T14:00:00.250Z\n\n5001.5,\"ESM2026\",,5001,2026-05-05 16:00:01+02:00\n"
            + "5002.5,ESM2026,0,5002,1777989602\n5003.5,ESM2026,1e2,5003,1777989603500\n", new ReplayOptions(_path, Speed: 0, ReplayTimes.Original));
        var start = new DateTimeOffset(2026, 5, 5, 14, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            [
                new Quote(Es, 5000m, 5000.5m, 5000.25m, null, null, 3m, start.AddMilliseconds(250)),
                new Quote(Es, 5001m, 5001.5m, 5001.25m, null, null, null, start.AddSeconds(1)),
                new Quote(Es, 5002m, 5002.5m, 5002.25m, null, null, 0m, start.AddSeconds(2)),
                new Quote(Es, 5003m, 5003.5m, 5003.25m, null, null, 100m, start.AddSeconds(3.5)),
            ],
            _publisher.Published.Items);
    }

    [Fact]
    public async Task Times_are_those_of_now_or_of_the_file_and_a_root_means_the_front_at_that_time()
    {
        const string Lines = Header + "2025-05-05T14:00:00Z,ES,1,2,1.5,4,5,6\n";
        await ReplayAsync(Lines, new ReplayOptions(_path, Speed: 0));
        await ReplayAsync(Lines, new ReplayOptions(_path, Speed: 0, ReplayTimes.Original));
        Assert.Equal(
            [
                new Quote("ESM2026", 1m, 2m, 1.5m, 4m, 5m, 6m, Now),
                new Quote("ESM2025", 1m, 2m, 1.5m, 4m, 5m, 6m, new DateTimeOffset(2025, 5, 5, 14, 0, 0, TimeSpan.Zero)),
            ],
            _publisher.Published.Items);
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(60, 1)]
    [InlineData(0.5, 120)]
    public async Task Quotes_come_at_the_pace_of_the_file_divided_by_the_speed(double speed, int seconds)
    {
        await File.WriteAllTextAsync(_path, Header + Line(0) + Line(60) + Line(60) + Line(30) + Line(120));
        var running = Feed(new ReplayOptions(_path, speed)).RunAsync(_publisher, default);
        await _publisher.Published.CountAsync(1);
        await _time.ArmedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Single(_publisher.Published.Items);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _publisher.Published.CountAsync(4); // A time that runs backwards does not wait.
        await _time.ArmedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await running.OrFail(() => "the replay to end");
        Assert.Equal(
            [0, seconds, seconds, seconds, 2 * seconds], _publisher.Published.Items.Select(quote => (int)(quote.At - Now).TotalSeconds));
    }

    [Fact]
    public async Task Stop_ends_a_wait_normally()
    {
        await File.WriteAllTextAsync(_path, Header + Line(0) + Line(90 * 24 * 3600));
        using var stop = new CancellationTokenSource();
        var running = Feed(new ReplayOptions(_path)).RunAsync(_publisher, stop.Token);
        await _time.ArmedAsync(1);
        await stop.CancelAsync();
        await running.OrFail(() => "the replay to stop");
        Assert.Single(_publisher.Published.Items);
    }

    [Theory]
    [InlineData("2026-05-05T14:00:01Z,ESM2026,1,2,1,1,1", "quotes.csv:3: 7 fields, but 8 columns.")]
    [InlineData("yesterday,ESM2026,1,2,1,1,1,1", "quotes.csv:3: time 'yesterday' is neither ISO 8601 nor a Unix time of the years 2000 to 2035.")]
    [InlineData(",ESM2026,1,2,1,1,1,1", "quotes.csv:3: time '' is neither ISO 8601 nor a Unix time of the years 2000 to 2035.")]
    [InlineData("2026-05-05T14:00:01Z,,1,2,1,1,1,1", "quotes.csv:3: symbol is empty.")]
    [InlineData("2026-05-05T14:00:01Z,ESM2026,,2,1,1,1,1", "quotes.csv:3: bid is empty.")]
    [InlineData("2026-05-05T14:00:01Z,ESM2026,1,x,1,1,1,1", "quotes.csv:3: ask 'x' is not a number.")]
    [InlineData("2026-05-05T14:00:01Z,ESM2026,3,2,1,1,1,1", "quotes.csv:3: ESM2026: the bid 3 is above the ask 2.")]
    [InlineData("2026-05-05T14:00:01Z,NOPE,1,2,1,1,1,1", "quotes.csv:3: Unknown symbol 'NOPE'.")]
    public async Task Bad_line_ends_the_replay_with_file_and_line_or_is_skipped_and_counted(string bad, string error)
    {
        var lines = Header + Line(0) + bad + "\n" + Line(2);
        var thrown = await Assert.ThrowsAsync<FormatException>(() => ReplayAsync(lines, new ReplayOptions(_path, Speed: 0)));
        Assert.StartsWith(error, thrown.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1L), (_publisher.Published.Items.Count, _meters["replay.bad_lines"]));

        await ReplayAsync(lines, new ReplayOptions(_path, Speed: 0, SkipsBadLines: true));
        Assert.Equal((3, 2L), (_publisher.Published.Items.Count, _meters["replay.bad_lines"]));
    }

    [Theory]
    [InlineData("", "there is no column 'time'")]
    [InlineData("time,symbol,bid", "there is no column 'ask'")]
    [InlineData("time,symbol,bid,ask,price", "the column 'price' is not known")]
    [InlineData("time,symbol,bid,ask,bid", "a column is named twice")]
    public void File_without_a_good_first_line_is_refused(string header, string error)
    {
        File.WriteAllText(_path, header + "\n");
        Assert.StartsWith($"quotes.csv:1: {error}", Assert.Throws<FormatException>(() => ReplayFile.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loop_begins_again_at_the_end_and_a_file_without_quotes_ends_it()
    {
        await File.WriteAllTextAsync(_path, Header + Line(0) + Line(1));
        using var stop = new CancellationTokenSource();
        var running = Feed(new ReplayOptions(_path, Speed: 1, Loop: true)).RunAsync(_publisher, stop.Token);
        for (var round = 1; round <= 3; round++)
        {
            await _publisher.Published.CountAsync((2 * round) - 1);
            await _time.ArmedAsync(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await _publisher.Published.CountAsync(7);
        await stop.CancelAsync();
        await running.OrFail(() => "the replay to stop");
        await ReplayAsync(Header, new ReplayOptions(_path, Speed: 0, Loop: true)).OrFail(() => "an empty replay to end");
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused()
    {
        File.WriteAllText(_path, Header);
        Assert.Throws<ArgumentOutOfRangeException>(() => Feed(new ReplayOptions(_path, Speed: -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Feed(new ReplayOptions(_path, Speed: double.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Feed(new ReplayOptions(_path, Times: ReplayTimes.Original, Loop: true)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MarketOptions { Feed = MarketFeedKind.Replay }.Validate());
        var feed = Feed(new ReplayOptions(_path));
        Assert.Equal(("replay", false), (feed.Name, feed.AcceptsManualQuotes));
    }

    [Fact]
    public async Task Consumers_see_every_quote_however_slow_they_are_and_the_next_waits_for_them()
    {
        await using var given = await PipelineUnderTest.StartAsync(queueCapacity: 4);
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Hold(Es);
        await File.WriteAllTextAsync(_path, Header + string.Concat(Enumerable.Range(0, 200).Select(Line)));
        var running = Feed(new ReplayOptions(_path, Speed: 0)).RunAsync(given.Pipeline, default);
        await given.Shown.CountAsync(1);
        await given.PublishAsync(Quote(Nq, 1m)); // Overtakes, since the replay waits.
        Assert.Equal([Es, Nq], (await given.Shown.CountAsync(2)).Select(quote => quote.Symbol));
        given.Consumer.Release(Es);
        await running.OrFail(() => "the replay to end");
        Assert.Equal(Enumerable.Range(0, 200).Select(i => 100m + i), given.Consumer.Quotes.Select(quote => quote.Bid));
        Assert.Equal(0, given.Meters["conflated"]);
    }

    private static string Line(int second) => FormattableString.Invariant(
        $"{new DateTimeOffset(2026, 5, 5, 14, 0, 0, TimeSpan.Zero).AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ},{Es},{100 + second},{101 + second},{100 + second},1,1,1\n");

    private ReplayFeed Feed(ReplayOptions options) => new(options, _time, _meters, NullLogger<ReplayFeed>.Instance);

    private async Task ReplayAsync(string text, ReplayOptions options)
    {
        await File.WriteAllTextAsync(_path, text);
        await Feed(options).RunAsync(_publisher, default);
    }
}

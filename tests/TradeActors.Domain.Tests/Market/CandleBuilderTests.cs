using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Domain.Tests.Market;

public sealed class CandleBuilderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero); // A Wednesday.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(10);

    [Fact]
    public void Ticks_of_one_second_make_one_candle_of_every_resolution()
    {
        var given = new Built("ESM2026");
        given.Add(Noon.AddMilliseconds(100), 10m, volume: 2m);
        given.Add(Noon.AddMilliseconds(200), 12m, volume: null);
        given.Add(Noon.AddMilliseconds(300), 9m, volume: 3m);
        given.Add(Noon.AddMilliseconds(999), 11m, volume: 0m);
        Assert.Equal(CandleResolutions.All, given.All.Select(candle => candle.Resolution));
        Assert.All(given.All, candle => Assert.Equal(
            new Candle("ESM2026", candle.Resolution, candle.Start, 10m, 12m, 9m, 11m, 5m, 4, Noon.AddMilliseconds(100), Noon.AddMilliseconds(999)), candle));
    }

    [Theory]
    [InlineData(CandleResolution.OneSecond, "2026-05-06T15:47:38Z")]
    [InlineData(CandleResolution.FiveSeconds, "2026-05-06T15:47:35Z")]
    [InlineData(CandleResolution.FifteenSeconds, "2026-05-06T15:47:30Z")]
    [InlineData(CandleResolution.ThirtySeconds, "2026-05-06T15:47:30Z")]
    [InlineData(CandleResolution.OneMinute, "2026-05-06T15:47:00Z")]
    [InlineData(CandleResolution.FiveMinutes, "2026-05-06T15:45:00Z")]
    [InlineData(CandleResolution.FifteenMinutes, "2026-05-06T15:45:00Z")]
    [InlineData(CandleResolution.ThirtyMinutes, "2026-05-06T15:30:00Z")]
    [InlineData(CandleResolution.OneHour, "2026-05-06T15:00:00Z")]
    [InlineData(CandleResolution.FourHours, "2026-05-06T12:00:00Z")]
    [InlineData(CandleResolution.OneDay, "2026-05-06T00:00:00Z")]
    public void Candle_is_named_by_its_start_in_utc(CandleResolution resolution, string start)
    {
        var given = new Built("ESM2026");
        given.Add(new DateTimeOffset(2026, 5, 6, 15, 47, 38, 417, TimeSpan.Zero), 1m);
        Assert.Equal(DateTimeOffset.Parse(start), given.Of(resolution).Single().Start);
    }

    [Theory]
    // Chicago is at -6 until the second Sunday of March and from the first Sunday of November on, else at -5: the day turns at 23:00 or 22:00 UTC.
    [InlineData("ESM2026", "2026-03-06T22:59:59Z", "2026-03-06")] // Friday, winter: in the break, which belongs to the day that has just traded.
    [InlineData("ESM2026", "2026-03-06T23:00:00Z", "2026-03-09")] // After Friday's 17:00 nothing trades until Sunday: Monday's bar.
    [InlineData("ESM2026", "2026-03-08T21:59:59Z", "2026-03-09")] // The clocks have changed in the morning.
    [InlineData("ESM2026", "2026-03-09T21:59:59Z", "2026-03-09")] // Monday, summer.
    [InlineData("ESM2026", "2026-03-09T22:00:00Z", "2026-03-10")]
    [InlineData("ESZ2026", "2026-10-30T21:59:59Z", "2026-10-30")] // Friday, summer.
    [InlineData("ESZ2026", "2026-10-30T22:00:00Z", "2026-11-02")]
    [InlineData("ESZ2026", "2026-11-02T22:59:59Z", "2026-11-02")] // Monday, winter.
    [InlineData("ESZ2026", "2026-11-02T23:00:00Z", "2026-11-03")]
    [InlineData("ESZ2026", "2026-09-07T18:00:00Z", "2026-09-08")] // Labor Day's session counts for Tuesday.
    [InlineData("ZCZ2026", "2026-05-06T23:59:59Z", "2026-05-06")] // Grains open at 19:00 Chicago.
    [InlineData("ZCZ2026", "2026-05-07T00:00:00Z", "2026-05-07")]
    [InlineData("AAPL", "2026-05-06T03:59:59Z", "2026-05-05")] // Stocks turn at midnight in New York.
    [InlineData("AAPL", "2026-05-06T04:00:00Z", "2026-05-06")]
    [InlineData("AAPL", "2026-03-08T04:59:59Z", "2026-03-09")] // A Saturday evening counts for Monday.
    [InlineData("BTCUSDT", "2026-03-08T23:59:59Z", "2026-03-08")]
    [InlineData("BTCUSDT", "2026-03-09T00:00:00Z", "2026-03-09")]
    public void Daily_candle_is_stamped_on_the_day_its_session_ends(string symbol, string at, string day)
    {
        var given = new Built(symbol);
        given.Add(DateTimeOffset.Parse(at), 1m);
        Assert.Equal(DateTimeOffset.Parse($"{day}T00:00:00Z"), given.Of(CandleResolution.OneDay).Single().Start);
    }

    [Theory]
    [InlineData("2026-03-07T00:00:00Z")] // Over the change to summer time,
    [InlineData("2026-10-31T00:00:00Z")] // and back.
    public void Days_over_a_clock_change_are_the_sums_of_their_hours(string from)
    {
        var given = new Built("ESZ2026");
        var start = DateTimeOffset.Parse(from);
        for (var minutes = 0; minutes < 4 * 24 * 60; minutes += 7)
        {
            given.Add(start.AddMinutes(minutes), 100m + (minutes % 13), volume: 1m);
        }

        // The trading date turns on a whole hour: no hour lies in two days.
        var calendar = InstrumentCatalog.FindContract("ESZ2026")!.Instrument;
        var sums = given.Of(CandleResolution.OneHour)
            .GroupBy(hour => CandleTime.StartOf(CandleResolution.OneDay, calendar, hour.Start))
            .Select(hours => (hours.Key, hours.First().Open, hours.Max(h => h.High), hours.Min(h => h.Low), hours.Last().Close, hours.Sum(h => h.Volume)));
        Assert.Equal(sums, given.Of(CandleResolution.OneDay).Select(day => (day.Start, day.Open, day.High, day.Low, day.Close, day.Volume)));
        Assert.Equal(3, given.Of(CandleResolution.OneDay).Length);
    }

    [Fact]
    public void Seconds_without_a_tick_have_no_candle()
    {
        var given = new Built("ESM2026");
        given.Add(Noon, 1m);
        given.Add(Noon.AddSeconds(7), 2m);
        Assert.Equal([Noon, Noon.AddSeconds(7)], given.Of(CandleResolution.OneSecond).Select(candle => candle.Start));
        Assert.Equal([Noon, Noon.AddSeconds(5)], given.Of(CandleResolution.FiveSeconds).Select(candle => candle.Start));
    }

    [Fact]
    public void Late_tick_amends_the_candles_of_its_own_time()
    {
        var given = new Built("ESM2026");
        given.Add(Noon.AddSeconds(1), 10m, volume: 1m);
        given.Add(Noon.AddSeconds(1.5), 11m, volume: 1m);
        given.Add(Noon.AddSeconds(9), 20m, volume: 1m);
        Assert.Equal(CandleVerdict.Taken, given.Add(Noon.AddSeconds(1.2), 15m, volume: 4m));
        Assert.Equal(CandleVerdict.Taken, given.Add(Noon.AddSeconds(1), 9m, volume: 0m)); // The same time as the first: it came later, and does not open.
        var second = given.Of(CandleResolution.OneSecond)[0];
        Assert.Equal((10m, 15m, 9m, 11m, 6m, 4L), (second.Open, second.High, second.Low, second.Close, second.Volume, second.Ticks));
        var minute = given.Of(CandleResolution.OneMinute).Single();
        Assert.Equal((10m, 20m, 9m, 20m, 7m, 5L), (minute.Open, minute.High, minute.Low, minute.Close, minute.Volume, minute.Ticks));
    }

    [Fact]
    public void Tick_earlier_than_the_first_opens_and_one_at_the_time_of_the_last_closes()
    {
        var given = new Built("ESM2026");
        given.Add(Noon.AddSeconds(2), 10m);
        given.Add(Noon.AddSeconds(1), 8m);
        given.Add(Noon.AddSeconds(2), 12m);
        var minute = given.Of(CandleResolution.OneMinute).Single();
        Assert.Equal((8m, 12m), (minute.Open, minute.Close));
    }

    [Fact]
    public void Tick_later_than_allowed_is_in_no_candle()
    {
        var given = new Built("ESM2026");
        given.Add(Noon.AddSeconds(30), 10m);
        var before = given.All;
        Assert.Equal(CandleVerdict.Late, given.Add(Noon.AddSeconds(30) - Lateness - TimeSpan.FromMilliseconds(1), 5m));
        Assert.Equal(before, given.All);
        Assert.Equal(CandleVerdict.Taken, given.Add(Noon.AddSeconds(30) - Lateness, 5m));
        Assert.Equal(5m, given.Of(CandleResolution.OneMinute).Single().Low);
    }

    [Fact]
    public void Tick_far_ahead_of_our_clock_does_not_make_everything_after_it_late()
    {
        var given = new Built("ESM2026");
        given.Add(Noon, 10m);
        Assert.Equal(CandleVerdict.Ahead, given.Add(Noon + CandleBuilder.MostAhead + TimeSpan.FromSeconds(1), 11m, receivedAt: Noon));
        Assert.Equal(CandleVerdict.Taken, given.Add(Noon + CandleBuilder.MostAhead, 12m, receivedAt: Noon));
        Assert.Equal(CandleVerdict.Late, given.Add(Noon, 13m, receivedAt: Noon)); // A minute behind the newest.
        Assert.Equal(2, given.Of(CandleResolution.OneMinute).Length);
    }

    [Fact]
    public void Quote_without_a_last_trade_makes_no_candle()
    {
        var given = new Built("ESM2026");
        Assert.Equal(CandleVerdict.NoTrade, given.Add(Noon, 0m));
        Assert.Empty(given.All);
    }

    [Fact]
    public void Negative_prices_are_prices()
    {
        var given = new Built("CLM2026");
        given.Add(Noon, -37.63m);
        given.Add(Noon, 1m);
        Assert.Equal((-37.63m, 1m), (given.Of(CandleResolution.OneDay).Single().Low, given.Of(CandleResolution.OneDay).Single().High));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_order_within_the_lateness_gives_the_same_candles_and_each_is_the_sum_of_the_shorter_ones(ulong seed)
    {
        var random = new Pcg32(seed);
        var ticks = Enumerable.Range(0, 3_000)
            .Select(i => (At: Noon.AddMilliseconds((i * 337) + random.Next(300)), Price: 100m + random.Next(50), Volume: (decimal)random.Next(9))).ToArray();
        var inOrder = new Built("ESM2026");
        var shuffled = new Built("ESM2026");
        Array.ForEach(ticks, tick => inOrder.Add(tick.At, tick.Price, tick.Volume));
        foreach (var tick in ticks.OrderBy(tick => tick.At.AddMilliseconds(random.Next((int)Lateness.TotalMilliseconds))))
        {
            Assert.Equal(CandleVerdict.Taken, shuffled.Add(tick.At, tick.Price, tick.Volume));
        }

        Assert.Equal(inOrder.All, shuffled.All);
        foreach (var resolution in CandleResolutions.All[1..])
        {
            var instrument = InstrumentCatalog.FindContract("ESM2026")!.Instrument;
            var rolledUp = inOrder.Of(CandleResolution.OneSecond)
                .GroupBy(second => CandleTime.StartOf(resolution, instrument, second.Start))
                .Select(seconds => new Candle(
                    "ESM2026", resolution, seconds.Key, seconds.First().Open, seconds.Max(s => s.High), seconds.Min(s => s.Low), seconds.Last().Close,
                    seconds.Sum(s => s.Volume), seconds.Sum(s => s.Ticks), seconds.First().FirstAt, seconds.Last().LastAt));
            Assert.Equal(rolledUp, inOrder.Of(resolution));
        }
    }

    [Fact]
    public void Builder_that_resumes_goes_on_with_what_is_stored_and_counts_nothing_twice()
    {
        var whole = new Built("ESM2026");
        var before = new Built("ESM2026");
        for (var i = 0; i < 100; i++)
        {
            var at = Noon.AddMilliseconds(730 * i);
            whole.Add(at, 100m + (i % 7), volume: 1m);
            if (i < 60)
            {
                before.Add(at, 100m + (i % 7), volume: 1m);
            }
        }

        var after = before.Restart();
        for (var i = 50; i < 100; i++) // The feed repeats ten.
        {
            Assert.Equal(i < 60 ? CandleVerdict.Late : CandleVerdict.Taken, after.Add(Noon.AddMilliseconds(730 * i), 100m + (i % 7), volume: 1m));
        }

        Assert.Equal(whole.All, after.All);
    }

    [Fact]
    public void Resolution_is_found_by_the_name_it_is_shown_with_and_by_no_other()
    {
        Assert.Equal(["1s", "5s", "15s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d"], CandleResolutions.All.Select(CandleResolutions.NameOf));
        Assert.All(CandleResolutions.All, resolution => Assert.Equal(resolution, CandleResolutions.Parse(CandleResolutions.NameOf(resolution))));
        Assert.All((string?[])["1M", "60m", "", null, "1"], name => Assert.Null(CandleResolutions.Parse(name)));
    }

    [Fact]
    public void Candle_is_open_until_its_time_is_over()
    {
        var given = new Built("ESM2026");
        given.Add(Noon, 1m);
        var instrument = InstrumentCatalog.FindContract("ESM2026")!.Instrument;
        var (minute, day) = (given.Of(CandleResolution.OneMinute).Single(), given.Of(CandleResolution.OneDay).Single());
        Assert.True(CandleTime.IsOpen(minute, instrument, Noon.AddSeconds(59.9)));
        Assert.False(CandleTime.IsOpen(minute, instrument, Noon.AddSeconds(60)));
        Assert.True(CandleTime.IsOpen(day, instrument, Noon.AddHours(9.9)));
        Assert.False(CandleTime.IsOpen(day, instrument, Noon.AddHours(10)));
    }

    /// <summary>A builder, and every candle as a store would hold it.</summary>
    private sealed class Built(string symbol)
    {
        private readonly SortedDictionary<(CandleResolution, DateTimeOffset), Candle> _candles = [];
        private readonly CandleBuilder _builder = new(InstrumentCatalog.FindContract(symbol)!, Lateness);

        public Candle[] All => [.. _candles.Values];

        public Candle[] Of(CandleResolution resolution) => [.. _candles.Values.Where(candle => candle.Resolution == resolution)];

        public CandleVerdict Add(DateTimeOffset at, decimal last, decimal? volume = null, DateTimeOffset? receivedAt = null)
        {
            var changed = new List<Candle>();
            var verdict = _builder.Add(new Quote(symbol, last, last + 1m, last, null, null, volume, at), receivedAt ?? at, changed);
            changed.ForEach(candle => _candles[(candle.Resolution, candle.Start)] = candle);
            return verdict;
        }

        public Built Restart()
        {
            var restarted = new Built(symbol);
            Array.ForEach(All, candle => restarted._candles.Add((candle.Resolution, candle.Start), candle));
            restarted._builder.Resume(All.GroupBy(candle => candle.Resolution).Select(candles => candles.Last()));
            return restarted;
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests;

public sealed class CandleKeeperTests
{
    private static readonly CandleQuery Minutes = new(Es, CandleResolution.OneMinute);

    [Fact]
    public async Task Candles_are_seen_at_once_and_stored_once_per_interval()
    {
        using var given = await Keeping.StartAsync();
        given.Add(Quote(Es, 1m), Quote(Es, 3m), Quote(Nq, 7m));
        var minute = Assert.Single(await given.Keeper.ListAsync(Minutes, default));
        Assert.Equal((1m, 3m, 1m, 3m, 2m, 2L), (minute.Open, minute.High, minute.Low, minute.Close, minute.Volume, minute.Ticks));
        Assert.Empty(given.Store.Saved);

        await given.SaveAsync();
        Assert.Equal(22, given.Store.Saved.Count); // Two contracts in eleven resolutions.
        Assert.Equal(0, given.Meters["candles.unsaved"]);
        Assert.Equal([minute], await given.Keeper.ListAsync(Minutes, default));
    }

    [Fact]
    public async Task Changes_are_stored_once_per_interval_and_at_the_end()
    {
        using var given = await Keeping.StartAsync();
        using var stopping = new CancellationTokenSource();
        var running = given.Keeper.RunAsync(stopping.Token);
        given.Add(Quote(Es, 1m), Quote(Es, 2m));
        await given.Time.ArmedAsync(1);
        given.Time.Advance(CandleKeeper.SaveInterval);
        await given.Store.Saves.CountAsync(1);
        Assert.Equal(11, given.Store.Saved.Count);

        given.Add(Quote(Nq, 1m));
        await stopping.CancelAsync();
        await running.OrFail(() => "the keeper to stop");
        Assert.Equal((22, 2), (given.Store.Saved.Count, given.Store.Saves.Items.Count));
    }

    [Fact]
    public async Task Every_quote_of_a_pipeline_reaches_the_candles_and_a_stop_stores_them()
    {
        using var given = await Keeping.StartAsync();
        var pipeline = new MarketPipeline(
            new MarketOptions(), new FakeQuoteStore(), new FakeConsumer(), given.Time, given.Meters, NullLogger<MarketPipeline>.Instance, given.Keeper);
        await pipeline.StartAsync(default);
        await pipeline.PublishAsync(Quote("ES", 1m), default); // The root: its front.
        await pipeline.PublishAsync(Quote(Es, 2m), default);
        await pipeline.DisposeAsync().AsTask().OrFail(() => "the pipeline to stop");
        Assert.Equal(2, (await given.Store.ListAsync(Minutes, default)).Single().Ticks);
    }

    [Fact]
    public async Task Restart_goes_on_with_the_open_candle()
    {
        var store = new FakeCandleStore();
        using (var before = await Keeping.StartAsync(store))
        {
            before.Add(Quote(Es, 5m));
            await before.SaveAsync();
        }

        using var after = await Keeping.StartAsync(store);
        after.Add(Quote(Es, 9m), Quote(Es, 7m) with { At = Now.AddSeconds(1) });
        var minute = Assert.Single(await after.Keeper.ListAsync(Minutes, default));
        Assert.Equal((5m, 7m, 5m, 7m, 2L), (minute.Open, minute.High, minute.Low, minute.Close, minute.Ticks));
        Assert.Equal(1, after.Meters["candles.left_out:late"]); // At the time of the last one stored: it may be that one.
    }

    [Fact]
    public async Task Late_quote_amends_a_stored_candle_and_is_stored_again()
    {
        using var given = await Keeping.StartAsync();
        given.Add(Quote(Es, 1m), Quote(Es, 2m) with { At = Now.AddSeconds(30) });
        await given.SaveAsync();
        given.Add(Quote(Es, 8m) with { At = Now.AddSeconds(0.2) });
        await given.SaveAsync();
        var second = (await given.Store.ListAsync(new(Es, CandleResolution.OneSecond), default))[0];
        Assert.Equal((1m, 8m, 2L), (second.Open, second.High, second.Ticks));
    }

    [Fact]
    public async Task Quotes_that_are_in_no_candle_are_counted_by_reason()
    {
        using var given = await Keeping.StartAsync();
        given.Add(
            Quote(Es, 1m), Quote(Es, 2m) with { At = Now.AddHours(-1) }, Quote(Es, 2m) with { At = Now.AddHours(1) }, Quote(Es, 2m) with { Last = 0m });
        Assert.Equal(1, Assert.Single(await given.Keeper.ListAsync(Minutes, default)).Ticks);
        Assert.Equal(
            (1L, 1L, 1L), (given.Meters["candles.left_out:late"], given.Meters["candles.left_out:ahead"], given.Meters["candles.left_out:no_trade"]));
    }

    [Fact]
    public async Task Failed_save_is_tried_again_with_the_newest_state()
    {
        using var given = await Keeping.StartAsync();
        given.Store.Fault = new JournalUnavailableException("On purpose.");
        given.Add(Quote(Es, 1m));
        await given.SaveAsync();
        Assert.Empty(given.Store.Saved);

        given.Store.Fault = null;
        given.Add(Quote(Es, 2m));
        await given.SaveAsync();
        Assert.Equal(2, Assert.Single(await given.Store.ListAsync(Minutes, default)).Ticks);
        Assert.Equal(1, given.Meters["candles.failed_saves"]);
    }

    [Fact]
    public async Task Candle_that_changes_while_it_is_being_stored_is_stored_again_and_seen_in_its_newest_state()
    {
        using var given = await Keeping.StartAsync();
        given.Add(Quote(Es, 1m));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        given.Store.Hold = held.Task;
        var saving = given.SaveAsync();
        given.Add(Quote(Es, 2m));
        held.SetResult();
        await saving;
        given.Store.Hold = Task.CompletedTask;
        Assert.Equal(1, (await given.Store.ListAsync(Minutes, default)).Single().Ticks);
        Assert.Equal(2, (await given.Keeper.ListAsync(Minutes, default)).Single().Ticks);

        await given.SaveAsync();
        Assert.Equal(2, (await given.Store.ListAsync(Minutes, default)).Single().Ticks);
    }

    [Fact]
    public async Task Full_room_sheds_seconds_first_and_says_how_many()
    {
        using var given = await Keeping.StartAsync(mostUnsaved: 40);
        given.Store.Fault = new JournalUnavailableException("On purpose.");
        for (var i = 0; i < 70; i++)
        {
            given.Add(Quote(Es, 100m + i) with { At = Now.AddSeconds(i) });
            given.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(20 + 1, given.Meters["candles.unsaved"]); // Half the room, and the second minute.
        Assert.Equal([159m, 169m], (await given.Keeper.ListAsync(Minutes, default)).Select(candle => candle.High));
        Assert.True(given.Meters["candles.lost"] > 60);

        given.Store.Fault = null;
        await given.SaveAsync();
        given.Add(Quote(Es, 99m) with { At = Now.AddSeconds(69) });
        Assert.Equal(2, (await given.Keeper.ListAsync(new(Es, CandleResolution.OneSecond, Newest: true, Limit: 1), default)).Single().Ticks);
    }

    [Fact]
    public async Task Large_savings_are_cut_between_contracts()
    {
        using var given = await Keeping.StartAsync();
        for (var i = 0; i < 60; i++)
        {
            foreach (var symbol in (string[])[Es, Nq, "AAPL", "BTCUSDT", "CLM2026", "GCM2026", "MSFT"])
            {
                given.Add(Quote(symbol, 100m + i) with { At = Now.AddSeconds(i) });
            }
        }

        await given.SaveAsync();
        Assert.Equal(2, given.Store.Saves.Items.Count); // 85 candles each: six contracts, then one.
        Assert.Equal(7 * (60 + 12 + 4 + 2 + 7), given.Store.Saved.Count);
    }

    [Fact]
    public async Task List_joins_stored_and_unsaved_candles_and_keeps_the_limit()
    {
        using var given = await Keeping.StartAsync();
        given.Add(Quote(Es, 1m), Quote(Es, 2m) with { At = Now.AddSeconds(1) });
        await given.SaveAsync();
        given.Add(Quote(Es, 3m) with { At = Now.AddSeconds(2) }, Quote(Es, 4m) with { At = Now.AddSeconds(3) });
        Assert.Equal([1m, 2m, 3m, 4m], await ClosesAsync(new(Es, CandleResolution.OneSecond)));
        Assert.Equal([1m, 2m, 3m], await ClosesAsync(new(Es, CandleResolution.OneSecond, Limit: 3)));
        Assert.Equal([2m, 3m, 4m], await ClosesAsync(new(Es, CandleResolution.OneSecond, Limit: 3, Newest: true)));
        Assert.Equal([2m, 3m], await ClosesAsync(new(Es, CandleResolution.OneSecond, Now.AddSeconds(1), Now.AddSeconds(3))));

        async Task<decimal[]> ClosesAsync(CandleQuery query) => [.. (await given.Keeper.ListAsync(query, default)).Select(candle => candle.Close)];
    }

    /// <summary>A keeper over a fake store.</summary>
    private sealed class Keeping : IDisposable
    {
        private Keeping(FakeCandleStore store, int mostUnsaved)
        {
            Store = store;
            Keeper = new CandleKeeper(store, TimeSpan.FromMinutes(1), Time, Meters, NullLogger<CandleKeeper>.Instance, mostUnsaved);
        }

        public FakeCandleStore Store { get; }

        public FakeMeters Meters { get; } = new();

        public ManualTime Time { get; } = new(Now);

        public CandleKeeper Keeper { get; }

        public static async Task<Keeping> StartAsync(FakeCandleStore? store = null, int mostUnsaved = CandleKeeper.MostUnsaved)
        {
            var started = new Keeping(store ?? new FakeCandleStore(), mostUnsaved);
            await started.Keeper.LoadAsync(default);
            return started;
        }

        public void Add(params Quote[] quotes) => Array.ForEach(quotes, Keeper.Add);

        public Task SaveAsync() => Keeper.SaveAsync();

        public void Dispose() => Meters.Dispose();
    }
}

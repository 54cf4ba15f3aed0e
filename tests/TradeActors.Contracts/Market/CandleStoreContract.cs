using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Contracts.Market;

/// <summary>What every engine of <see cref="ICandleStore"/> must do.</summary>
public abstract class CandleStoreContract(IStoreData data) : StoreContract(data)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private ICandleStore Candles => Store.Candles;

    [Fact]
    public async Task Candles_come_back_exactly_also_after_a_restart()
    {
        Candle[] candles =
        [
            new("CLM2026", CandleResolution.OneSecond, Noon, -37.63m, 79_228_162_514_264_337_593_543_950_335m, -40.00m, 0.00000001m, 12.50m, long.MaxValue,
                Noon.AddMilliseconds(1), Noon.AddMilliseconds(999)),
            Candle(CandleResolution.OneSecond, 1),
        ];
        await Candles.SaveAsync(candles[..1], default);
        await Candles.SaveAsync(candles[1..], default);
        await RestartAsync();
        Assert.Equal(candles[..1], await Candles.ListAsync(new("CLM2026", CandleResolution.OneSecond), default));
        Assert.Equal(candles[1..], await Candles.ListAsync(new("ESM2026", CandleResolution.OneSecond), default));
    }

    [Fact]
    public async Task Candle_that_is_saved_again_is_replaced_also_within_one_call()
    {
        var candle = Candle(CandleResolution.OneMinute, 0);
        await Candles.SaveAsync([candle], default);
        await Candles.SaveAsync([candle with { Close = 2m, Ticks = 2 }, candle with { Close = 3m, Ticks = 3 }], default);
        Assert.Equal([candle with { Close = 3m, Ticks = 3 }], await Candles.ListAsync(new("ESM2026", CandleResolution.OneMinute), default));
    }

    [Fact]
    public async Task List_holds_one_contract_and_resolution_between_from_and_before_to_in_order()
    {
        await Candles.SaveAsync(
            [
                .. Enumerable.Range(0, 10).Reverse().Select(i => Candle(CandleResolution.OneSecond, i)),
                Candle(CandleResolution.FiveSeconds, 5), Candle(CandleResolution.OneSecond, 5) with { Symbol = "ESM2027" },
            ],
            default);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], await ListAsync(null, null));
        Assert.Equal([3, 4, 5, 6], await ListAsync(3, 7));
        Assert.Equal([3, 4], await ListAsync(3, 7, limit: 2));
        Assert.Equal([5, 6], await ListAsync(3, 7, limit: 2, newest: true));
        Assert.Equal([3, 4, 5, 6], await ListAsync(3, 7, limit: 4, newest: true));
        Assert.Equal([0], await ListAsync(null, 1));
        Assert.Equal([9], await ListAsync(9, null));
        Assert.Empty(await ListAsync(10, null));
        Assert.Empty(await ListAsync(5, 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ListAsync(null, null, limit: 0));
    }

    [Fact]
    public async Task Newest_candle_of_each_contract_and_resolution_is_found()
    {
        Assert.Empty(await Candles.LoadNewestAsync(default));
        string[] symbols = ["AAPL", "ESM2026", "ESM2027"];
        await Candles.SaveAsync(
            [
                .. from symbol in symbols
                   from i in Enumerable.Range(0, 3)
                   from resolution in (CandleResolution[])[CandleResolution.OneSecond, CandleResolution.OneDay]
                   select Candle(resolution, i) with { Symbol = symbol },
            ],
            default);
        Assert.Equal(
            [
                .. from symbol in symbols
                   from resolution in (CandleResolution[])[CandleResolution.OneSecond, CandleResolution.OneDay]
                   select Candle(resolution, 2) with { Symbol = symbol },
            ],
            (await Candles.LoadNewestAsync(default)).OrderBy(candle => candle.Symbol).ThenBy(candle => candle.Resolution));
    }

    [Fact]
    public async Task Trim_removes_what_starts_before_a_time_in_one_resolution_of_every_contract_little_by_little()
    {
        string[] symbols = ["AAPL", "ESM2026"];
        await Candles.SaveAsync([.. symbols.SelectMany(symbol => Enumerable.Range(0, 5).Select(i => Candle(CandleResolution.OneSecond, i) with { Symbol = symbol }))], default);
        await Candles.SaveAsync([Candle(CandleResolution.OneMinute, 0)], default);
        var removed = new List<int>();
        do
        {
            removed.Add(await Candles.TrimAsync(CandleResolution.OneSecond, Noon.AddSeconds(3), most: 4, default));
        }
        while (removed[^1] > 0);

        Assert.Equal([4, 2, 0], removed);
        Assert.Equal([3, 4], await ListAsync(null, null));
        Assert.Equal(2, (await Candles.ListAsync(new("AAPL", CandleResolution.OneSecond), default)).Count);
        Assert.Single(await Candles.ListAsync(new("ESM2026", CandleResolution.OneMinute), default));
    }

    [Fact]
    public async Task Failed_save_stores_none()
    {
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Candles.SaveAsync([Candle(CandleResolution.OneSecond, 0), Candle(CandleResolution.OneSecond, 1)], default));
        Assert.Empty(await ListAsync(null, null));
        await Candles.SaveAsync([], default);
    }

    private static Candle Candle(CandleResolution resolution, int seconds) => new(
        "ESM2026", resolution, Noon.AddSeconds(seconds), 1m, 4m, 0.25m, 2m, 10m, 5, Noon.AddSeconds(seconds), Noon.AddSeconds(seconds).AddMilliseconds(500));

    private async Task<IEnumerable<int>> ListAsync(int? from, int? to, int limit = 100, bool newest = false) =>
    [
        .. (await Candles.ListAsync(
            new CandleQuery("ESM2026", CandleResolution.OneSecond, Second(from), Second(to), limit, newest), default))
            .Select(candle => (int)(candle.Start - Noon).TotalSeconds),
    ];

    private static DateTimeOffset? Second(int? seconds) => seconds is { } value ? Noon.AddSeconds(value) : null;
}

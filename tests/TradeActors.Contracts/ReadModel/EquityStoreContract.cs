using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using Xunit;

namespace TradeActors.Contracts.ReadModel;

/// <summary>What every engine of <see cref="IEquityStore"/> must do.</summary>
public abstract class EquityStoreContract(IStoreData data) : StoreContract(data)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);
    private static readonly EquityQuery Mine = new("acme", "a1");

    private IEquityStore Equity => Store.Equity;

    [Fact]
    public async Task Points_come_back_exactly_in_order_of_their_times_also_after_a_restart()
    {
        var exact = Point(0) with { Balance = 99_999.120000000000000000000001m, Equity = -0.50m, At = Noon.AddMilliseconds(1) };
        await Equity.SaveAsync([Point(60), exact, Point(30) with { Tenant = "other" }, Point(30) with { Account = "a2" }], default);
        await RestartAsync();
        Assert.Equal([exact, Point(60)], await Equity.ListAsync(Mine, default));
    }

    [Fact]
    public async Task Later_point_of_the_same_time_wins()
    {
        await Equity.SaveAsync([Point(0), Point(0) with { Equity = 7m }], default);
        await Equity.SaveAsync([Point(0) with { Equity = 8m }], default);
        Assert.Equal([Point(0) with { Equity = 8m }], await Equity.ListAsync(Mine, default));
    }

    [Fact]
    public async Task List_begins_with_from_and_ends_before_to_and_keeps_the_limit_at_either_end()
    {
        await Equity.SaveAsync([.. Enumerable.Range(0, 10).Select(Point)], default);
        Assert.Equal([3, 4, 5, 6], await SecondsAsync(Mine with { From = Noon.AddSeconds(3), To = Noon.AddSeconds(7) }));
        Assert.Equal([3, 4], await SecondsAsync(Mine with { From = Noon.AddSeconds(3), To = Noon.AddSeconds(7), Limit = 2 }));
        Assert.Equal([5, 6], await SecondsAsync(Mine with { From = Noon.AddSeconds(3), To = Noon.AddSeconds(7), Limit = 2, Newest = true }));
        Assert.Empty(await SecondsAsync(Mine with { From = Noon.AddSeconds(10) }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SecondsAsync(Mine with { Limit = 0 }));
    }

    [Fact]
    public async Task Of_each_step_the_last_point_is_listed_with_its_own_values()
    {
        await Equity.SaveAsync([.. ((int[])[0, 59, 60, 61, 119, 180, 400]).Select(Point)], default);
        Assert.Equal([Point(59), Point(119), Point(180), Point(400)], await Equity.ListAsync(Mine with { StepSeconds = 60 }, default));
        Assert.Equal([59, 119], await SecondsAsync(Mine with { StepSeconds = 60, Limit = 2 }));
        Assert.Equal([180, 400], await SecondsAsync(Mine with { StepSeconds = 60, Limit = 2, Newest = true }));
        Assert.Equal([119, 180], await SecondsAsync(Mine with { StepSeconds = 120, From = Noon.AddSeconds(60), To = Noon.AddSeconds(200) }));
    }

    [Fact]
    public async Task Thinning_keeps_the_last_point_of_each_hour_and_everything_that_is_younger()
    {
        int[] seconds = [0, 10, 3_599, 3_600, 9_000, 10_000, 10_799, 10_800, 10_801];
        await Equity.SaveAsync([.. seconds.Select(Point), .. seconds.Select(second => Point(second) with { Account = "a2" })], default);
        var removed = new List<int>();
        do
        {
            removed.Add(await Equity.ThinAsync(Noon.AddSeconds(10_801), most: 5, default));
        }
        while (removed[^1] > 0);

        Assert.Equal([5, 5, 0], removed); // 10800 has a later one in its hour, which is younger and stays.
        Assert.Equal([3_599, 3_600, 10_799, 10_801], await SecondsAsync(Mine));
        Assert.Equal([3_599, 3_600, 10_799, 10_801], await SecondsAsync(Mine with { Account = "a2" }));
    }

    [Fact]
    public async Task Failed_save_stores_none()
    {
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Equity.SaveAsync([Point(0), Point(1)], default));
        Assert.Empty(await SecondsAsync(Mine));
        await Equity.SaveAsync([], default);
    }

    private static EquityPoint Point(int second) => new("acme", "a1", Noon.AddSeconds(second), 1_000m + second, 2_000m - second);

    private async Task<IEnumerable<int>> SecondsAsync(EquityQuery query) =>
        (await Equity.ListAsync(query, default)).Select(point => (int)(point.At - Noon).TotalSeconds);
}

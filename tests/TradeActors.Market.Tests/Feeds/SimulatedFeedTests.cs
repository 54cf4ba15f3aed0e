using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Market.Feeds;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests.Feeds;

public sealed class SimulatedFeedTests
{
    private const int Contracts = 16;
    private static readonly DateTimeOffset Saturday = new(2026, 5, 9, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Same_seed_and_clock_give_the_same_quotes_and_another_seed_does_not()
    {
        var first = await QuotesOfAsync(seed: 7);
        Assert.Equal(first, await QuotesOfAsync(seed: 7));
        Assert.NotEqual(first, await QuotesOfAsync(seed: 8));
    }

    [Fact]
    public async Task Every_contract_gets_an_initial_quote_and_then_as_many_a_second_as_set()
    {
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 20 });
        var initial = await feed.Publisher.Published.CountAsync(Contracts);
        Assert.Equal(SimulatedMarket.DefaultContracts(Now).Select(contract => contract.Symbol), initial.Select(quote => quote.Symbol));
        Assert.All(initial, quote => Assert.NotNull(QuoteRules.Check(quote, Now).Accepted));

        for (var i = 1; i <= 20; i++)
        {
            feed.Time.Advance(TimeSpan.FromMilliseconds(50));
            await feed.Publisher.Published.CountAsync(Contracts + i);
        }

        Assert.Equal(Contracts + 20, feed.Publisher.Published.Items.Count);
        Assert.Equal(Now.AddSeconds(1), feed.Publisher.Published.Items[^1].At);
    }

    [Fact]
    public async Task High_rate_comes_several_quotes_at_a_time()
    {
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 75 });
        await feed.Publisher.Published.CountAsync(Contracts);
        feed.Time.Advance(TimeSpan.FromMilliseconds(20));
        await feed.Publisher.Published.CountAsync(Contracts + 1);
        feed.Time.Advance(TimeSpan.FromMilliseconds(20));
        await feed.Publisher.Published.CountAsync(Contracts + 3);
        await feed.StopAsync();
        Assert.Equal(Contracts + 3, feed.Publisher.Published.Items.Count);
    }

    [Fact]
    public async Task Prices_go_on_from_the_stored_quotes_which_are_not_published_again()
    {
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 50_000 }, Now, Quote(Es, 1_234m));
        var initial = await feed.Publisher.Published.CountAsync(Contracts - 1);
        Assert.DoesNotContain(Es, initial.Select(quote => quote.Symbol));

        feed.Time.Advance(TimeSpan.FromMilliseconds(20));
        var next = (await feed.Publisher.Published.UntilAsync(quotes => quotes.Any(q => q.Symbol == Es), "a quote of ES")).First(q => q.Symbol == Es);
        Assert.InRange(next.Bid, 1_233m, 1_235m);
    }

    [Fact]
    public async Task Price_that_no_walk_can_start_from_is_ignored()
    {
        await using var feed = new FeedUnderTest(new(), Now, Quote("CLM2026", -37.63m), Quote("NOSUCH", 1m), Quote("ESZ2030", QuoteRules.MaxPrice));
        await feed.Publisher.Published.CountAsync(Contracts - 1);
    }

    [Fact]
    public async Task Front_that_rolls_is_followed_at_its_price_and_the_one_before_is_quoted_on()
    {
        // The June contract is the front until the Monday before the third Friday, which begins on Sunday at 17:00 in Chicago.
        var beforeRoll = new DateTimeOffset(2026, 6, 14, 21, 59, 59, TimeSpan.Zero);
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 50_000 }, beforeRoll, Quote(Es, 1_234m));
        await feed.Publisher.Published.CountAsync(Contracts - 1);

        feed.Time.Advance(TimeSpan.FromSeconds(1));
        var published = await feed.Publisher.Published.UntilAsync(
            quotes => quotes.Any(quote => quote.Symbol == "ESU2026") && quotes.Any(quote => quote.Symbol == Es && quote.At > beforeRoll),
            "quotes of both contracts");
        Assert.InRange(published.First(quote => quote.Symbol == "ESU2026").Bid, 1_200m, 1_270m);
    }

    [Fact]
    public async Task Contract_that_has_expired_is_quoted_no_longer()
    {
        var longAfter = new DateTimeOffset(2026, 7, 15, 15, 0, 0, TimeSpan.Zero);
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 50_000 }, longAfter, Quote(Es, 1_234m));
        await feed.Publisher.Published.CountAsync(Contracts);
        feed.Time.Advance(TimeSpan.FromMilliseconds(20));
        var published = await feed.Publisher.Published.CountAsync(Contracts + 1_000);
        Assert.DoesNotContain(Es, published.Select(quote => quote.Symbol));
        Assert.InRange(published.First(quote => quote.Symbol == "ESU2026").Bid, 1_200m, 1_270m);
    }

    [Fact]
    public async Task Session_hours_silence_closed_markets_except_for_their_initial_quotes()
    {
        await using var feed = new FeedUnderTest(new() { QuotesPerSecond = 50_000, SessionHours = true }, Saturday);
        await feed.Publisher.Published.CountAsync(Contracts);
        feed.Time.Advance(TimeSpan.FromMilliseconds(20));
        var later = (await feed.Publisher.Published.CountAsync(Contracts + 100)).Skip(Contracts);
        Assert.All(later, quote => Assert.Equal(AssetClass.Crypto, InstrumentCatalog.FindContract(quote.Symbol)!.Instrument.AssetClass));
    }

    [Fact]
    public async Task Feed_ends_normally_when_cancelled()
    {
        await using var feed = new FeedUnderTest(new());
        await feed.Publisher.Published.CountAsync(Contracts);
        await feed.StopAsync();
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(new() { QuotesPerSecond = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(new() { QuotesPerSecond = 100_001 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(new() { QueueCapacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(new() { Feed = (MarketFeedKind)9 }));
    }

    [Fact]
    public async Task Settings_choose_the_feed_and_both_accept_posted_quotes()
    {
        Assert.Equal(("simulated", true), (Make(new()).Name, Make(new()).AcceptsManualQuotes));
        var manual = Make(new() { Feed = MarketFeedKind.Manual });
        Assert.Equal(("manual", true), (manual.Name, manual.AcceptsManualQuotes));

        var publisher = new FakePublisher();
        using var cancel = new CancellationTokenSource();
        var running = manual.RunAsync(publisher, cancel.Token);
        Assert.False(running.IsCompleted);
        await cancel.CancelAsync();
        await running.OrFail(() => "the manual feed to end");
        Assert.Empty(publisher.Published.Items);
    }

    private static async Task<IReadOnlyList<Quote>> QuotesOfAsync(ulong seed)
    {
        await using var feed = new FeedUnderTest(new() { Seed = seed });
        await feed.Publisher.Published.CountAsync(Contracts);
        for (var i = 1; i <= 200; i++)
        {
            feed.Time.Advance(TimeSpan.FromMilliseconds(50));
            await feed.Publisher.Published.CountAsync(Contracts + i);
        }

        return feed.Publisher.Published.Items;
    }

    private static IMarketFeed Make(MarketOptions options) =>
        MarketFeeds.Create(options, new FakeBook(), TimeProvider.System, new FakeMeters(), NullLoggerFactory.Instance);

    private sealed class FeedUnderTest : IAsyncDisposable
    {
        private readonly CancellationTokenSource _cancel = new();
        private readonly Task _running;

        public FeedUnderTest(MarketOptions options, DateTimeOffset? start = null, params IReadOnlyList<Quote> stored)
        {
            Time = new ManualTime(start ?? Now);
            _running = new SimulatedFeed(options, new FakeBook(stored), Time, NullLogger<SimulatedFeed>.Instance).RunAsync(Publisher, _cancel.Token);
        }

        public ManualTime Time { get; }

        public FakePublisher Publisher { get; } = new();

        public async Task StopAsync()
        {
            await _cancel.CancelAsync();
            await _running.OrFail(() => "the feed to end");
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _cancel.Dispose();
        }
    }
}

using System.Threading.Channels;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests;

public sealed class MarketPipelineTests
{
    [Fact]
    public async Task Book_knows_the_latest_quote_of_every_contract_sorted_by_symbol()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await given.PublishAsync(Quote(Nq, 24_000m), Quote(Es, 6_800m), Quote(Es, 6_801m));
        await given.Shown.CountAsync(3);
        Assert.Equal(Quote(Es, 6_801m), given.Pipeline.Last(Es));
        Assert.Equal([Quote(Es, 6_801m), Quote(Nq, 24_000m)], given.Pipeline.All());
        Assert.Null(given.Pipeline.Last("YMM2026"));
    }

    [Fact]
    public async Task Book_follows_arrival_even_when_a_quote_is_dated_earlier()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        var late = Quote(Es, 6_799m) with { At = Now.AddHours(-1) };
        await given.PublishAsync(Quote(Es, 6_800m), late);
        await given.Shown.CountAsync(2);
        Assert.Equal(late, given.Pipeline.Last(Es));
    }

    [Theory]
    [InlineData("ES")]
    [InlineData("es1!")]
    [InlineData("CME_MINI:ESM6")]
    public async Task Quote_of_a_root_or_another_spelling_feeds_the_contract(string symbol)
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        await given.PublishAsync(Quote(symbol, 6_800m));
        await given.Shown.CountAsync(1);
        Assert.Equal(Quote(Es, 6_800m), given.Pipeline.Last(Es));
        Assert.Equal([Quote(Es, 6_800m)], given.Consumer.Quotes);
        Assert.Null(given.Pipeline.Last(symbol));
    }

    [Fact]
    public async Task Root_means_the_front_contract_of_now_whatever_the_quote_says()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await given.PublishAsync(Quote("ES", 6_800m) with { At = Now.AddYears(-1) });
        await given.Shown.CountAsync(1);
        Assert.Equal([Es], given.Pipeline.All().Select(quote => quote.Symbol));
    }

    [Fact]
    public async Task Invalid_quotes_are_dropped_and_counted_by_reason()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await given.PublishAsync(
            Quote("NOSUCH", 1m), Quote(Es, 6_800m) with { Ask = 6_799m }, Quote("AAPL", 0m), Quote("AAPL", 270m) with { BidSize = -1m },
            Quote(Es, 6_801m));
        Assert.Equal([Quote(Es, 6_801m)], await given.Shown.CountAsync(1));
        Assert.Equal(4, given.Meters["dropped"]);
        Assert.Equal(1, given.Meters["dropped:unknown_symbol"]);
        Assert.Equal(1, given.Meters["dropped:crossed"]);
        Assert.Equal(1, given.Meters["dropped:price"]);
        Assert.Equal(1, given.Meters["dropped:size"]);
        Assert.Equal(1, given.Meters["published"]);
    }

    [Fact]
    public async Task Publishers_wait_while_the_queue_is_full_and_nothing_they_publish_is_lost()
    {
        await using var given = new PipelineUnderTest(queueCapacity: 2);
        await given.PublishAsync(Quote(Es, 1m), Quote(Es, 2m));
        var third = given.PublishAsync(Quote(Es, 3m), Quote(Es, 4m));
        var other = given.PublishAsync(Quote(Nq, 1m));
        Assert.False(third.IsCompleted);
        Assert.False(other.IsCompleted);
        Assert.Equal(2, given.Meters["queue_depth"]);

        await given.Pipeline.StartAsync(default);
        await Task.WhenAll(third, other).OrFail(() => "the waiting publishers to go on");
        var shown = await given.Shown.CountAsync(5);
        Assert.Equal([1m, 2m, 3m, 4m], shown.Where(quote => quote.Symbol == Es).Select(quote => quote.Bid));
        Assert.Equal(4m, given.Pipeline.Last(Es)!.Bid);
        Assert.Equal(1m, given.Pipeline.Last(Nq)!.Bid);
        Assert.Equal(0, given.Meters["queue_depth"]);
    }

    [Fact]
    public async Task Publisher_that_waits_can_be_cancelled_and_then_nothing_was_published()
    {
        await using var given = new PipelineUnderTest(queueCapacity: 1);
        await given.PublishAsync(Quote(Es, 1m));
        using var cancel = new CancellationTokenSource();
        var waiting = given.Pipeline.PublishAsync(Quote(Es, 2m), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await given.Pipeline.StartAsync(default);
        await given.Pipeline.StopAsync(default);
        Assert.Equal(1m, given.Pipeline.Last(Es)!.Bid);
        Assert.Equal(1, given.Meters["published"]);
    }

    [Fact]
    public async Task Subscriber_sees_every_quote_in_order_until_disposed_and_a_failing_one_hurts_nobody()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        using var failing = given.Pipeline.Subscribe(_ => throw new InvalidOperationException("On purpose."));
        var seen = new Recorded<decimal>();
        var subscription = given.Pipeline.Subscribe(quote => seen.Add(quote.Bid));
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 2m), Quote(Es, 3m));
        Assert.Equal([1m, 2m, 3m], await seen.CountAsync(3));

        subscription.Dispose();
        subscription.Dispose();
        await given.PublishAsync(Quote(Es, 4m));
        await given.Pipeline.StopAsync(default);
        Assert.Equal(3, seen.Items.Count);
        Assert.Equal(4m, given.Pipeline.Last(Es)!.Bid);
    }

    [Fact]
    public async Task After_a_stop_publishing_is_refused_and_a_second_stop_does_nothing()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await given.Pipeline.StopAsync(default);
        await given.Pipeline.StopAsync(default);
        await Assert.ThrowsAsync<ChannelClosedException>(() => given.PublishAsync(Quote(Es, 1m)));
    }

    [Fact]
    public async Task Second_start_is_refused()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => given.Pipeline.StartAsync(default));
    }
}

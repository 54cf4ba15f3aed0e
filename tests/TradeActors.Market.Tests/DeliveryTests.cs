using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests;

/// <summary>What the consumer gets, and when: interests and conflation.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Nothing_is_delivered_without_an_interest()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Nq);
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 2m), Quote(Es, 3m));
        await given.Shown.CountAsync(3);
        Assert.Equal([Quote(Nq, 2m)], given.Consumer.Quotes);
    }

    [Fact]
    public async Task Interest_begun_later_gets_the_last_quote_back_and_the_next_ones_delivered()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        Assert.Null(given.Pipeline.InterestBegan(Nq));
        await given.PublishAsync(Quote(Es, 1m));
        await given.Shown.CountAsync(1);

        Assert.Equal(Quote(Es, 1m), given.Pipeline.InterestBegan(Es));
        await given.PublishAsync(Quote(Es, 2m), Quote(Es, 3m));
        await given.Shown.CountAsync(3);
        Assert.Equal([2m, 3m], given.Consumer.Quotes.Select(quote => quote.Bid));
    }

    [Fact]
    public async Task Interests_are_counted_and_the_last_one_to_end_stops_delivery()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Pipeline.InterestBegan(Es);
        given.Pipeline.InterestBegan(Nq);
        Assert.Equal(2, given.Meters["interests"]);

        given.Pipeline.InterestEnded(Es);
        await given.PublishAsync(Quote(Es, 1m));
        await given.Shown.CountAsync(1);
        given.Pipeline.InterestEnded(Es);
        await given.PublishAsync(Quote(Es, 2m));
        await given.Shown.CountAsync(2);
        Assert.Equal([Quote(Es, 1m)], given.Consumer.Quotes);
        Assert.Equal(1, given.Meters["interests"]);
        Assert.Throws<InvalidOperationException>(() => given.Pipeline.InterestEnded(Es));
    }

    [Fact]
    public async Task Slow_consumer_gets_the_extremes_and_the_latest_in_their_order()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Hold(Es);
        await given.PublishAsync([.. new[] { 100m, 101m, 105m, 103m, 90m, 95m, 97m, 96m }.Select(bid => Quote(Es, bid))]);
        await given.Shown.CountAsync(8);
        Assert.Single(given.Consumer.Deliveries.Items);

        given.Consumer.Release(Es);
        var deliveries = await given.Consumer.Deliveries.CountAsync(2);
        Assert.Equal([100m], deliveries[0].InOrder.Select(quote => quote.Bid));
        Assert.Equal([105m, 90m, 96m], deliveries[1].InOrder.Select(quote => quote.Bid));
        Assert.Equal(8m, given.Consumer.Quotes.Sum(quote => quote.Volume));

        await given.Pipeline.StopAsync(default);
        Assert.Equal(4, given.Meters["delivered"]);
        Assert.Equal(4, given.Meters["conflated"]);
    }

    [Fact]
    public async Task One_delivery_per_contract_is_out_while_others_go_on()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Pipeline.InterestBegan(Nq);
        given.Consumer.Hold(Es);
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 1m), Quote(Es, 2m), Quote(Nq, 2m), Quote(Es, 3m), Quote(Nq, 3m));
        await given.Shown.CountAsync(6);
        Assert.Equal([1m, 2m, 3m], given.Consumer.Quotes.Where(quote => quote.Symbol == Nq).Select(quote => quote.Bid));
        Assert.Equal([1m], given.Consumer.Quotes.Where(quote => quote.Symbol == Es).Select(quote => quote.Bid));

        given.Consumer.Release(Es);
        await given.Consumer.Deliveries.CountAsync(5);
        Assert.Equal([1m, 2m, 3m], given.Consumer.Quotes.Where(quote => quote.Symbol == Es).Select(quote => quote.Bid));
        Assert.Equal(1, given.Consumer.MostOutstandingPerSymbol);
    }

    [Fact]
    public async Task Storm_from_several_publishers_keeps_one_delivery_out_and_ends_with_the_latest_quote()
    {
        await using var given = await PipelineUnderTest.StartAsync(queueCapacity: 4);
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Hold(Es);
        var publishers = Enumerable.Range(0, 4).Select(publisher => Task.Run(
            () => given.PublishAsync([.. Enumerable.Range(1, 500).Select(i => Quote(Es, (publisher * 1_000) + i))])));
        await Task.WhenAll(publishers).OrFail(() => "four publishers to finish");
        var shown = await given.Shown.CountAsync(2_000);

        given.Consumer.Release(Es);
        await given.Consumer.Deliveries.CountAsync(2);
        var delivered = given.Consumer.Quotes.ToList();
        Assert.Equal(shown[^1], given.Pipeline.Last(Es));
        Assert.Equal(shown[^1].Bid, delivered[^1].Bid);
        Assert.Equal(shown.Max(quote => quote.Bid), delivered.Max(quote => quote.Bid));
        Assert.Equal(shown.Min(quote => quote.Bid), delivered.Min(quote => quote.Bid));
        Assert.Equal(1, given.Consumer.MostOutstandingPerSymbol);
    }

    [Fact]
    public async Task Quotes_that_waited_when_the_last_interest_ended_are_not_delivered_to_the_next_one()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Hold(Es);
        await given.PublishAsync(Quote(Es, 1m), Quote(Es, 2m));
        await given.Shown.CountAsync(2);
        given.Pipeline.InterestEnded(Es);
        Assert.Equal(Quote(Es, 2m), given.Pipeline.InterestBegan(Es));
        await given.PublishAsync(Quote(Es, 3m));
        await given.Shown.CountAsync(3);

        given.Consumer.Release(Es);
        await given.Consumer.Deliveries.CountAsync(2);
        Assert.Equal([1m, 3m], given.Consumer.Quotes.Select(quote => quote.Bid));
    }

    [Fact]
    public async Task Consumer_that_fails_gets_the_next_quotes_all_the_same()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Fault = new InvalidOperationException("On purpose.");
        await given.PublishAsync(Quote(Es, 1m));
        await given.Shown.CountAsync(1);
        given.Consumer.Fault = null;
        await given.PublishAsync(Quote(Es, 2m));
        await given.Shown.CountAsync(2);
        Assert.Equal([1m, 2m], given.Consumer.Quotes.Select(quote => quote.Bid));
        Assert.Equal(1, given.Meters["failed_deliveries"]);
        Assert.Equal(1, given.Meters["delivered"]);
    }

    [Fact]
    public async Task Stop_cancels_a_delivery_that_is_out_and_waits_for_it()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Pipeline.InterestBegan(Es);
        given.Consumer.Hold(Es);
        await given.PublishAsync(Quote(Es, 1m), Quote(Es, 2m));
        await given.Consumer.Deliveries.CountAsync(1);
        await given.Pipeline.StopAsync(default).OrFail(() => "the pipeline to stop");
        Assert.Equal(0, given.Meters["failed_deliveries"]);
        Assert.Equal(0, given.Meters["delivered"]);
    }
}

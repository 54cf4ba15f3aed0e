using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>Orders that are on their way for 80 ms.</summary>
public sealed class PaperLatencyTests
{
    private static readonly PaperSettings Slow = Given.Settings with { Latency = TimeSpan.FromMilliseconds(80) };
    private static readonly DateTimeOffset Due = Given.Start.AddMilliseconds(80);

    [Fact]
    public void An_order_is_accepted_at_once_and_filled_when_it_arrives_on_the_quote_of_that_time()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        Assert.Null(book.Place("a", Given.Market(Side.Buy, 1m)).Refusal);
        Assert.Equal([ExecType.New], book.Reports.Select(report => report.ExecType));
        Assert.Equal(OrdStatus.Working, book.Order("a").Status);
        Assert.Equal((PaperExchange.ArrivalTimer, Due), (book.Pending.Timers[0].Key, book.Pending.Timers[0].Due));

        book.Now = Due.AddMilliseconds(-1);
        book.Quote(101.75m, 102m);
        Assert.Empty(book.Fills);

        book.Reach(Due);
        Assert.Equal(102m, Assert.Single(book.Fills).LastPx);
        Assert.Empty(book.Pending.Timers);
    }

    [Fact]
    public void Without_a_quote_in_between_it_meets_the_one_it_came_with()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Market(Side.Buy, 1m));
        book.Reload();
        book.Reach(Due);
        Assert.Equal(100m, Assert.Single(book.Fills).LastPx);
    }

    [Fact]
    public void Without_any_quote_it_waits_for_the_first()
    {
        var book = new Book(Slow);
        book.Place("a", Given.Market(Side.Buy, 1m));
        book.Reach(Due);
        Assert.Equal(Given.Future, Assert.Single(book.Pending.TickSymbols));
        book.Quote(99.75m, 100m);
        Assert.Equal(100m, Assert.Single(book.Fills).LastPx);
    }

    [Fact]
    public void A_late_timer_and_a_crash_change_nothing()
    {
        decimal[] FillPrices(bool crashes, Action<Book> wake)
        {
            var book = new Book(Slow);
            book.Quote(99.75m, 100m);
            book.Place("a", Given.Market(Side.Buy, 1m));
            book.Now = Given.Start.AddMilliseconds(40);
            book.Quote(100.75m, 101m);
            if (crashes)
            {
                book.Adopt(book.Replay());
            }

            wake(book);
            return [.. book.Fills.Select(fill => fill.LastPx)];
        }

        Assert.Equal([101m], FillPrices(false, book => book.Reach(Due)));
        Assert.Equal([101m], FillPrices(true, book => book.Reach(Due.AddHours(1))));
        Assert.Equal([101m], FillPrices(true, book =>
        {
            // The next quote is there before the timer.
            book.Now = Due.AddSeconds(1);
            book.Quote(104.75m, 105m);
        }));
        Assert.Equal([101m, 110m], FillPrices(false, book =>
        {
            book.Now = Due.AddSeconds(1);
            book.Place("b", Given.Market(Side.Buy, 1m), Given.Quote(109.75m, 110m, at: 500));
            book.Reach(Due.AddSeconds(2));
        }));
    }

    [Fact]
    public void A_day_order_that_arrived_in_its_day_is_matched_before_it_expires_though_the_timer_is_late()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Market(Side.Buy, 1m));
        book.Reach(Given.Start.AddDays(2));
        Assert.Equal(OrdStatus.Filled, book.Order("a").Status);
    }

    [Fact]
    public void A_stop_is_not_triggered_by_what_was_quoted_before_it_arrived()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Stop(Side.Buy, 1m, 101m));
        book.Quote(104.75m, 105m);
        book.Quote(99.75m, 100m);
        book.Reach(Due);
        Assert.Empty(book.Events.OfType<PaperOrderTriggered>());
        book.Quote(100.75m, 101m);
        Assert.Equal(101m, Assert.Single(book.Fills).LastPx);
    }

    [Fact]
    public void An_immediate_order_has_its_chance_when_it_arrives()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Limit(Side.Buy, 1m, 100m, TimeInForce.ImmediateOrCancel));
        book.Quote(100m, 100.25m);
        Assert.Equal(OrdStatus.Working, book.Order("a").Status);
        book.Reach(Due);
        Assert.Equal(OrdStatus.Canceled, book.Order("a").Status);
    }

    [Fact]
    public void A_cancel_is_carried_out_at_once_unless_the_order_has_arrived_before_it()
    {
        var early = new Book(Slow);
        early.Quote(99.75m, 100m);
        early.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Null(early.Ask<PaperCancelReply>(new CancelPaperOrder("a")).Refusal);
        early.Reach(Due);
        Assert.Empty(early.Fills);

        var late = new Book(Slow);
        late.Quote(99.75m, 100m);
        late.Place("a", Given.Market(Side.Buy, 1m));
        late.Now = Due;
        Assert.Contains("Filled", late.Ask<PaperCancelReply>(new CancelPaperOrder("a")).Refusal);
        Assert.Single(late.Fills);
    }

    [Fact]
    public void What_was_due_is_done_though_the_cancel_that_came_late_is_refused()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Market(Side.Buy, 1m));
        book.Now = Due;
        book.Ask<PaperCancelReply>(new CancelPaperOrder("unknown"));
        Assert.Single(book.Fills);
    }

    [Fact]
    public void Displayed_size_is_shared_with_what_arrives_later_on_the_same_quote()
    {
        var book = new Book(Slow);
        book.Quote(99.75m, 100m, askSize: 3m);
        book.Place("a", Given.Market(Side.Buy, 2m));
        book.Now = Given.Start.AddMilliseconds(10);
        book.Place("b", Given.Market(Side.Buy, 2m));
        book.Reach(Due);
        book.Reach(Due.AddMilliseconds(10));
        Assert.Equal([("a", 2m), ("b", 1m)], book.Fills.Select(fill => (fill.ClOrdId, fill.LastQty)));
    }

    [Fact]
    public void Jitter_is_drawn_from_the_seed_and_the_ClOrdID_within_bounds()
    {
        double[] Latencies(ulong seed)
        {
            var book = new Book(Slow with { Seed = seed, LatencyJitter = TimeSpan.FromMilliseconds(20) });
            for (var i = 0; i < 50; i++)
            {
                book.Place($"o{i}", Given.Limit(Side.Buy, 1m, 50m));
            }

            return [.. book.Events.OfType<PaperOrderAccepted>().Select(e => (e.WorksFrom!.Value - e.At).TotalMilliseconds)];
        }

        var latencies = Latencies(7);
        Assert.All(latencies, latency => Assert.InRange(latency, 80, 100));
        Assert.True(latencies.Distinct().Count() > 10, $"Expected the draws to differ, saw {string.Join(' ', latencies)}.");
        Assert.Equal(latencies, Latencies(7));
        Assert.NotEqual(latencies, Latencies(8));
    }

    [Fact]
    public void Without_latency_an_order_works_at_once_and_no_quote_is_kept()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Limit(Side.Buy, 1m, 90m));
        book.Quote(98.75m, 99m);
        var accepted = Assert.Single(book.Events.OfType<PaperOrderAccepted>());
        Assert.Equal((null, null), (accepted.WorksFrom, accepted.Quote));
        Assert.Empty(book.Events.OfType<PaperQuoteSeen>());
    }

    [Fact]
    public void What_could_only_trade_at_once_and_arrives_after_the_close_is_canceled()
    {
        var book = new Book(Slow, hasSessions: true) { Now = new(2026, 11, 20, 20, 59, 59, 990, TimeSpan.Zero) };
        book.Quote(99.75m, 100m, at: book.Now);
        book.Place("market", Given.Market(Side.Buy, 1m) with { TimeInForce = TimeInForce.GoodTillCancel });
        book.Place("limit", Given.Limit(Side.Buy, 1m, 100m, TimeInForce.GoodTillCancel));
        book.Reach(book.Now.AddMilliseconds(80));
        Assert.Empty(book.Fills);
        Assert.Equal((OrdStatus.Canceled, OrdStatus.Working), (book.Order("market").Status, book.Order("limit").Status));
    }
}

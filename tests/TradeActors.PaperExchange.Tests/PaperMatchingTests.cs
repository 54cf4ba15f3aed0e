using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperMatchingTests
{
    // A quote of 99.75/100.00 at placement, then the given one. Prices of 0 mean "does not apply".
    [Theory]
    [InlineData(OrdType.Market, Side.Buy, 0, 0, 98, 98.25, 100)] // Filled at placement, at the ask.
    [InlineData(OrdType.Market, Side.Sell, 0, 0, 98, 98.25, 99.75)]
    [InlineData(OrdType.Limit, Side.Buy, 99, 0, 98, 98.25, 98.25)] // Improved to the touch.
    [InlineData(OrdType.Limit, Side.Buy, 99, 0, 98.75, 99, 99)]
    [InlineData(OrdType.Limit, Side.Buy, 99, 0, 99, 99.25, 0)] // The bid at the limit does not fill a buy.
    [InlineData(OrdType.Limit, Side.Buy, 101, 0, 99, 99.25, 100)] // Marketable at once.
    [InlineData(OrdType.Limit, Side.Sell, 101, 0, 101.5, 101.75, 101.5)]
    [InlineData(OrdType.Limit, Side.Sell, 101, 0, 100.75, 101, 0)]
    [InlineData(OrdType.Stop, Side.Buy, 0, 101, 100.75, 101, 101)]
    [InlineData(OrdType.Stop, Side.Buy, 0, 101, 100.5, 100.75, 0)]
    [InlineData(OrdType.Stop, Side.Buy, 0, 101, 105, 105.25, 105.25)] // A gap fills at the quote, not at the stop.
    [InlineData(OrdType.Stop, Side.Sell, 0, 99, 99, 99.25, 99)]
    [InlineData(OrdType.Stop, Side.Sell, 0, 99, 99.25, 99.5, 0)]
    [InlineData(OrdType.StopLimit, Side.Buy, 101.5, 101, 101, 101.25, 101.25)]
    [InlineData(OrdType.StopLimit, Side.Buy, 101.5, 101, 105, 105.25, 0)] // Triggered, beyond its limit.
    [InlineData(OrdType.StopLimit, Side.Sell, 98.5, 99, 98.75, 99, 98.75)]
    public void An_order_is_filled_at_the_touch_or_waits(
        OrdType type, Side side, double price, double stop, double bid, double ask, double filledAt)
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("a", new OrderTerms(Given.Future, side, type, 1m, price == 0 ? null : (decimal)price, stop == 0 ? null : (decimal)stop));

        book.Quote((decimal)bid, (decimal)ask);

        Assert.Equal(filledAt == 0 ? [] : [(decimal)filledAt], book.Fills.Select(fill => fill.LastPx));
        Assert.Equal(filledAt == 0 ? OrdStatus.Working : OrdStatus.Filled, book.Order("a").Status);
    }

    [Fact]
    public void A_market_order_without_any_quote_waits_for_the_first()
    {
        var book = Book.Opened();
        book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal(Given.Future, Assert.Single(book.Pending.TickSymbols));

        book.Quote(99.75m, 100m);

        Assert.Equal(100m, Assert.Single(book.Fills).LastPx);
        Assert.Empty(book.Pending.TickSymbols);
    }

    [Fact]
    public void A_triggered_stop_limit_stays_a_limit_order_after_the_price_has_come_back()
    {
        var book = Book.Opened();
        book.Place("a", Given.Stop(Side.Buy, 1m, stop: 101m, limit: 101.5m));
        book.Quote(105m, 105.25m);
        book.Quote(100m, 100.25m);
        Assert.Equal(100.25m, Assert.Single(book.Fills).LastPx);
    }

    [Fact]
    public void A_quote_gives_its_displayed_size_once_by_price_then_time()
    {
        var book = Book.Opened();
        book.Place("low", Given.Limit(Side.Buy, 5m, 100m));
        book.Place("high", Given.Limit(Side.Buy, 5m, 101m));
        book.Place("high2", Given.Limit(Side.Buy, 5m, 101m));
        book.Place("market", Given.Market(Side.Buy, 5m));

        book.Quote(99.75m, 100m, askSize: 12m);
        Assert.Equal([("market", 5m), ("high", 5m), ("high2", 2m)], book.Fills.Select(fill => (fill.ClOrdId, fill.LastQty)));
        Assert.Equal(OrdStatus.PartiallyFilled, book.Order("high2").Status);

        book.Quote(99.75m, 100m, askSize: 100m);
        Assert.Equal([("high2", 3m), ("low", 5m)], book.Fills.Skip(3).Select(fill => (fill.ClOrdId, fill.LastQty)));
    }

    /// <summary>However many others were traded on meanwhile (simulation seed 79577721509).</summary>
    [Fact]
    public void A_quote_that_comes_again_late_does_not_give_its_size_again()
    {
        var book = Book.Opened();
        book.Place("all", Given.Market(Side.Buy, 1_000m));
        book.Quote(99.75m, 100m, askSize: 2m);
        var first = book.Last!;
        for (var i = 1; i <= 20; i++)
        {
            book.Quote(99.75m, 100m + i, askSize: 1m);
        }

        book.Tell(new QuoteArrived(first));
        Assert.Equal(21, book.Fills.Count());
    }

    [Fact]
    public void What_one_quote_triggers_shares_its_displayed_size_and_the_rest_waits_as_market_orders()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 10m));
        book.Place("oco", Given.OneCancelsOther(Side.Sell, 6m, 110m, 95m));
        book.Place("stop", Given.Stop(Side.Sell, 4m, 95m));
        book.Place("stopLimit", Given.Stop(Side.Sell, 4m, stop: 95m, limit: 90m));
        var before = book.Fills.Count();

        book.Quote(94m, 94.25m, bidSize: 8m);
        Assert.Equal([("oco", 6m), ("stop", 2m)], Filled());
        book.Quote(96m, 96.25m, bidSize: 5m);
        Assert.Equal([("oco", 6m), ("stop", 2m), ("stop", 2m), ("stopLimit", 3m)], Filled());
        book.Quote(92m, 92.25m, bidSize: 0m);
        Assert.Equal(before + 4, book.Fills.Count());

        (string?, decimal)[] Filled() => [.. book.Fills.Skip(before).Select(fill => (fill.ClOrdId, fill.LastQty))];
    }

    [Fact]
    public void The_same_quote_seen_again_or_at_a_later_placement_has_no_more_to_give()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m, askSize: 3m);
        book.Place("a", Given.Market(Side.Buy, 5m));
        book.Reload();
        book.Tell(new Domain.Common.QuoteArrived(book.Last! with { Volume = 7m })); // Conflation has added to it.
        book.Place("b", Given.Market(Side.Buy, 1m));
        Assert.Equal(3m, book.Fills.Sum(fill => fill.LastQty));
    }

    [Fact]
    public void A_quote_that_comes_again_behind_an_older_one_has_no_more_to_give()
    {
        // The order came with the newest quote, while that and an older one still waited for the book.
        var book = Book.Opened();
        book.Quote(99m, 99.25m, askSize: 1m);
        var older = book.Last!;
        book.Quote(99.75m, 100m, askSize: 3m);
        book.Place("a", Given.Market(Side.Buy, 5m));
        book.Tell(new Domain.Common.QuoteArrived(older));
        book.Reload();
        book.Tell(new Domain.Common.QuoteArrived(book.Last!));
        Assert.Equal([3m, 1m], book.Fills.Select(fill => fill.LastQty));
    }

    [Fact]
    public void A_last_known_quote_from_before_what_the_book_has_traded_on_is_not_gone_back_to()
    {
        // The node has started again, and the last half second of quotes was not stored.
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        var stored = book.Last!;
        book.Place("a", Given.Market(Side.Buy, 1m));
        book.Quote(98m, 98.25m);
        book.Place("b", Given.Market(Side.Buy, 1m));
        book.Place("c", Given.Limit(Side.Sell, 1m, 99m));
        book.Tell(new Domain.Common.QuoteArrived(stored, IsReminder: true));
        Assert.Equal([100m, 98.25m], book.Fills.Select(fill => fill.LastPx));

        // A new quote is taken whatever its time: a replay may begin anew.
        book.Tell(new Domain.Common.QuoteArrived(stored));
        Assert.Equal(99.75m, book.Fills.Last().LastPx);
    }

    [Fact]
    public void A_placement_does_not_go_back_to_a_quote_older_than_the_last_one_traded_on()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        var old = book.Last!;
        book.Place("a", Given.Limit(Side.Buy, 1m, 99m));
        book.Quote(98m, 98.25m);
        book.Place("b", Given.Market(Side.Buy, 1m), old);
        Assert.Equal(98.25m, book.Fills.Last().LastPx);
    }

    [Fact]
    public void A_book_that_ignores_displayed_size_fills_all_at_once()
    {
        var book = new Book(Given.Settings with { UsesDisplayedSize = false });
        book.Quote(99.75m, 100m, askSize: 1m);
        book.Place("a", Given.Market(Side.Buy, 50m));
        Assert.Equal(50m, Assert.Single(book.Fills).LastQty);
    }

    [Fact]
    public void A_side_that_is_not_quoted_fills_and_triggers_nothing()
    {
        var book = Book.Opened();
        book.Place("a", Given.Market(Side.Sell, 1m));
        book.Place("b", Given.Stop(Side.Sell, 1m, 90m));
        book.Quote(0m, 100m);
        Assert.Empty(book.Fills);
    }

    [Theory]
    [InlineData(TimeInForce.ImmediateOrCancel, 10, 4, "Trade 4, Canceled 0")]
    [InlineData(TimeInForce.ImmediateOrCancel, 4, 4, "Trade 4")]
    [InlineData(TimeInForce.FillOrKill, 10, 4, "Canceled 0")]
    [InlineData(TimeInForce.FillOrKill, 4, 4, "Trade 4")]
    public void An_immediate_order_is_judged_once(TimeInForce tif, int quantity, int displayed, string expected)
    {
        var atOnce = Book.Opened();
        atOnce.Quote(99.75m, 100m, askSize: displayed);
        atOnce.Place("a", Given.Limit(Side.Buy, quantity, 100m, tif));

        var later = Book.Opened();
        later.Place("a", Given.Limit(Side.Buy, quantity, 100m, tif));
        later.Quote(99.75m, 100m, askSize: displayed);

        foreach (var book in new[] { atOnce, later })
        {
            Assert.Equal(expected, string.Join(", ", book.Reports.Skip(1).Select(report => $"{report.ExecType} {report.LastQty}")));
            Assert.Empty(book.State.Working);
        }
    }

    [Fact]
    public void An_immediate_limit_away_from_the_market_is_canceled()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Limit(Side.Buy, 1m, 99m, TimeInForce.ImmediateOrCancel));
        Assert.Equal(OrdStatus.Canceled, book.Order("a").Status);
    }

    [Fact]
    public void A_day_order_ends_with_its_trading_day_and_others_do_not()
    {
        var book = Book.Opened();
        book.Place("day", Given.Limit(Side.Buy, 1m, 90m));
        book.Place("gtc", Given.Limit(Side.Buy, 1m, 90m, TimeInForce.GoodTillCancel));
        var timer = Assert.Single(book.Pending.Timers);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 21, 0, 0, TimeSpan.Zero), timer.Due);

        book.Now = timer.Due;
        book.Tell(new Domain.Common.TimerFired(timer.Key));

        Assert.Equal(OrdStatus.Expired, book.Order("day").Status);
        Assert.Equal(OrdStatus.Working, book.Order("gtc").Status);
        Assert.Empty(book.Pending.Timers);
    }

    [Fact]
    public void A_day_order_does_not_fill_after_its_day_though_the_timer_is_late()
    {
        var book = Book.Opened();
        book.Place("day", Given.Limit(Side.Buy, 1m, 100m));
        book.Now = Given.Start.AddHours(7);
        book.Quote(98m, 98.25m);
        Assert.Empty(book.Fills);
        Assert.Equal(OrdStatus.Expired, book.Order("day").Status);
    }

    [Fact]
    public void A_reduce_only_order_is_cut_to_the_position_and_then_canceled()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 2m));
        book.Place("out", Given.Market(Side.Sell, 5m, reduceOnly: true));
        Assert.Equal([2m, 2m], book.Fills.Select(fill => fill.LastQty));
        Assert.Equal((OrdStatus.Canceled, 2m), (book.Order("out").Status, book.Order("out").CumQty));
        Assert.Empty(book.State.Positions);
    }

    [Fact]
    public void A_resting_reduce_only_order_is_canceled_when_another_order_closes_the_position()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 2m));
        book.Place("rest", Given.Limit(Side.Sell, 2m, 110m) with { ReduceOnly = true });
        book.Place("turn", Given.Market(Side.Sell, 3m));
        Assert.Equal(OrdStatus.Canceled, book.Order("rest").Status);
        Assert.Equal(-1m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void Money_is_points_times_point_value_less_commission_per_unit_and_rate()
    {
        var book = new Book(Given.Settings with { CommissionPerUnit = 2m, CommissionRate = 0.001m });
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 3m));
        book.Quote(110m, 110.25m);
        book.Place("turn", Given.Market(Side.Sell, 5m));

        Assert.Equal((3m * 2m) + (3m * 100m * 50m * 0.001m), book.Fills.First().Commission);
        Assert.Equal((5m * 2m) + (5m * 110m * 50m * 0.001m), book.Fills.Last().Commission);
        Assert.Equal(3m * 10m * 50m, book.State.RealizedPnl);
        Assert.Equal(100_000m + book.State.RealizedPnl - book.State.Commissions, book.State.Balance);
        Assert.Equal((-2m, 110m), (book.State.PositionIn(Given.Future), book.State.Positions[Given.Future].AveragePrice));
    }

    [Fact]
    public void Slippage_is_against_the_order_within_bounds_and_the_same_for_the_same_seed()
    {
        var prices = SlippedFills(seed: 7);
        Assert.All(prices, price => Assert.InRange(price, 100m, 101m));
        Assert.True(prices.Distinct().Count() >= 4, $"Expected the draws to differ, saw {string.Join(' ', prices)}.");
        Assert.Equal(prices, SlippedFills(seed: 7));
        Assert.NotEqual(prices, SlippedFills(seed: 8));
    }

    [Fact]
    public void Slippage_does_not_depend_on_other_orders()
    {
        var alone = new Book(Given.Settings with { SlippageTicks = 50 });
        alone.Quote(99.75m, 100m);
        alone.Place("x", Given.Market(Side.Sell, 1m));
        var crowded = new Book(Given.Settings with { SlippageTicks = 50 });
        crowded.Quote(99.75m, 100m);
        crowded.Place("w", Given.Market(Side.Sell, 1m));
        crowded.Place("x", Given.Market(Side.Sell, 1m));
        Assert.Equal(alone.Fills.Single().LastPx, crowded.Fills.Last().LastPx);
    }

    private static decimal[] SlippedFills(ulong seed)
    {
        var book = new Book(Given.Settings with { SlippageTicks = 4, Seed = seed });
        book.Quote(99.75m, 100m);
        for (var i = 0; i < 40; i++)
        {
            book.Place($"o{i}", Given.Market(Side.Buy, 1m));
        }

        return [.. book.Fills.Select(fill => fill.LastPx)];
    }
}

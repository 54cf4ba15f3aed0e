using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>A stop and a target in one order. What is placed here protects a position: reduce-only.</summary>
public sealed class PaperOneCancelsOtherTests
{
    [Theory]
    // Long from 100.00, target 110, stop 90.
    [InlineData(Side.Sell, 109.75, 110, 0)] // The ask at the target does not fill a sell.
    [InlineData(Side.Sell, 110, 110.25, 110)]
    [InlineData(Side.Sell, 112, 112.25, 112)] // Improved to the touch.
    [InlineData(Side.Sell, 90.25, 90.5, 0)]
    [InlineData(Side.Sell, 90, 90.25, 90)]
    [InlineData(Side.Sell, 85, 85.25, 85)] // A gap fills at the quote, not at the stop.
    // Short from 99.75, target 90, stop 110.
    [InlineData(Side.Buy, 90, 90.25, 0)]
    [InlineData(Side.Buy, 89.75, 90, 90)]
    [InlineData(Side.Buy, 109.5, 109.75, 0)]
    [InlineData(Side.Buy, 109.75, 110, 110)]
    [InlineData(Side.Buy, 115, 115.25, 115.25)]
    public void It_is_a_limit_at_the_target_and_a_market_order_at_the_stop(Side side, double bid, double ask, double filledAt)
    {
        var book = Protected(side, 4m);
        book.Quote((decimal)bid, (decimal)ask);
        var fills = book.Fills.Where(fill => fill.ClOrdId == "oco").ToArray();
        Assert.Equal(filledAt == 0 ? [] : [(decimal)filledAt], fills.Select(fill => fill.LastPx));
        Assert.Equal(filledAt == 0 ? OrdStatus.Working : OrdStatus.Filled, book.Order("oco").Status);
        Assert.Equal(filledAt != 0, book.State.Positions.IsEmpty);
    }

    [Fact]
    public void It_is_one_order_with_one_report_of_its_acceptance()
    {
        var book = Protected(Side.Sell, 4m);
        Assert.Single(book.Reports, report => report is { ClOrdId: "oco", ExecType: ExecType.New });
        var shown = Assert.Single(book.Ask<PaperSnapshotReply>(new GetPaperSnapshot()).Snapshot!.WorkingOrders);
        Assert.Equal(("oco", 4m, OrdStatus.Working), (shown.ClOrdId, shown.OrderQty, shown.Status));
        Assert.Equal(shown, book.Order("oco"));
    }

    [Fact]
    public void What_the_target_has_filled_the_stop_does_not_fill_again()
    {
        var book = Protected(Side.Sell, 4m);
        book.Quote(110m, 110.25m, bidSize: 3m);
        book.Quote(90m, 90.25m);
        Assert.Equal([3m, 1m], book.Fills.Skip(1).Select(fill => fill.LastQty));
        Assert.Equal((OrdStatus.Filled, 4m), (book.Order("oco").Status, book.Order("oco").CumQty));
        Assert.Empty(book.State.Positions);
    }

    [Fact]
    public void Once_the_stop_is_reached_it_stays_a_market_order_also_after_a_crash()
    {
        var book = Protected(Side.Sell, 4m);
        book.Quote(90m, 90.25m, bidSize: 1m);
        book.Reload();
        book.Quote(100m, 100.25m, bidSize: 2m);
        Assert.Equal([(1m, 90m), (2m, 100m)], book.Fills.Skip(1).Select(fill => (fill.LastQty, fill.LastPx)));
        Assert.Equal(OrdStatus.PartiallyFilled, book.Order("oco").Status);
        Assert.Single(book.Events.OfType<PaperOrderTriggered>());
    }

    [Fact]
    public void A_stop_beyond_the_market_triggers_at_placement()
    {
        var book = Entered(Side.Sell, 4m);
        book.Place("oco", Given.OneCancelsOther(Side.Sell, 4m, 110m, 99.75m));
        Assert.Equal(99.75m, book.Fills.Last().LastPx);
        Assert.Empty(book.State.Working);
    }

    [Fact]
    public void Its_stop_slips_and_its_target_does_not()
    {
        var settings = Given.Settings with { SlippageTicks = 50 };
        var target = Protected(Side.Sell, 1m, settings);
        target.Quote(110m, 110.25m);
        Assert.Equal(110m, target.Fills.Last().LastPx);
        var stop = Protected(Side.Sell, 1m, settings);
        stop.Quote(90m, 90.25m);
        Assert.True(stop.Fills.Last().LastPx < 90m, $"Expected slippage, saw {stop.Fills.Last().LastPx}.");
    }

    [Fact]
    public void It_never_turns_the_position()
    {
        var book = Protected(Side.Sell, 4m);
        book.Place("part", Given.Market(Side.Sell, 3m));
        book.Quote(90m, 90.25m);
        Assert.Equal(1m, book.Fills.Last().LastQty);
        Assert.Empty(book.State.Positions);
        Assert.Equal((OrdStatus.Canceled, 1m), (book.Order("oco").Status, book.Order("oco").CumQty));
    }

    [Fact]
    public void An_exit_of_another_kind_ends_it()
    {
        var book = Protected(Side.Sell, 2m);
        book.Place("exit", Given.Market(Side.Sell, 2m, reduceOnly: true));
        Assert.Equal(OrdStatus.Canceled, book.Order("oco").Status);
    }

    [Fact]
    public void Several_share_the_position_and_the_displayed_size()
    {
        var book = Entered(Side.Sell, 4m);
        book.Place("near", Given.OneCancelsOther(Side.Sell, 2m, 105m, 90m));
        book.Place("far", Given.OneCancelsOther(Side.Sell, 2m, 110m, 90m));
        book.Quote(105m, 105.25m, bidSize: 1m);
        book.Quote(90m, 90.25m, bidSize: 2m);
        Assert.Equal([("near", 1m), ("near", 1m), ("far", 1m)], book.Fills.Skip(1).Select(fill => (fill.ClOrdId, fill.LastQty)));
        Assert.Equal(1m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void Without_reduce_only_it_may_open_as_any_order_may()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("in", Given.OneCancelsOther(Side.Buy, 2m, 95m, 105m) with { ReduceOnly = false });
        book.Quote(104.75m, 105m);
        Assert.Equal(2m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void It_is_canceled_as_a_whole()
    {
        var book = Protected(Side.Sell, 2m);
        Assert.Null(book.Ask<PaperCancelReply>(new CancelPaperOrder("oco")).Refusal);
        book.Quote(110m, 110.25m);
        book.Quote(90m, 90.25m);
        Assert.Equal(2m, book.State.PositionIn(Given.Future));
        Assert.Equal(OrdStatus.Canceled, book.Order("oco").Status);
    }

    [Fact]
    public void A_day_order_of_this_kind_expires_with_its_day()
    {
        var book = Entered(Side.Sell, 2m);
        book.Place("oco", Given.OneCancelsOther(Side.Sell, 2m, 110m, 90m) with { TimeInForce = TimeInForce.Day });
        book.Now = Assert.Single(book.Pending.Timers).Due;
        book.Quote(90m, 90.25m);
        Assert.Equal(OrdStatus.Expired, book.Order("oco").Status);
        Assert.Equal(2m, book.State.PositionIn(Given.Future));
    }

    /// <summary>A position that an order of the given side closes: long for a sell.</summary>
    private static Book Entered(Side side, decimal quantity, PaperSettings? settings = null)
    {
        var book = new Book(settings ?? Given.Settings);
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(side.Opposite, quantity));
        return book;
    }

    private static Book Protected(Side side, decimal quantity, PaperSettings? settings = null)
    {
        var book = Entered(side, quantity, settings);
        book.Place("oco", Given.OneCancelsOther(side, quantity, 100m - (side.Sign * 10m), 100m + (side.Sign * 10m)));
        return book;
    }
}

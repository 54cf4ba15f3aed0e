using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperBracketTests
{
    private static readonly Bracket Both = new(TakeProfitPrice: 110m, StopLossPrice: 90m);

    [Fact]
    public void Legs_get_their_ids_at_acceptance_and_work_from_the_first_fill()
    {
        var book = Book.Opened();
        var reply = book.Place("a", Given.Limit(Side.Buy, 4m, 100m, bracket: Both));
        Assert.Equal(["P1", "P2", "P3"], reply.LegOrderIds.Prepend(reply.OrderId));
        Assert.Single(book.State.Working);

        book.Quote(99.75m, 100m);

        var legs = book.Reports.Where(report => report.ParentClOrdId is not null).ToArray();
        Assert.All(legs, leg => Assert.Equal((ExecType.New, "a", null, Side.Sell), (leg.ExecType, leg.ParentClOrdId, leg.ClOrdId, leg.Side)));
        Assert.Equal(["P2", "P3"], legs.Select(leg => leg.BrokerOrderId));
        Assert.All(book.State.Working.Values, leg => Assert.Equal(4m, leg.LeavesQty));
    }

    [Theory]
    [InlineData(111, "P2", "P3")]
    [InlineData(89, "P3", "P2")]
    public void One_leg_closes_the_position_and_ends_the_other(double bid, string filled, string canceled)
    {
        var book = Entered(4m);
        book.Quote((decimal)bid, (decimal)bid + 0.25m);
        Assert.Equal((filled, 4m, (decimal)bid), Last(book, ExecType.Trade));
        Assert.Equal(canceled, Last(book, ExecType.Canceled).Id);
        Assert.Equal(OrdStatus.Filled, book.State.Find(PaperOrder.NumberOf(filled))!.Status);
        Assert.Empty(book.State.Working);
        Assert.Empty(book.State.Positions);
    }

    [Fact]
    public void A_partial_fill_of_one_leg_shrinks_the_other()
    {
        var book = Entered(4m);
        book.Quote(111m, 111.25m, bidSize: 3m);
        Assert.All(book.State.Working.Values, leg => Assert.Equal(1m, leg.LeavesQty));
        book.Quote(89m, 89.25m);
        Assert.Equal(("P3", 1m, 89m), Last(book, ExecType.Trade));
        Assert.Empty(book.State.Working);
        Assert.Equal(OrdStatus.Filled, book.State.Find(2)!.Status);
    }

    [Fact]
    public void Legs_grow_with_the_entry_and_live_until_it_is_done()
    {
        var book = Book.Opened();
        book.Place("a", Given.Limit(Side.Buy, 4m, 100m, bracket: Both));
        book.Quote(99.75m, 100m, askSize: 1m);
        book.Quote(111m, 111.25m);
        Assert.Empty(book.State.Positions);
        Assert.Equal(3, book.State.Working.Count); // The entry may still fill: what it fills must find its legs.

        book.Quote(99.75m, 100m, askSize: 2m);
        Assert.All(book.State.Working.Values.Where(order => order.Leg is not null), leg => Assert.Equal(2m, leg.LeavesQty));

        book.Ask<PaperCancelReply>(new CancelPaperOrder("a"));
        book.Quote(89m, 89.25m);
        Assert.Empty(book.State.Working);
        Assert.Empty(book.State.Positions);
        Assert.Equal((2m, 1m), (book.State.Find(3)!.CumQty, book.State.Find(2)!.CumQty));
    }

    [Fact]
    public void A_sleeping_stop_leg_is_not_triggered()
    {
        var book = Book.Opened();
        book.Place("a", Given.Limit(Side.Buy, 4m, 100m, bracket: Both));
        book.Quote(99.75m, 100m, askSize: 1m);
        book.Quote(111m, 111.25m);
        book.Quote(89m, 0m);
        book.Quote(99.75m, 100m, askSize: 1m);
        book.Quote(99.75m, 100m, askSize: 0m);
        Assert.Equal(1m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void Canceling_an_entry_whose_legs_have_closed_its_part_ends_the_legs()
    {
        var book = Book.Opened();
        book.Place("a", Given.Limit(Side.Buy, 4m, 100m, bracket: Both));
        book.Quote(99.75m, 100m, askSize: 1m);
        book.Quote(111m, 111.25m);
        book.Ask<PaperCancelReply>(new CancelPaperOrder("a"));
        Assert.Empty(book.State.Working);
        Assert.Equal(OrdStatus.Filled, book.State.Find(2)!.Status);
        Assert.Equal(OrdStatus.Canceled, book.State.Find(3)!.Status);
    }

    [Fact]
    public void An_exit_of_another_kind_ends_the_legs()
    {
        var book = Entered(2m);
        book.Place("exit", Given.Market(Side.Sell, 2m, reduceOnly: true));
        Assert.Empty(book.State.Working);
        Assert.Equal(2, book.Reports.Count(report => report is { ExecType: ExecType.Canceled, ParentClOrdId: "a" }));
    }

    [Fact]
    public void Legs_work_at_once_on_the_quote_that_filled_their_entry()
    {
        var book = Book.Opened();
        book.Quote(89m, 100m, askSize: 1m);
        book.Place("a", Given.Market(Side.Buy, 2m, bracket: Both));
        Assert.Equal(("P3", 1m, 89m), Last(book, ExecType.Trade));
        Assert.Equal(2, book.Fills.Count());
        book.Quote(89m, 100m, askSize: 1m);
        Assert.Equal(4, book.Fills.Count());
        Assert.Empty(book.State.Positions);
        Assert.Empty(book.State.Working);
    }

    [Fact]
    public void A_leg_is_canceled_by_its_order_id_and_the_other_stays()
    {
        var book = Entered(2m);
        Assert.Null(book.Ask<PaperCancelReply>(new CancelPaperOrder(null, "P2")).Refusal);
        Assert.Equal([3L], book.State.Working.Keys);
        book.Quote(89m, 89.25m);
        Assert.Empty(book.State.Positions);
    }

    [Fact]
    public void A_short_entry_has_its_legs_on_the_other_side()
    {
        var book = Book.Opened();
        book.Quote(100m, 100.25m);
        book.Place("a", Given.Market(Side.Sell, 1m, bracket: new Bracket(90m, 110m)));
        book.Quote(109.75m, 110m);
        Assert.Equal(("P3", 1m, 110m), Last(book, ExecType.Trade));
        Assert.Empty(book.State.Working);
    }

    private static Book Entered(decimal quantity)
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Market(Side.Buy, quantity, bracket: Both));
        return book;
    }

    private static (string Id, decimal Qty, decimal Px) Last(Book book, ExecType type)
    {
        var report = book.Reports.Last(report => report.ExecType == type);
        return (report.BrokerOrderId, report.LastQty, report.LastPx);
    }
}

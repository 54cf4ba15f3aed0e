using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperPlacementTests
{
    public static TheoryData<OrderTerms, string> Rejected => new()
    {
        { Given.Market(Side.Buy, 1m) with { Symbol = "NOPE" }, "Unknown symbol" },
        { Given.Market(Side.Buy, 0m), "positive multiple of 1" },
        { Given.Market(Side.Buy, -1m), "positive multiple of 1" },
        { Given.Market(Side.Buy, 1.5m), "positive multiple of 1" },
        { Given.Market(Side.Buy, 0.0015m) with { Symbol = Given.Coin }, "positive multiple of 0.001" },
        { Given.Market((Side)9, 1m), "Unknown Side" },
        { Given.Limit(Side.Buy, 1m, 100.1m), "tick 0.25" },
        { Given.Limit(Side.Buy, 1m, 100m) with { Price = null }, "Price is missing" },
        { Given.Market(Side.Buy, 1m) with { Price = 100m }, "Price is not allowed" },
        { Given.Limit(Side.Buy, 1m, 100m) with { StopPx = 100m }, "StopPx is not allowed" },
        { Given.Stop(Side.Buy, 1m, 100m) with { StopPx = null }, "StopPx is missing" },
        { Given.Stop(Side.Buy, 1m, 100.1m), "StopPx 100.1" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90m) with { Price = null }, "Price is missing" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90m) with { StopPx = null }, "StopPx is missing" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110.1m, 90m), "Price 110.1 is not a multiple of the tick" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90.1m), "StopPx 90.1 is not a multiple of the tick" },
        { Given.OneCancelsOther(Side.Sell, 1m, 90m, 110m), "Price 90 must be above StopPx 110" },
        { Given.OneCancelsOther(Side.Sell, 1m, 90m, 90m), "must be above" },
        { Given.OneCancelsOther(Side.Buy, 1m, 110m, 90m), "Price 110 must be below StopPx 90" },
        { Given.OneCancelsOther(Side.Buy, 1m, 90m, 90m), "must be below" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90m) with { TimeInForce = TimeInForce.ImmediateOrCancel }, "cannot be immediate" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90m) with { TimeInForce = TimeInForce.FillOrKill }, "cannot be immediate" },
        { Given.OneCancelsOther(Side.Sell, 1m, 110m, 90m), "no position" },
        { Given.Market(Side.Sell, 1m, reduceOnly: true), "no position" },
    };

    [Theory]
    [MemberData(nameof(Rejected), DisableDiscoveryEnumeration = true)]
    public void A_bad_order_is_rejected_with_its_reason_and_uses_up_its_id(OrderTerms terms, string reason)
    {
        var book = Book.Opened();
        var reply = book.Place("a", terms);
        Assert.Contains(reason, reply.Refusal);
        Assert.Equal((ExecType.Rejected, "a", reply.Refusal), (book.Reports[0].ExecType, book.Reports[0].ClOrdId, book.Reports[0].Reason));
        Assert.Equal(OrdStatus.Rejected, book.Order("a").Status);
        Assert.Equal(PaperExchange.DuplicateClOrdId, book.Place("a", Given.Market(Side.Buy, 1m)).Refusal);
    }

    [Fact]
    public void A_name_that_is_no_ClOrdID_leaves_nothing_behind()
    {
        var book = Book.Opened();
        Assert.NotNull(book.Place("no spaces", Given.Market(Side.Buy, 1m)).Refusal);
        Assert.Single(book.Events);
    }

    [Fact]
    public void The_same_ClOrdID_again_makes_no_second_order_and_no_report()
    {
        var book = Book.Opened();
        book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal(PaperExchange.DuplicateClOrdId, book.Place("a", Given.Market(Side.Buy, 1m)).Refusal);
        Assert.Single(book.State.Working);
        Assert.Single(book.Reports);
    }

    [Fact]
    public void A_ClOrdID_that_has_left_the_state_is_still_known_by_its_row()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("first", Given.Market(Side.Buy, 3m));
        FinishMany(book);
        Assert.False(book.State.ByClOrdId.ContainsKey("first"));

        Assert.Equal(PaperExchange.DuplicateClOrdId, book.Place("first", Given.Market(Side.Buy, 3m)).Refusal);
        Assert.Equal((OrdStatus.Filled, 3m, 100m), (book.Order("first").Status, book.Order("first").CumQty, book.Order("first").AvgPx));
        Assert.Null(book.Place("new", Given.Market(Side.Buy, 1m)).Refusal);
        Assert.Null(book.Order("never"));
    }

    [Fact]
    public void An_order_that_worked_for_long_is_not_the_first_to_be_forgotten_when_it_ends()
    {
        var book = Book.Opened();
        book.Place("old", Given.Limit(Side.Buy, 1m, 50m, TimeInForce.GoodTillCancel));
        book.Quote(99.75m, 100m);
        FinishMany(book);
        book.Ask<PaperCancelReply>(new CancelPaperOrder("old"));
        Assert.True(book.State.ByClOrdId.ContainsKey("old"));
        Assert.Equal("Canceled", book.Rows[new RowKey(ReadTable.PaperOrders, "t1", "c1", "old")].State);
    }

    [Fact]
    public void Memory_of_finished_orders_is_bounded()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        FinishMany(book);
        FinishMany(book, "z");
        Assert.Equal(PaperExchangeState.KeptFinished, book.State.Finished.Count);
        Assert.Equal(PaperExchangeState.KeptFinished, book.State.FinishedInSequence.Count);
        Assert.Equal(PaperExchangeState.KeptFinished, book.State.ByClOrdId.Count);
    }

    [Fact]
    public void A_book_that_takes_duplicates_makes_a_second_order_and_finds_the_newest()
    {
        var book = new Book(Given.Settings with { RefusesDuplicates = false });
        book.Place("a", Given.Limit(Side.Buy, 1m, 90m));
        book.Place("a", Given.Limit(Side.Buy, 1m, 90m));
        Assert.Equal(2, book.State.Working.Count);
        Assert.Equal("P2", book.Order("a").BrokerOrderId);

        Assert.Null(book.Ask<PaperCancelReply>(new CancelPaperOrder("a", "P1")).Refusal);
        Assert.Equal("Working", book.Rows[new RowKey(ReadTable.PaperOrders, "t1", "c1", "a")].State);
    }

    [Theory]
    [InlineData(1, OrdStatus.Working)]
    [InlineData(100_000, OrdStatus.Rejected)]
    public void A_request_that_is_judged_again_makes_no_second_order_even_where_duplicates_are_let_in(int quantity, OrdStatus status)
    {
        // Its commit went unheard: the reloaded book finds the order, and the command runs again, perhaps after its time.
        var book = new Book(Given.Settings with { RefusesDuplicates = false });
        var request = new PlacePaperOrder("a", Given.Limit(Side.Buy, quantity, 90m), null, 0, ArriveBefore: book.Now.AddSeconds(4));
        var first = book.Ask<PaperPlaceReply>(request);
        book.Reload();
        book.Now = book.Now.AddSeconds(5);
        Assert.Equal(first, book.Ask<PaperPlaceReply>(request));
        Assert.Equal((status, 1L), (book.Order("a").Status, book.State.LastOrder));

        // Another send of the same name is another request.
        book.Ask<PaperPlaceReply>(request with { ArriveBefore = book.Now.AddSeconds(4) });
        Assert.Equal(2L, book.State.LastOrder);
    }

    [Fact]
    public void A_request_taken_up_after_its_time_leaves_nothing_behind()
    {
        var book = Book.Opened();
        var late = new PlacePaperOrder("a", Given.Market(Side.Buy, 1m), null, 0, ArriveBefore: book.Now.AddTicks(-1));
        Assert.Contains("too late", book.Ask<PaperPlaceReply>(late).Refusal);
        Assert.Single(book.Events);
        Assert.Null(book.Ask<PaperPlaceReply>(late with { ArriveBefore = book.Now }).Refusal);
    }

    [Fact]
    public void A_cancel_of_an_unknown_or_finished_order_is_refused()
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Contains("Filled", book.Ask<PaperCancelReply>(new CancelPaperOrder("a")).Refusal);
        Assert.Contains("No such", book.Ask<PaperCancelReply>(new CancelPaperOrder("b")).Refusal);
        Assert.Contains("No such", book.Ask<PaperCancelReply>(new CancelPaperOrder(null, "P77")).Refusal);
        Assert.Contains("No such", book.Ask<PaperCancelReply>(new CancelPaperOrder(null)).Refusal);
    }

    [Fact]
    public void Opening_again_with_the_same_settings_changes_nothing_and_with_others_is_refused()
    {
        var book = Book.Opened();
        Assert.Null(book.Ask<PaperBookReply>(new OpenPaperBook(Given.Settings)).Refusal);
        Assert.Null(book.Ask<PaperBookReply>(new OpenPaperBook(Given.Settings with { Faults = new PaperFaults() })).Refusal);
        Assert.NotNull(book.Ask<PaperBookReply>(new OpenPaperBook(Given.Settings with { Seed = 9 })).Refusal);
        Assert.Single(book.Events);
    }

    [Fact]
    public void Before_the_book_is_open_nothing_is_placed_and_no_question_is_answered_with_flat()
    {
        var context = new PaperContext("c1", Given.Start, new TestInstruments());
        object Ask(object message) => PaperExchange.Decide(PaperExchangeState.Empty, message, context).Reply!;
        Assert.NotNull(((PaperPlaceReply)Ask(new PlacePaperOrder("a", Given.Market(Side.Buy, 1m), null, 0))).Refusal);
        Assert.Null(((PaperSnapshotReply)Ask(new GetPaperSnapshot())).Snapshot);
        Assert.False(((PaperFindReply)Ask(new FindPaperOrder("a"))).IsOpen);
    }

    private static void FinishMany(Book book, string prefix = "n")
    {
        for (var i = 0; i < PaperExchangeState.KeptFinished; i++)
        {
            book.Place($"{prefix}{i}", Given.Market(i % 2 == 0 ? Side.Buy : Side.Sell, 1m));
        }
    }
}

using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>A market that is closed from 21:00 to 23:00 UTC.</summary>
public sealed class PaperSessionHoursTests
{
    private static readonly DateTimeOffset Closed = new(2026, 11, 20, 22, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Open = new(2026, 11, 20, 23, 0, 0, TimeSpan.Zero);

    public static TheoryData<OrderTerms> Immediate =>
    [
        Given.Market(Side.Buy, 1m),
        Given.Limit(Side.Buy, 1m, 101m, TimeInForce.ImmediateOrCancel),
        Given.Limit(Side.Buy, 1m, 101m, TimeInForce.FillOrKill),
    ];

    [Theory]
    [MemberData(nameof(Immediate), DisableDiscoveryEnumeration = true)]
    public void What_could_only_trade_now_is_rejected_while_the_market_is_closed(OrderTerms terms)
    {
        var book = At(Closed);
        Assert.Equal("The market is closed until 2026-11-20 23:00 UTC.", book.Place("a", terms).Refusal);
        book.Now = Open;
        Assert.Null(book.Place("b", terms).Refusal);
    }

    [Fact]
    public void An_order_that_can_rest_is_accepted_and_waits_for_the_session()
    {
        var book = At(Closed);
        book.Quote(99.75m, 100m, at: Closed);
        Assert.Null(book.Place("limit", Given.Limit(Side.Buy, 1m, 101m)).Refusal);
        Assert.Null(book.Place("stop", Given.Stop(Side.Buy, 1m, 99m)).Refusal);
        book.Quote(99.75m, 100m, at: Closed.AddMinutes(1));
        Assert.Empty(book.Fills);
        Assert.Empty(book.Events.OfType<PaperOrderTriggered>());

        book.Now = Open;
        book.Quote(100m, 100.25m, at: Open);
        Assert.Equal([100.25m, 100.25m], book.Fills.Select(fill => fill.LastPx));
    }

    [Fact]
    public void A_quote_made_outside_the_session_fills_nothing_when_it_comes_late()
    {
        var book = At(Open);
        book.Quote(99.75m, 100m, at: Closed);
        book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Empty(book.Fills);
        book.Quote(100m, 100.25m, at: Open);
        Assert.Equal(100.25m, Assert.Single(book.Fills).LastPx);
    }

    [Fact]
    public void Resting_orders_outlive_the_close_and_are_canceled_at_any_hour()
    {
        var book = At(Closed.AddHours(-3));
        book.Place("gtc", Given.Limit(Side.Buy, 1m, 100m, TimeInForce.GoodTillCancel));
        book.Now = Closed;
        book.Quote(98m, 98.25m, at: Closed);
        Assert.Equal(OrdStatus.Working, book.Order("gtc").Status);
        Assert.Null(book.Ask<PaperCancelReply>(new CancelPaperOrder("gtc")).Refusal);
    }

    [Fact]
    public void A_day_order_still_expires_when_a_quote_comes_outside_the_session()
    {
        var book = At(Closed.AddHours(-3));
        book.Place("day", Given.Limit(Side.Buy, 1m, 100m));
        book.Now = Closed;
        book.Tell(new QuoteArrived(Given.Quote(98m, 98.25m) with { At = Closed }));
        Assert.Equal(OrdStatus.Expired, book.Order("day").Status);
    }

    [Fact]
    public void A_book_that_is_replayed_without_session_hours_is_the_same()
    {
        var book = At(Closed);
        book.Place("rejected", Given.Market(Side.Buy, 1m));
        book.Place("rests", Given.Limit(Side.Buy, 1m, 101m));
        var live = book.StateJson();
        var replayed = new Book(Given.Settings);
        replayed.Adopt(book.Replay());
        Assert.Equal(live, replayed.StateJson());
    }

    private static Book At(DateTimeOffset now) => new(Given.Settings, hasSessions: true) { Now = now };
}

using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperMarginTests
{
    [Fact]
    public void What_the_equity_carries_is_accepted_and_one_contract_more_is_not()
    {
        // 1,000 of equity, 100 a contract.
        var book = WithMargin(perUnit: 100m);
        book.Quote(99.75m, 100m);
        Assert.Null(book.Place("ten", Given.Limit(Side.Buy, 10m, 90m)).Refusal);
        Assert.Equal("Margin: 1100 USD would be needed, the equity is 1000.", book.Place("one", Given.Limit(Side.Buy, 1m, 90m)).Refusal);
        Assert.Equal(OrdStatus.Rejected, book.Order("one").Status);
        Assert.Equal(ExecType.Rejected, book.Reports[^1].ExecType);
    }

    [Fact]
    public void Working_orders_of_the_two_sides_are_not_added_up()
    {
        var book = WithMargin(perUnit: 100m);
        book.Quote(99.75m, 100m);
        Assert.Null(book.Place("buy", Given.Limit(Side.Buy, 10m, 90m)).Refusal);
        Assert.Null(book.Place("sell", Given.Limit(Side.Sell, 10m, 110m)).Refusal);
        Assert.NotNull(book.Place("more", Given.Limit(Side.Sell, 1m, 110m)).Refusal);
    }

    [Fact]
    public void A_canceled_order_gives_its_margin_back()
    {
        var book = WithMargin(perUnit: 100m);
        book.Quote(99.75m, 100m);
        book.Place("ten", Given.Limit(Side.Buy, 10m, 90m));
        book.Ask<PaperCancelReply>(new CancelPaperOrder("ten"));
        Assert.Null(book.Place("again", Given.Limit(Side.Buy, 10m, 90m)).Refusal);
    }

    [Fact]
    public void A_part_of_the_notional_is_taken_on_the_dearer_side_of_the_quote()
    {
        // 10 % of 100.00 at 50 a point is 500 a contract.
        var book = WithMargin(ofNotional: 0.1m);
        book.Quote(99.75m, 100m);
        Assert.Contains("1500 USD would be needed", book.Place("three", Given.Market(Side.Sell, 3m)).Refusal);
        Assert.Null(book.Place("two", Given.Market(Side.Sell, 2m)).Refusal);
    }

    [Fact]
    public void An_order_without_a_quote_is_judged_on_its_own_price()
    {
        var book = WithMargin(ofNotional: 0.1m);
        Assert.Contains("1350 USD would be needed", book.Place("a", Given.Limit(Side.Buy, 3m, 90m)).Refusal);
        Assert.Contains("1650 USD would be needed", book.Place("b", Given.Stop(Side.Buy, 3m, 110m)).Refusal);
        Assert.Null(book.Place("c", Given.Limit(Side.Buy, 2m, 90m)).Refusal);
    }

    [Fact]
    public void Open_profit_counts_at_the_price_of_the_exit()
    {
        var book = WithMargin(perUnit: 100m);
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 5m));
        book.Quote(103.75m, 104m); // 5 x 3.75 x 50 = 937.50 of profit.
        Assert.Contains("2000 USD would be needed, the equity is 1937.5.", book.Place("a", Given.Limit(Side.Buy, 15m, 90m)).Refusal);
        book.Quote(98.75m, 99m); // 312.50 of loss.
        Assert.Contains("700 USD would be needed, the equity is 687.5.", book.Place("b", Given.Limit(Side.Buy, 2m, 90m)).Refusal);
        Assert.Null(book.Place("c", Given.Limit(Side.Buy, 1m, 90m)).Refusal);
    }

    [Fact]
    public void Closing_is_never_refused_however_deep_the_loss()
    {
        var book = WithMargin(perUnit: 100m);
        book.Quote(99.75m, 100m);
        book.Place("in", Given.Market(Side.Buy, 10m));
        book.Quote(49.75m, 50m);
        Assert.Null(book.Place("stop", Given.Stop(Side.Sell, 4m, 40m)).Refusal);
        Assert.Null(book.Place("protect", Given.OneCancelsOther(Side.Sell, 10m, 110m, 40m)).Refusal);
        Assert.Null(book.Place("out", Given.Market(Side.Sell, 6m)).Refusal);
        Assert.NotNull(book.Place("turn", Given.Market(Side.Sell, 5m)).Refusal);
        Assert.Null(book.Place("rest", Given.Market(Side.Sell, 5m, reduceOnly: true)).Refusal);
        Assert.Empty(book.State.Positions);
    }

    [Fact]
    public void Turning_a_position_needs_margin_for_the_new_side_alone()
    {
        var book = WithMargin(perUnit: 100m);
        book.Quote(100m, 100m);
        book.Place("in", Given.Market(Side.Buy, 10m));
        Assert.Contains("1100 USD", book.Place("far", Given.Market(Side.Sell, 21m)).Refusal);
        Assert.Null(book.Place("turn", Given.Market(Side.Sell, 20m)).Refusal);
        Assert.Equal(-10m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void Positions_in_other_symbols_need_their_margin_too()
    {
        var book = WithMargin(perUnit: 100m);
        book.Place("coins", new OrderTerms(Given.Coin, Side.Buy, OrdType.Market, 5m), Given.Quote(1000m, 1000m, symbol: Given.Coin)); // 10 % of 5,000.
        book.Quote(99.75m, 100m);
        Assert.Contains("1100 USD would be needed", book.Place("six", Given.Limit(Side.Buy, 6m, 90m)).Refusal);
        Assert.Null(book.Place("five", Given.Limit(Side.Buy, 5m, 90m)).Refusal);
    }

    [Fact]
    public void A_market_order_without_any_quote_is_judged_when_the_first_one_would_fill_it()
    {
        var book = WithMargin(ofNotional: 0.1m);
        Assert.Null(book.Place("three", Given.Market(Side.Buy, 3m)).Refusal);
        Assert.Null(book.Place("two", Given.Market(Side.Buy, 2m)).Refusal);
        Assert.Null(book.Place("one", Given.Market(Side.Buy, 1m)).Refusal);
        book.Reload();

        book.Quote(99.75m, 100m);

        Assert.Equal((OrdStatus.Canceled, 0m), (book.Order("three").Status, book.Order("three").CumQty));
        Assert.Equal((OrdStatus.Filled, 2m), (book.Order("two").Status, book.Order("two").CumQty));
        Assert.Equal(OrdStatus.Canceled, book.Order("one").Status);
        Assert.Contains("Margin: 1500 USD", book.Reports.First(report => report is { ClOrdId: "three", ExecType: ExecType.Canceled }).Reason);
    }

    [Fact]
    public void A_book_that_does_not_check_margin_takes_any_size()
    {
        var book = new Book(Given.Settings with { StartingBalance = 1m, ChecksMargin = false });
        Assert.Null(book.Place("none", Given.Market(Side.Buy, 1_000m)).Refusal);
        book.Quote(99.75m, 100m);
        Assert.Null(book.Place("some", Given.Market(Side.Buy, 1_000m)).Refusal);
        Assert.Equal(2_000m, book.State.PositionIn(Given.Future));
    }

    [Fact]
    public void Settings_with_the_same_margins_open_the_same_book()
    {
        var book = WithMargin(perUnit: 100m);
        Assert.Null(book.Ask<PaperBookReply>(new OpenPaperBook(Settings(100m, 0m))).Refusal);
        Assert.NotNull(book.Ask<PaperBookReply>(new OpenPaperBook(Settings(101m, 0m))).Refusal);
    }

    [Theory]
    [InlineData("ES", 0.002)]
    [InlineData("CL", 0.002)]
    [InlineData("BTC", 0.1)]
    [InlineData("VX", 0.1)]
    [InlineData("AAPL", 0.5)]
    [InlineData("BTCUSDT", 0.1)]
    public void Default_margins_are_parts_of_the_notional(string root, double expected) =>
        Assert.Equal(new PaperMargin(OfNotional: (decimal)expected), PaperMarginDefaults.Of(InstrumentCatalog.Find(root)!));

    private static Book WithMargin(decimal perUnit = 0m, decimal ofNotional = 0m) => new(Settings(perUnit, ofNotional));

    private static PaperSettings Settings(decimal perUnit, decimal ofNotional) => Given.Settings with
    {
        StartingBalance = 1_000m,
        Margins = new PaperMargins(ImmutableSortedDictionary<string, PaperMargin>.Empty.Add("ES", new PaperMargin(perUnit, ofNotional))),
    };
}

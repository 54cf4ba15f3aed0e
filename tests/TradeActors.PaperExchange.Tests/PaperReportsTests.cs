using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperReportsTests
{
    [Fact]
    public void Reports_are_numbered_without_a_gap_and_named_after_the_exchange()
    {
        var book = Traded(10);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => $"{n}"), book.Reports.Select(report => report.Cursor));
        Assert.Equal(Enumerable.Range(1, 20).Select(n => $"c1-{n}"), book.Reports.Select(report => report.ExecId));
    }

    [Fact]
    public void Reading_does_not_drop_what_only_the_reader_has_seen()
    {
        var book = Traded(100);
        Assert.Equal(50, Read(book, after: 0, limit: 50).Length);
        Assert.Equal(150, Read(book, after: 50).Length);
        Assert.Equal(200, Read(book, after: 0).Length);
    }

    [Fact]
    public void Stored_reports_go_with_the_next_order()
    {
        var book = Traded(10);
        book.Ask<PaperPlaceReply>(new PlacePaperOrder("next", Given.Market(Side.Buy, 1m), null, ReportsSeen: 15));
        Assert.Equal(["16", "17", "18", "19", "20", "21"], Read(book, after: 0));
        Assert.Equal(["21"], Read(book, after: 20));
        Assert.Empty(Read(book, after: 21));
    }

    [Fact]
    public void Stored_reports_go_with_a_question_once_enough_have_gathered()
    {
        var book = Traded(100);
        var events = book.Events.Count;
        Read(book, after: 63, seen: PaperExchange.ReportsPerTrim - 1);
        Assert.Equal(events, book.Events.Count);
        Read(book, after: 64, seen: PaperExchange.ReportsPerTrim);
        Assert.Equal(new PaperReportsSeen(64, book.Now), book.Events[^1]);
        Assert.Equal(136, book.State.Reports.Count);
        Read(book, after: 64, seen: PaperExchange.ReportsPerTrim);
        Assert.Equal(events + 1, book.Events.Count);
    }

    [Fact]
    public void A_reader_that_claims_more_than_there_is_drops_no_later_report()
    {
        var book = Traded(1);
        book.Ask<PaperPlaceReply>(new PlacePaperOrder("next", Given.Market(Side.Buy, 1m), null, ReportsSeen: 1_000));
        Assert.Equal(["3"], Read(book, after: 0));
    }

    private static Book Traded(int orders)
    {
        var book = Book.Opened();
        book.Quote(99.75m, 100m);
        for (var i = 0; i < orders; i++)
        {
            book.Place($"o{i}", Given.Market(Side.Buy, 1m));
        }

        return book;
    }

    private static string[] Read(Book book, long after, int limit = 500, long seen = 0) =>
        [.. book.Ask<PaperReportsReply>(new GetPaperReports(after, limit, seen)).Reports.Select(report => report.Cursor)];
}

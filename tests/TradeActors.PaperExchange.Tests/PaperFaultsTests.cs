using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperFaultsTests
{
    [Fact]
    public void A_lost_request_leaves_nothing_behind()
    {
        var book = With(new PaperFaults(LoseRequest: 1));
        var reply = book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal((AnswerMode.Lost, null, null), (reply.Mode, reply.OrderId, reply.Refusal));
        Assert.Single(book.Events);
        Assert.Null(book.Order("a"));
    }

    [Fact]
    public void A_request_is_lost_per_attempt_and_not_for_ever()
    {
        var book = With(new PaperFaults(LoseRequest: 0.5));
        for (var i = 0; i < 50; i++)
        {
            var attempts = 0;
            while (book.Place($"o{i}", Given.Market(Side.Buy, 1m)).Mode == AnswerMode.Lost)
            {
                book.Now += TimeSpan.FromSeconds(2);
                Assert.True(++attempts < 30, "Thirty attempts in a row were lost.");
            }
        }

        Assert.Equal(50, book.State.Working.Count);
        Assert.True(book.Now > Given.Start, "No request was lost.");
    }

    [Fact]
    public void A_time_out_after_accept_places_the_order_and_loses_the_answer()
    {
        var book = With(new PaperFaults(TimeOutAfterAccept: 1));
        Assert.Equal(AnswerMode.Lost, book.Place("a", Given.Market(Side.Buy, 1m)).Mode);
        Assert.Equal(OrdStatus.Working, book.Order("a").Status);
        var again = book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal((AnswerMode.Normal, PaperExchange.DuplicateClOrdId), (again.Mode, again.Refusal));
    }

    [Fact]
    public void A_late_answer_says_by_how_much()
    {
        var book = With(new PaperFaults(LateAnswer: 1, LateBy: TimeSpan.FromSeconds(1)));
        var reply = book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal((AnswerMode.Late, TimeSpan.FromSeconds(1), "P1"), (reply.Mode, reply.LateBy, reply.OrderId));
    }

    [Fact]
    public void A_lost_cancel_answer_cancels_all_the_same()
    {
        var book = With(new PaperFaults(LoseCancelAnswer: 1));
        book.Place("a", Given.Market(Side.Buy, 1m));
        Assert.Equal(AnswerMode.Lost, book.Ask<PaperCancelReply>(new CancelPaperOrder("a")).Mode);
        Assert.Equal(OrdStatus.Canceled, book.Order("a").Status);
    }

    [Fact]
    public void Faults_are_set_and_ended_by_command_and_survive_a_restart()
    {
        var book = Book.Opened();
        Assert.Null(book.Ask<PaperFaultsReply>(new SetPaperFaults(new PaperFaults(LoseRequest: 1))).Refusal);
        book.Reload();
        Assert.Equal(AnswerMode.Lost, book.Place("a", Given.Market(Side.Buy, 1m)).Mode);
        book.Ask<PaperFaultsReply>(new SetPaperFaults(null));
        Assert.Equal(AnswerMode.Normal, book.Place("a", Given.Market(Side.Buy, 1m)).Mode);
        Assert.Equal(AnswerMode.Normal, book.Place("b", Given.Market(Side.Buy, 1m)).Mode);
    }

    private static Book With(PaperFaults faults) => new(Given.Settings with { Faults = faults });
}

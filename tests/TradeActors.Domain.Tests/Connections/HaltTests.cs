using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Tests.Accounts;
using Xunit;

namespace TradeActors.Domain.Tests.Connections;

/// <summary>No intent is stored after a halt was answered for an entry that was planned before it, in whatever order things arrive (PROTOCOL 11).</summary>
public sealed class HaltTests
{
    [Fact]
    public void Entry_that_comes_after_the_halt_gets_no_intent_and_its_account_hears_so()
    {
        var connection = new ConnectionRun();
        Assert.Equal(new EntriesWithdrawn(1), Ask(connection, 1));
        connection.Place();
        Assert.Empty(connection.State.Orders);
        Assert.Equal(OrderUpdateKind.Canceled, connection.LastTold!.Kind);
        connection.Cancel(); // Its cancel, which follows it: nothing is left to cancel.
        Assert.Equal(OrderUpdateKind.CancelRejected, connection.LastTold!.Kind);
    }

    [Fact]
    public void Entry_that_came_before_the_halt_was_sent_and_is_canceled_by_its_own_request()
    {
        var connection = new ConnectionRun().Place();
        Ask(connection, 1);
        connection.Cancel().Accept();
        Assert.IsType<CallCancel>(connection.Call());
    }

    [Fact]
    public void Exits_and_entries_of_after_the_resume_pass()
    {
        var connection = new ConnectionRun();
        Ask(connection, 2);
        connection.Tell(new PlaceOrder("exit", Terms, OrderPurpose.Exit, null, Halts: 0));
        connection.Tell(new PlaceOrder("old", Terms, OrderPurpose.Entry, null, Halts: 1));
        connection.Tell(new PlaceOrder("new", Terms, OrderPurpose.Entry, null, Halts: 2));
        Assert.Equal(["exit", "new"], connection.State.Orders.Keys);
    }

    [Fact]
    public void Entry_that_was_lost_on_its_way_to_the_broker_is_not_sent_again_after_the_halt()
    {
        var connection = new ConnectionRun().Place().Lose();
        Ask(connection, 1);
        connection.After(60).Find(null);
        Assert.Equal(OrderPhase.Done, connection.Order().Phase);
        Assert.Equal(OrderUpdateKind.Canceled, connection.LastTold!.Kind);
        Assert.DoesNotContain(connection.Events, e => e is IntentRenewed);
    }

    [Fact]
    public void Halt_is_stored_once_answered_every_time_and_an_older_one_lowers_nothing()
    {
        var connection = new ConnectionRun();
        Ask(connection, 2);
        Ask(connection, 2);
        Ask(connection, 1);
        Assert.Equal([new EntriesHalted(2)], connection.Events);
        var numbered = Connection.Decide(connection.State, new WithdrawEntries(2), ConnectionRun.Account, false, connection.Now);
        Assert.Equal(new Outgoing(ConnectionRun.Account, new EntriesWithdrawn(2)), Assert.Single(numbered.Sends));
    }

    /// <summary>
    /// The account's messages come in their order: an entry, its cancel, the halt. The door's ask comes anywhere between them. From the moment it is
    /// answered no intent is stored, and at the end either nothing was sent or its cancel is wanted.
    /// </summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Whatever_arrives_first_nothing_is_sent_after_the_answer(int askAfter, bool isResumed)
    {
        var account = new AccountRun();
        account.Place("before", Side.Buy, 2m);
        var taken = Assert.IsType<HaltTaken>(account.Tell(new HaltAccount("Owner")).Reply);
        if (isResumed)
        {
            account.Tell(new ResumeAccount()); // Before anything of it has reached the connection.
            account.Place("after", Side.Buy, 1m);
        }

        var lane = account.Sent.ToArray();
        var connection = new ConnectionRun();
        for (var i = 0; i <= lane.Length; i++)
        {
            if (i == askAfter)
            {
                Ask(connection, taken.Halts);
                connection.Events.Clear();
            }

            if (i < lane.Length)
            {
                Tell(connection, lane[i]);
            }
        }

        Assert.DoesNotContain(connection.Events.OfType<IntentStored>(), intent => intent.ClOrdId == "before");
        Assert.True(!connection.State.Orders.TryGetValue("before", out var order) || order.CancelAttempt > 0);
        Assert.Equal(isResumed, connection.State.Orders.ContainsKey("after"));
    }

    private static OrderTerms Terms => new("ESU2026", Side.Buy, OrdType.Market, 1m);

    private static object? Ask(ConnectionRun connection, long halts) => Apply(connection, new WithdrawEntries(halts), null);

    private static void Tell(ConnectionRun connection, object message) => Apply(connection, message, ConnectionRun.Account);

    private static object? Apply(ConnectionRun connection, object message, EntityId? sender) => connection.Tell(message, sender).Reply;
}

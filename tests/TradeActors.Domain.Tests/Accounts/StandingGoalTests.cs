using TradeActors.Domain.Accounts;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Tests.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>Where an account ends when signals, cancels and fills cross.</summary>
public sealed class StandingGoalTests
{
    [Fact]
    public void Late_fill_after_a_partial_close_costs_only_what_it_opened()
    {
        var account = new AccountRun().Holding(4m).Signal(Plans.Add(Side.Buy, 2m));
        var add = account.Last;
        account.Signal(Plans.CloseSome(3m)); // Of 4 held and 2 on their way: down to 3.
        account.Canceled(add).Fill();
        Assert.Equal(3m, account.Held());
        account.Fill(order: add);
        foreach (var exit in account.Live)
        {
            account.Fill(order: exit);
        }

        Assert.Equal(3m, account.Held());
    }

    [Fact]
    public void Target_below_an_entry_in_flight_is_still_reached_when_that_entry_is_canceled()
    {
        var account = new AccountRun().Signal(Plans.Target(4m));
        var entry = account.Last;
        account.Signal(Plans.Target(1m)).Canceled(entry);
        Assert.Equal((OrderPurpose.Entry, 1m), (account.Live.SingleOrDefault()?.Purpose, account.Live.SingleOrDefault()?.Terms.OrderQty));
    }

    [Fact]
    public void Close_that_the_broker_cancels_unasked_is_not_sent_again_at_once_for_ever()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close());
        account.Canceled();
        Assert.Empty(account.Live);
        Assert.Single(Account.Pending(account.State).Timers);
    }

    [Fact]
    public void Waiting_entry_that_a_close_supersedes_does_not_settle_as_nothing_to_close()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close()).Signal(Plans.Enter(Side.Sell, 1m), id: "superseded").Signal(Plans.Close());
        Assert.NotEqual(SignalReason.NothingToClose, account.Events.OfType<SignalSettled>().Single(e => e.SignalId == "superseded").Reason);
    }

    [Fact]
    public void Halt_withdraws_entries_that_the_connection_has_not_taken_up()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m));
        account.Tell(new HaltAccount("Owner"));
        Assert.Equal([account.Last.ClOrdId], account.Cancels);
    }

    [Fact]
    public void Inverse_of_a_subscription_turns_its_sides()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m), overrides: new Settings(Inverse: true));
        Assert.Equal(Side.Sell, account.Last.Terms.Side);
    }

    [Fact]
    public void Age_on_the_account_counts_from_the_time_of_sending_too()
    {
        var recorder = new RecorderRun().Subscribed("s1");
        recorder.Signal(Given.Parsed("buy") with { SentAt = recorder.Now.AddSeconds(-20) });
        var fanOut = recorder.FanOuts.Single();
        var account = new AccountRun { Now = recorder.Now.AddSeconds(20) };
        account.Tell(new Domain.Common.FanOutPart(1, fanOut.Message, fanOut.Members[0].Terms), RecorderRun.Self);
        Assert.Equal(SignalOutcome.Expired, account.LastTaken.Outcome);
    }

    [Fact]
    public void Accounts_own_order_id_never_replaces_an_order_that_a_caller_named_so()
    {
        var account = new AccountRun();
        account.Place(ClOrdId.Make("inc1", AccountRun.Self.Key, 2), Side.Buy, 1m);
        account.Signal(Plans.Enter(Side.Sell, 5m));
        Assert.Equal(account.Sent.OfType<PlaceOrder>().Count(), account.State.Orders.Count);
    }

    [Fact]
    public void Trading_day_does_not_run_backwards_in_the_hour_that_the_clocks_repeat()
    {
        // 1 November 2026: 01:35 daylight time is after the reset, 01:10 standard time follows 35 minutes later.
        var first = TradingDay.Of(DateTimeOffset.Parse("2026-11-01T06:35:00Z"), "01:30 America/Chicago");
        var later = TradingDay.Of(DateTimeOffset.Parse("2026-11-01T07:10:00Z"), "01:30 America/Chicago");
        Assert.Equal(first, later);
    }
}

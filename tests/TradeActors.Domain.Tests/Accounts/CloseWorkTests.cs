using TradeActors.Domain.Accounts;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>A close is a target that stands until it is met (PROTOCOL 2, 13).</summary>
public sealed class CloseWorkTests
{
    [Fact]
    public void Close_sells_the_share_reduce_only_and_is_done_when_it_has_filled()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close());
        Assert.Equal(new OrderTerms(AccountRun.Es, Side.Sell, OrdType.Market, 2m, ReduceOnly: true), account.Last.Terms);
        account.Fill(1m);
        Assert.NotNull(account.ShareOf()!.Goal);
        account.Fill();
        Assert.Null(account.ShareOf());
        Assert.Single(account.Events.OfType<CloseReached>());
        Assert.Single(account.Sent);
    }

    [Fact]
    public void Flip_closes_waits_for_the_fill_and_then_enters()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 3m)).Accept();
        Assert.Single(account.Sent);
        account.Fill(1m);
        Assert.Single(account.Sent);
        account.Fill();
        Assert.Equal((OrderPurpose.Entry, Side.Sell, 3m), (account.Last.Purpose, account.Last.Terms.Side, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Equal(-3m, account.Held());
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public void Entry_that_became_late_while_it_waited_is_dropped(double seconds, bool isEntered)
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 3m), id: "sig-a").After(TimeSpan.FromSeconds(seconds)).Fill();
        Assert.Equal(isEntered, account.Live.Length == 1);
        Assert.Equal(!isEntered, account.Events.Contains(new EntryDropped("s1", AccountRun.Es, "sig-a", SignalReason.Late)));
        if (!isEntered)
        {
            Assert.Equal(new SignalSettled("s1", "sig-a", SignalOutcome.Filled, SignalReason.Late), account.LastSettled);
        }
    }

    [Fact]
    public void Halt_while_an_entry_waits_drops_it()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 3m));
        account.Tell(new HaltAccount("Owner"));
        account.Fill();
        Assert.Equal(SignalReason.Halted, account.Events.OfType<EntryDropped>().Single().Reason);
        Assert.Empty(account.Live);
    }

    [Fact]
    public void Limit_that_is_reached_while_an_entry_waits_drops_it()
    {
        var account = new AccountRun(new AccountLimits(new PositionLimits(3m))).Holding(2m).Signal(Plans.Flip(Side.Sell, 3m));
        account.Tell(new ChangeAccountLimits(new AccountLimits(new PositionLimits(2m))));
        account.Fill();
        Assert.Equal(SignalReason.MaxPosition, account.Events.OfType<EntryDropped>().Single().Reason);
    }

    [Fact]
    public void Shares_of_two_recorders_and_a_manual_order_on_one_contract_do_not_disturb_each_other()
    {
        var account = new AccountRun().Holding(2m).Holding(3m, subscription: "s2");
        account.Place("m1", Side.Buy, 4m);
        account.Fill();
        account.Signal(Plans.Close(), subscription: "s2").Fill();
        Assert.Equal((2m, 0m, 4m, 6m), (account.Held(), account.Held("s2"), account.Held(AccountState.Manual), account.State.Net(AccountRun.Es)));
        account.Signal(Plans.CloseSome(1m)).Fill();
        account.Signal(Plans.Close()).Fill();
        Assert.Equal((0m, 4m), (account.Held(), account.State.Net(AccountRun.Es)));
    }

    [Fact]
    public void Close_against_another_owners_opposite_share_is_not_reduce_only()
    {
        var account = new AccountRun().Holding(3m).Holding(-1m, subscription: "s2").Signal(Plans.Close(), subscription: "s2");
        Assert.Equal((Side.Buy, false), (account.Last.Terms.Side, account.Last.Terms.ReduceOnly));
    }

    [Theory]
    [InlineData(OrderUpdateKind.Unknown)]
    [InlineData(OrderUpdateKind.Abandoned)]
    public void Unsettled_closing_order_blocks_another(OrderUpdateKind kind)
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close()).Update(kind);
        account.Signal(Plans.Close());
        account.Tell(new FlattenAccount());
        account.After(TimeSpan.FromHours(1)).FireTimers();
        Assert.Single(account.Events.OfType<OrderPlanned>());
        account.Fill();
        Assert.Equal(0m, account.Held());
    }

    [Fact]
    public void Unknown_entry_does_not_block_closing_what_is_known()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Add(Side.Buy, 3m)).Unknown();
        var add = account.Last;
        account.Signal(Plans.Close());
        Assert.Equal((OrderPurpose.Exit, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        Assert.Equal([add.ClOrdId], account.Cancels);
        account.Fill();
        Assert.NotNull(account.ShareOf()!.Goal); // Stands until the unknown entry is settled.
        account.Fill(order: add);
        Assert.Equal((OrderPurpose.Exit, 3m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Null(account.ShareOf());
    }

    [Fact]
    public void Close_while_the_entry_is_in_flight_asks_for_its_cancel_and_is_done_when_that_is_confirmed()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        var entry = account.Last;
        account.Signal(Plans.Close());
        Assert.Equal([entry.ClOrdId], account.Cancels);
        Assert.Single(account.Live);
        account.Canceled(entry);
        Assert.Null(account.ShareOf());
        Assert.Single(account.State.Orders);
    }

    [Fact]
    public void Entry_that_fills_although_its_cancel_was_asked_is_closed_again()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        var entry = account.Last;
        account.Signal(Plans.Close()).Fill(1m, entry);
        Assert.Equal((OrderPurpose.Exit, 1m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        account.Fill(order: entry);
        Assert.Equal(2, account.Live.Length + 1); // The second close waits for the first.
        account.Fill();
        account.Fill();
        Assert.Null(account.ShareOf());
    }

    [Fact]
    public void Fill_that_crosses_a_confirmed_cancel_is_closed_at_once()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        var entry = account.Last;
        account.Signal(Plans.Close()).Canceled(entry);
        Assert.Null(account.ShareOf());
        account.Fill(order: entry);
        Assert.Equal((OrderPurpose.Exit, Side.Sell, 2m), (account.Last.Purpose, account.Last.Terms.Side, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Equal(0m, account.Held());
    }

    [Fact]
    public void Overshoot_is_closed_at_once()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close());
        var first = account.Last;
        account.Canceled(first).After(TimeSpan.FromMinutes(1)).FireTimers();
        var second = account.Last;
        Assert.NotEqual(first.ClOrdId, second.ClOrdId);
        account.Fill(order: second);
        account.Fill(order: first);
        Assert.Equal(-2m, account.Held());
        Assert.Equal((OrderPurpose.Exit, Side.Buy, 2m), (account.Last.Purpose, account.Last.Terms.Side, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Equal(0m, account.Held());
    }

    [Fact]
    public void Rejected_close_is_tried_again_by_timer_with_growing_waits_up_to_a_minute()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close());
        var waits = new List<double>();
        for (var n = 0; n < 8; n++)
        {
            account.Rejected();
            Assert.Empty(account.Live);
            var due = Account.Pending(account.State).Timers.Single().Due;
            waits.Add((due - account.Now).TotalSeconds);
            account.Now = due.AddMilliseconds(-1);
            account.Tell(new Domain.Common.TimerFired("close:s1|ESU2026"));
            Assert.Empty(account.Live);
            account.Now = due;
            account.FireTimers();
            Assert.Equal((OrderPurpose.Exit, 2m), (account.Live.Single().Purpose, account.Live.Single().Terms.OrderQty));
            Assert.Empty(Account.Pending(account.State).Timers);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
        account.Fill();
        Assert.Null(account.ShareOf());
    }

    [Fact]
    public void Retry_that_fell_due_while_the_account_was_unloaded_is_made_when_it_wakes()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close()).Rejected().After(TimeSpan.FromHours(8));
        account.Tell(new Domain.Common.Activated());
        Assert.Single(account.Live);
    }

    [Fact]
    public void Other_news_does_not_shorten_the_wait()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close()).Rejected();
        account.Place("m1", Side.Buy, 1m);
        account.Fill();
        Assert.DoesNotContain(account.Live, order => order.Purpose == OrderPurpose.Exit);
    }

    [Fact]
    public void Flatten_cancels_every_entry_and_closes_every_share()
    {
        var account = new AccountRun().Holding(2m).Holding(-1m, subscription: "s2", symbol: "NQU2026").Signal(Plans.Add(Side.Buy, 1m));
        var add = account.Last;
        account.Place("m1", Side.Buy, 4m, "AAPL");
        account.Place("m2", Side.Buy, 3m, "MSFT");
        account.Fill();
        var reaction = account.Tell(new FlattenAccount());
        Assert.Equal(new AccountDone(), reaction.Reply);
        Assert.Equal([add.ClOrdId, "m1"], account.Cancels.Order(StringComparer.Ordinal));
        var exits = account.Live.Where(order => order.Purpose == OrderPurpose.Exit).ToArray();
        Assert.Equal(
            ["ESU2026 Sell 2", "MSFT Sell 3", "NQU2026 Buy 1"],
            exits.Select(order => $"{order.Terms.Symbol} {order.Terms.Side} {order.Terms.OrderQty}").Order(StringComparer.Ordinal));
        Assert.Empty(account.Tell(new FlattenAccount()).Events);
        foreach (var order in exits)
        {
            account.Fill(order: order);
        }

        account.Canceled(add).Update(OrderUpdateKind.Canceled, account.State.Orders["m1"]);
        Assert.Empty(account.Live);
        Assert.Empty(account.State.Shares);
        Assert.Empty(account.State.Positions);
    }

    [Fact]
    public void Flatten_drops_what_waits_to_be_entered()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 1m));
        account.Tell(new FlattenAccount());
        account.Fill();
        Assert.Empty(account.Live);
        Assert.Empty(account.State.Shares);
    }

    [Fact]
    public void Flatten_works_while_halted_and_on_a_flat_account_changes_nothing()
    {
        var account = new AccountRun();
        Assert.Empty(account.Tell(new FlattenAccount()).Events);
        account.Holding(2m);
        account.Tell(new HaltAccount("Owner"));
        account.Tell(new FlattenAccount());
        Assert.Equal(OrderPurpose.Exit, account.Live.Single().Purpose);
    }

    [Fact]
    public void Second_flip_while_the_first_waits_replaces_what_will_be_entered()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 1m)).Signal(Plans.Flip(Side.Buy, 5m)).Fill();
        Assert.Equal((Side.Buy, 5m), (account.Live.Single().Terms.Side, account.Live.Single().Terms.OrderQty));
    }

    [Fact]
    public void Close_while_a_flip_waits_leaves_the_share_flat()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 1m)).Signal(Plans.Close()).Fill();
        Assert.Empty(account.Live);
        Assert.Equal(0m, account.Held());
    }

    [Fact]
    public void Manual_cancel_of_a_closing_order_does_not_lift_the_goal()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close());
        account.Tell(new CancelManually(account.Last.ClOrdId));
        account.Canceled();
        Assert.NotNull(account.ShareOf()!.Goal);
    }
}

using TradeActors.Domain.Accounts;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>Stops and targets that rest at the broker: sized to what is filled, gone with the position, never larger than it (docs/adr/0006).</summary>
public sealed class ProtectionTests
{
    private static readonly StopLossSettings Stop10 = new(DistanceUnit.Points, 10m);
    private static readonly Settings StopOnly = new(StopLoss: Stop10);
    private static readonly Settings Bracket = new(StopLoss: Stop10, TakeProfit: new(DistanceUnit.Points, [new(20m)]));

    private static readonly Settings TwoTargets = new(
        StopLoss: Stop10, TakeProfit: new(DistanceUnit.Points, [new(20m, Percent: 50m), new(40m, Percent: 50m)]));

    [Fact]
    public void Stop_and_target_rest_as_one_order_measured_from_the_fill()
    {
        var account = Entered(2m, Bracket).Fill(price: 5_001m);
        var order = Assert.Single(account.Live);
        Assert.Equal(
            new OrderTerms(AccountRun.Es, Side.Sell, OrdType.OneCancelsOther, 2m, 5_021m, 4_991m, TimeInForce.GoodTillCancel, ReduceOnly: true), order.Terms);
        Assert.Equal((OrderPurpose.Protection, "sig-1"), (order.Purpose, order.SignalId));
    }

    [Fact]
    public void Short_is_protected_on_the_other_side()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Sell, 1m), settings: Bracket).Fill();
        Assert.Equal((Side.Buy, 4_980m, 5_010m), (account.Last.Terms.Side, account.Last.Terms.Price!.Value, account.Last.Terms.StopPx!.Value));
    }

    [Theory]
    [InlineData(DistanceUnit.Ticks, 40, 4_990.00)]
    [InlineData(DistanceUnit.Percent, 0.5, 4_975.00)]
    [InlineData(DistanceUnit.Points, 0.3, 4_999.75)]
    [InlineData(DistanceUnit.Points, 0.01, 4_999.75)] // Never nearer than a tick.
    public void Distance_is_rounded_to_the_tick(DistanceUnit unit, double distance, double stop)
    {
        var account = Entered(1m, new Settings(StopLoss: new(unit, (decimal)distance))).Fill();
        Assert.Equal((OrdType.Stop, (decimal)stop), (account.Last.Terms.OrdType, account.Last.Terms.StopPx!.Value));
    }

    // "A partial fill left a wrong stop size."
    [Fact]
    public void Every_partial_fill_is_protected_at_once_at_the_prices_of_the_first()
    {
        var account = Entered(5m, StopOnly);
        var entry = account.Last;
        account.Fill(2m, entry, price: 5_000m);
        Assert.Equal(2m, Protected(account));
        account.Fill(1m, account.State.Orders[entry.ClOrdId], price: 5_003m);
        account.Fill(2m, account.State.Orders[entry.ClOrdId], price: 5_004m);
        Assert.Equal(5m, Protected(account));
        Assert.All(account.Live, order => Assert.Equal(4_990m, order.Terms.StopPx));
        Assert.Equal([2m, 1m, 2m], account.Live.Select(order => order.Terms.OrderQty));
    }

    [Fact]
    public void Several_targets_divide_the_position_and_the_stop_covers_all_of_it()
    {
        var account = Entered(3m, TwoTargets).Fill();
        Assert.Equal([(5_020m, 2m), (5_040m, 1m)], account.Live.Select(order => (order.Terms.Price!.Value, order.Terms.OrderQty)));
        account.Fill(order: account.Live[0], price: 5_020m);
        Assert.Equal((1m, 1m), (account.Held(), Protected(account)));
        Assert.Equal(5_040m, account.Live[0].Terms.Price);
    }

    [Fact]
    public void What_no_target_closes_has_the_stop_alone()
    {
        var settings = new Settings(StopLoss: Stop10, TakeProfit: new(DistanceUnit.Points, [new(20m, Quantity: 1m)]));
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m), settings: settings, multiplier: 2m).Fill();
        Assert.Equal([(OrdType.OneCancelsOther, 2m), (OrdType.Stop, 2m)], account.Live.Select(order => (order.Terms.OrdType, order.Terms.OrderQty)));
    }

    [Fact]
    public void Target_of_the_signal_wins_over_the_settings_and_leaves_their_stop()
    {
        var plan = Plans.Enter(Side.Buy, 1m) with { Protection = new SignalProtection(TargetPrice: 5_033m) };
        var account = new AccountRun().Signal(plan, settings: TwoTargets).Fill();
        Assert.Equal((5_033m, 4_990m), (account.Last.Terms.Price!.Value, account.Last.Terms.StopPx!.Value));
    }

    [Fact]
    public void Subscription_overrides_the_recorders_stop()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m), settings: StopOnly, overrides: new Settings(StopLoss: new(DistanceUnit.Points, 25m))).Fill();
        Assert.Equal(4_975m, account.Last.Terms.StopPx);
    }

    [Fact]
    public void Subscription_can_do_without_the_recorders_stop_and_targets()
    {
        var none = new Settings(StopLoss: new(DistanceUnit.Ticks, 0m), TakeProfit: new(DistanceUnit.Ticks, []));
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m), settings: Bracket, overrides: none).Fill();
        Assert.Empty(account.Live);
    }

    [Fact]
    public void Stop_that_fills_ends_the_position_and_leaves_nothing_behind()
    {
        var account = Entered(3m, TwoTargets).Fill();
        foreach (var order in account.Live)
        {
            account.Fill(order: order, price: 4_990m);
        }

        Assert.Empty(account.Live);
        Assert.Empty(account.State.Shares);
        Assert.Equal(SignalOutcome.Filled, account.LastSettled!.Outcome);
    }

    [Fact]
    public void Signal_is_settled_with_its_entry_and_not_with_its_protection()
    {
        var account = Entered(1m, Bracket).Fill();
        Assert.Empty(account.State.OpenSignals);
        Assert.Single(account.Live);
    }

    // "Orphan stops after a close", PROTOCOL 2.
    [Fact]
    public void Close_withdraws_the_protection_first_and_sells_only_when_that_is_confirmed()
    {
        var account = Entered(2m, Bracket).Fill();
        var protection = account.Last;
        account.Signal(Plans.Close());
        Assert.Equal([protection.ClOrdId], account.Cancels);
        Assert.DoesNotContain(account.Live, order => order.Purpose == OrderPurpose.Exit);
        account.Canceled(protection);
        Assert.Equal((OrderPurpose.Exit, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Empty(account.Live);
        Assert.Empty(account.State.Shares);
    }

    // PROTOCOL 2: "Long 2 with a resident stop for 2; the exit sells 2 just as the stop fills: -2."
    [Fact]
    public void Stop_that_fills_while_its_cancel_is_on_the_way_is_all_that_the_close_needs()
    {
        var account = Entered(2m, Bracket).Fill();
        var protection = account.Last;
        account.Signal(Plans.Close()).Fill(order: protection, price: 4_990m);
        Assert.Equal(0m, account.Held());
        Assert.Empty(account.Live);
        Assert.DoesNotContain(account.State.Orders.Values, order => order.Purpose == OrderPurpose.Exit);
    }

    [Fact]
    public void Stop_that_fills_in_part_while_it_is_canceled_leaves_the_rest_to_the_close()
    {
        var account = Entered(3m, StopOnly).Fill();
        var protection = account.Last;
        account.Signal(Plans.Close()).Fill(1m, protection, price: 4_990m).Canceled(protection);
        Assert.Equal((OrderPurpose.Exit, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
    }

    [Fact]
    public void Unknown_protection_counts_in_full_until_it_is_settled()
    {
        var account = Entered(2m, StopOnly).Fill().Unknown();
        var protection = account.Last;
        account.Signal(Plans.Close());
        Assert.Equal([protection.ClOrdId], account.Cancels);
        Assert.Single(account.Live);
        account.Canceled(protection);
        Assert.Equal(OrderPurpose.Exit, account.Last.Purpose);
    }

    [Fact]
    public void Partial_close_keeps_as_much_protection_as_stays_open()
    {
        var account = Entered(3m, TwoTargets).Fill();
        account.Signal(Plans.CloseSome(1m));
        var canceled = account.State.Orders[Assert.Single(account.Cancels)];
        Assert.Equal(5_040m, canceled.Terms.Price); // The far one: the near one for 2 fits what is left.
        account.Canceled(canceled);
        account.Fill(order: account.Last);
        Assert.Equal((2m, 2m), (account.Held(), Protected(account)));
    }

    [Fact]
    public void Partial_close_that_fits_no_order_replaces_the_protection()
    {
        var account = Entered(3m, StopOnly).Fill();
        account.Signal(Plans.CloseSome(1m)).Canceled(account.Last);
        account.Fill(order: account.Last);
        Assert.Equal((2m, 2m), (account.Held(), Protected(account)));
    }

    [Fact]
    public void Addition_replaces_the_bracket_of_the_whole_position()
    {
        var settings = Bracket with { Sizing = new SizingSettings(1m, 1m) };
        var account = Entered(1m, settings).Fill(price: 5_000m);
        var first = account.Last;
        account.Signal(Plans.Add(Side.Buy), settings: settings);
        account.Fill(price: 5_010m);
        Assert.Contains(first.ClOrdId, account.Cancels);
        Assert.Equal(2m, Protected(account)); // The old one for 1 until it is withdrawn, a new one for the other.
        account.Canceled(first);
        Assert.Equal(2m, Protected(account));
        Assert.All(account.Live, order => Assert.Equal((5_025m, 4_995m), (order.Terms.Price!.Value, order.Terms.StopPx!.Value)));
    }

    [Fact]
    public void Old_target_that_fills_while_it_is_withdrawn_counts_for_none_of_the_new_ones()
    {
        var settings = Bracket with { Sizing = new SizingSettings(1m, 1m) };
        var account = Entered(1m, settings).Fill(price: 5_000m);
        var old = account.Last;
        account.Signal(Plans.Add(Side.Buy), settings: settings);
        account.Fill(price: 5_010m).Fill(order: old, price: 5_020m);
        Assert.Equal((1m, 0m), (account.Held(), account.ShareOf()!.Protection!.Targets[0].Closed));
        Assert.Equal((1m, OrdType.OneCancelsOther), (Protected(account), account.Live[0].Terms.OrdType));
    }

    [Fact]
    public void Reverse_protects_the_new_side_only()
    {
        var account = Entered(1m, Bracket).Fill();
        var old = account.Last;
        account.Signal(Plans.Flip(Side.Sell, 1m), settings: Bracket).Canceled(old);
        account.Fill(order: account.Last);
        account.Fill(order: account.Last, price: 5_000m);
        var protection = Assert.Single(account.Live);
        Assert.Equal((Side.Buy, 5_010m), (protection.Terms.Side, protection.Terms.StopPx!.Value));
    }

    // A person's trades.

    [Fact]
    public void Persons_sale_shrinks_the_protection_and_a_purchase_brings_it_back()
    {
        var account = Entered(2m, StopOnly).Fill();
        var protection = account.Last;
        account.Place("m1", Side.Sell, 1m);
        account.Fill(order: account.State.Orders["m1"]);
        Assert.Equal([protection.ClOrdId], account.Cancels);
        account.Canceled(protection);
        Assert.Equal((2m, 1m), (account.Held(), Protected(account)));
        account.Place("m2", Side.Buy, 1m);
        account.Fill(order: account.State.Orders["m2"]);
        Assert.Equal(2m, Protected(account));
    }

    [Fact]
    public void Persons_sale_of_everything_leaves_no_exit()
    {
        var account = Entered(2m, StopOnly).Fill();
        var protection = account.Last;
        account.Place("m1", Side.Sell, 2m);
        account.Fill(order: account.State.Orders["m1"]).Canceled(protection);
        Assert.Empty(account.Live);
    }

    [Fact]
    public void Person_may_close_by_hand_in_a_halted_account_beside_the_protection()
    {
        var account = Entered(2m, StopOnly).Fill();
        account.Tell(new HaltAccount("Owner"));
        Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Sell, 2m).Reply);
    }

    // Two recorders.

    [Fact]
    public void Two_recorders_in_one_symbol_protect_their_own_shares()
    {
        var account = Entered(2m, Bracket).Fill();
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2", settings: StopOnly).Fill();
        Assert.Equal((2m, 1m), (Protected(account), Protected(account, "s2")));
        account.Signal(Plans.Close(), subscription: "s2");
        Assert.Single(account.Cancels);
        Assert.Equal(2m, Protected(account));
    }

    [Fact]
    public void Protection_that_the_broker_ended_is_placed_again_after_a_pause_and_may_open_against_another_recorders_share()
    {
        var account = Entered(1m, StopOnly).Fill();
        var first = account.Last.Accept(account);
        account.Signal(Plans.Enter(Side.Sell, 1m), subscription: "s2").Fill();
        account.Canceled(first); // Reduce-only, and the net position is flat.
        Assert.Equal(0m, Protected(account));
        account.After(TimeSpan.FromSeconds(1)).FireTimers();
        Assert.Equal(1m, Protected(account));
        Assert.False(account.Last.Terms.ReduceOnly);
    }

    [Fact]
    public void Refused_protection_is_tried_again_at_growing_intervals()
    {
        var account = Entered(1m, StopOnly).Fill();
        account.Rejected().FireTimers();
        Assert.Empty(account.Live);
        account.After(TimeSpan.FromSeconds(1)).FireTimers();
        account.Rejected(account.Last).After(TimeSpan.FromSeconds(1)).FireTimers();
        Assert.Empty(account.Live);
        account.After(TimeSpan.FromSeconds(1)).FireTimers();
        Assert.Single(account.Live);
        account.Accept(account.Last);
        Assert.Equal(0, account.ShareOf()!.Protection!.Refusals);
    }

    [Fact]
    public void Flatten_closes_through_the_protection()
    {
        var account = Entered(2m, Bracket).Fill();
        var protection = account.Last;
        account.Tell(new FlattenAccount());
        account.Canceled(protection);
        account.Fill(order: account.Last);
        Assert.Empty(account.Live);
        Assert.Empty(account.State.Shares);
    }

    [Fact]
    public void Protection_does_not_take_the_place_of_open_orders()
    {
        var account = new AccountRun(new AccountLimits(MaxOpenOrders: 2));
        account.Signal(Plans.Enter(Side.Buy, 4m), settings: TwoTargets).Fill();
        Assert.Equal(2, account.Live.Length);
        Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Buy, 1m).Reply);
    }

    // Found by the simulation: the entry half of a reverse, which reduced another share's net position, was made in a halted account.
    [Fact]
    public void Entry_that_waited_is_not_made_in_a_halt_even_where_it_reduces_the_net_position()
    {
        var account = new AccountRun().Holding(3m, "other").Holding(1m);
        account.Signal(Plans.Flip(Side.Sell, 1m));
        account.Tell(new HaltAccount("Owner"));
        account.Fill(order: account.Last);
        Assert.Empty(account.Live);
        Assert.Equal(SignalReason.Halted, account.Events.OfType<EntryDropped>().Single().Reason);
    }

    // The end of a window.

    [Fact]
    public void Window_end_closes_the_share_and_what_still_works()
    {
        var window = new WindowSettings("08:30", "11:00", "America/Chicago", FlattenAtEnd: true);
        var settings = StopOnly with { Filters = new FilterSettings(Windows: [window]) };
        var account = Entered(3m, settings);
        var entry = account.Last;
        account.Fill(2m, entry);
        var end = new DateTimeOffset(2026, 8, 20, 16, 0, 0, TimeSpan.Zero);
        Assert.All(Account.Pending(account.State).Timers, timer => Assert.Equal(end, timer.Due));
        Assert.NotEmpty(Account.Pending(account.State).Timers);

        account.Now = end;
        account.FireTimers();
        Assert.Equal(2, account.Cancels.Count()); // The rest of the entry, and its protection.
        foreach (var order in account.Live)
        {
            account.Canceled(order);
        }

        account.Fill(order: account.Last);
        Assert.Empty(account.State.Shares);
        Assert.Empty(Account.Pending(account.State).Timers);
    }

    [Fact]
    public void Window_of_the_subscription_decides_when_its_share_is_closed()
    {
        WindowSettings Until(string end) => new("08:30", end, "America/Chicago", FlattenAtEnd: true);
        var recorder = new Settings(Filters: new FilterSettings(Windows: [Until("11:00")]));
        var account = new AccountRun().Signal(
            Plans.Enter(Side.Buy, 1m), settings: recorder, overrides: new Settings(Filters: new FilterSettings(Windows: [Until("15:00")]))).Fill();
        Assert.Equal(new DateTimeOffset(2026, 8, 20, 20, 0, 0, TimeSpan.Zero), account.ShareOf()!.FlattenAt);
    }

    private static AccountRun Entered(decimal quantity, Settings settings) => new AccountRun().Signal(Plans.Enter(Side.Buy, quantity), settings: settings);

    private static decimal Protected(AccountRun account, string owner = "s1") =>
        account.State.LiveOrdersOf(owner, AccountRun.Es).Where(order => order.Purpose == OrderPurpose.Protection).Sum(order => order.LeavesQty);
}

internal static class AccountRunExtensions
{
    /// <summary>The broker accepts the order; returns it.</summary>
    public static AccountOrder Accept(this AccountOrder order, AccountRun account)
    {
        account.Accept(order);
        return order;
    }
}

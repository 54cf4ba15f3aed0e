using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>Opening, limits, manual orders and money. SignalJudgeTests and CloseWorkTests have the rest.</summary>
public sealed class AccountTests
{
    [Fact]
    public void Account_that_was_never_opened_refuses_asks_and_drops_numbered_messages()
    {
        var context = new AccountContext(AccountRun.Self, default, "inc1", null, new QuoteTable());
        Assert.Equal("AccountGone", Assert.IsType<AccountRefused>(Account.Decide(AccountState.Empty, new FlattenAccount(), context, false).Reply).Code);
        Assert.Empty(Account.Decide(AccountState.Empty, new FanOutPart(1, "", null), context, false).Events);
    }

    [Fact]
    public void Opening_links_the_connection_and_is_stored_once()
    {
        var account = new AccountRun();
        var again = account.Tell(new OpenAccount("Other", "EUR", 1m, AccountLimits.None, AccountRun.Connection, new("x"), new(true, default, default)));
        Assert.Equal((50_000m, "Main"), (account.State.Balance, account.State.Opened!.Name));
        Assert.Empty(again.Events);
        Assert.Equal(new AccountDone(), again.Reply);
    }

    [Fact]
    public void Filled_round_trip_changes_the_balance_by_profit_times_point_value_less_commission()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m)).Fill(price: 5_000m, commission: 5m);
        Assert.Equal((2m, 5_000m), (account.State.Positions[AccountRun.Es].Quantity, account.State.Positions[AccountRun.Es].AveragePrice));
        account.Signal(Plans.Close()).Fill(price: 5_010.25m, commission: 5m);
        // 10.25 points x 50 USD x 2 contracts.
        Assert.Equal(50_000m + 1_025m - 10m, account.State.Balance);
        Assert.Equal(1_015m, account.State.RealizedToday);
        Assert.Empty(account.State.Positions);
        Assert.Empty(account.State.Shares);
    }

    [Theory]
    [InlineData("ESU2026", 50)]
    [InlineData("MNQU2026", 2)]
    [InlineData("CLV2026", 1_000)]
    [InlineData("AAPL", 1)]
    public void Short_profit_counts_with_the_instruments_point_value(string symbol, double pointValue)
    {
        var account = new AccountRun().Holding(-3m, symbol: symbol, price: 100m);
        account.Signal(Plans.Close(symbol)).Fill(price: 98m);
        Assert.Equal(50_000m + (6m * (decimal)pointValue), account.State.Balance);
    }

    [Fact]
    public void Average_price_follows_additions_and_stays_over_partial_closes()
    {
        var account = new AccountRun().Holding(1m, price: 5_000m);
        account.Signal(Plans.Add(Side.Buy, 3m)).Fill(price: 5_004m);
        Assert.Equal(5_003m, account.State.Positions[AccountRun.Es].AveragePrice);
        account.Signal(Plans.CloseSome(1m)).Fill(price: 5_010m);
        Assert.Equal((3m, 5_003m), (account.State.Positions[AccountRun.Es].Quantity, account.State.Positions[AccountRun.Es].AveragePrice));
        Assert.Equal(350m, account.State.RealizedToday);
    }

    [Fact]
    public void Fill_that_turns_the_position_realizes_the_closed_part_and_starts_the_rest_at_its_price()
    {
        var account = new AccountRun().Holding(2m, price: 5_000m);
        account.Place("m1", Side.Sell, 5m);
        account.Fill(price: 5_010m);
        Assert.Equal((-3m, 5_010m), (account.State.Positions[AccountRun.Es].Quantity, account.State.Positions[AccountRun.Es].AveragePrice));
        Assert.Equal(1_000m, account.State.RealizedToday);
    }

    [Fact]
    public void Order_has_the_sum_and_average_of_its_fills()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 4m)).Accept();
        account.Fill(1m, price: 5_000m);
        Assert.Equal((OrdStatus.PartiallyFilled, 1m, 3m), (account.Last.Status, account.Last.CumQty, account.Last.LeavesQty));
        account.Accept();
        Assert.Equal(OrdStatus.PartiallyFilled, account.Last.Status);
        account.Fill(price: 5_004m);
        Assert.Equal((OrdStatus.Filled, 4m, 5_003m), (account.Last.Status, account.Last.CumQty, account.Last.AvgPx));
    }

    [Fact]
    public void Realized_profit_begins_anew_with_the_trading_day()
    {
        var account = new AccountRun { Now = new DateTimeOffset(2026, 8, 20, 21, 59, 0, TimeSpan.Zero) }.Holding(2m, price: 5_000m);
        account.Signal(Plans.CloseSome(1m)).Fill(price: 5_001m);
        Assert.Equal((50m, "2026-08-20"), (account.State.RealizedToday, account.State.TradingDay));
        account.After(TimeSpan.FromMinutes(1)).Signal(Plans.Close()).Fill(price: 5_003m);
        Assert.Equal((150m, "2026-08-21"), (account.State.RealizedToday, account.State.TradingDay));
        Assert.Equal(50_200m, account.State.Balance);
    }

    [Fact]
    public void Fill_of_an_order_nobody_knows_is_booked_as_manual()
    {
        var account = new AccountRun().Trade("long-gone", AccountRun.Es, Side.Buy, 2m);
        Assert.Equal((2m, 2m), (account.State.Net(AccountRun.Es), account.Held(AccountState.Manual)));
    }

    [Fact]
    public void State_keeps_a_bounded_number_of_finished_orders()
    {
        var account = new AccountRun();
        for (var n = 0; n <= AccountState.FinishedKept; n++)
        {
            account.Place($"m{n}", Side.Buy, 1m);
            account.Canceled();
        }

        Assert.Equal((AccountState.FinishedKept, true), (account.State.Orders.Count, account.State.HasForgotten));
        Assert.Equal("DuplicateClOrdId", Assert.IsType<AccountRefused>(account.Place("m0", Side.Buy, 1m, isStored: true).Reply).Code);
    }

    public static TheoryData<AccountLimits, string> Limits => new()
    {
        { new AccountLimits(AllowedSymbols: ["NQ", "AAPL"]), SignalReason.SymbolNotAllowed },
        { new AccountLimits(MaxOrderQuantity: 1m), SignalReason.MaxOrderQuantity },
        { new AccountLimits(MaxOpenOrders: 0), SignalReason.MaxOpenOrders },
        { new AccountLimits(new PositionLimits(1m)), SignalReason.MaxPosition },
        { new AccountLimits(new PositionLimits(9m, Own("ES", 1m))), SignalReason.MaxPosition },
        { new AccountLimits(new PositionLimits(9m, Own("ESU2026", 1m).Add("ES", 9m))), SignalReason.MaxPosition },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Entry_beyond_a_limit_is_skipped_and_a_manual_order_refused(AccountLimits limits, string reason)
    {
        var account = new AccountRun(limits).Signal(Plans.Enter(Side.Buy, 2m));
        Assert.Equal((SignalOutcome.Skipped, reason), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Equal(reason, Assert.IsType<AccountRefused>(account.Place("m1", Side.Sell, 2m).Reply).Code);
        Assert.Empty(account.State.Orders);
        Assert.Empty(account.Sent);
    }

    [Fact]
    public void Entry_within_every_limit_is_planned()
    {
        var account = new AccountRun(new AccountLimits(new PositionLimits(1m, Own("ES", 2m)), 2m, null, 1, ["es"])).Signal(Plans.Enter(Side.Buy, 2m));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
        Assert.All(account.LastTaken.Verdicts, verdict => Assert.True(verdict.Passed));
    }

    [Theory]
    [InlineData(OrderUpdateKind.Accepted, false)]
    [InlineData(OrderUpdateKind.Unknown, false)]
    [InlineData(OrderUpdateKind.Abandoned, false)]
    [InlineData(OrderUpdateKind.Canceled, true)]
    [InlineData(OrderUpdateKind.Rejected, true)]
    [InlineData(OrderUpdateKind.Expired, true)]
    public void Order_counts_at_full_size_until_it_is_known_to_have_ended(OrderUpdateKind kind, bool isFree)
    {
        var account = new AccountRun(new AccountLimits(new PositionLimits(2m))).Signal(Plans.Enter(Side.Buy, 2m)).Update(kind);
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2");
        Assert.Equal(isFree ? SignalOutcome.Ordered : SignalOutcome.Skipped, account.LastTaken.Outcome);
    }

    [Fact]
    public void Lowered_limit_stops_entries_and_lets_a_close_pass()
    {
        var account = new AccountRun().Holding(5m);
        account.Tell(new ChangeAccountLimits(new AccountLimits(new PositionLimits(1m), MaxOrderQuantity: 1m, MaxOpenOrders: 0, AllowedSymbols: ["NQ"])));
        account.Signal(Plans.Close());
        Assert.Equal((OrderPurpose.Exit, 5m), (account.Last.Purpose, account.Last.Terms.OrderQty));
    }

    [Fact]
    public void Manual_order_asked_twice_is_one_order_and_other_terms_are_refused()
    {
        var account = new AccountRun();
        var first = Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Buy, 2m).Reply);
        var again = account.Place("m1", Side.Buy, 2m);
        Assert.Equal(first, again.Reply);
        Assert.Empty(again.Events);
        Assert.Equal("DuplicateClOrdId", Assert.IsType<AccountRefused>(account.Place("m1", Side.Buy, 3m).Reply).Code);
        account.Fill();
        Assert.Equal(OrdStatus.Filled, Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Buy, 2m).Reply).Order.Status);
        Assert.Single(account.Sent);
    }

    [Fact]
    public void Manual_id_of_a_subscriptions_order_is_refused()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        Assert.Equal("DuplicateClOrdId", Assert.IsType<AccountRefused>(account.Place(account.Last.ClOrdId, Side.Buy, 2m).Reply).Code);
    }

    [Fact]
    public void Manual_order_without_an_id_gets_the_accounts_next_one()
    {
        var account = new AccountRun();
        account.Place(null, Side.Buy, 1m);
        account.Place(null, Side.Buy, 1m);
        Assert.Equal(["inc1acc1x1", "inc1acc1x2"], account.Live.Select(order => order.ClOrdId));
        Assert.All(account.Live, order => Assert.True(ClOrdId.IsValid(order.ClOrdId)));
    }

    [Fact]
    public void Manual_cancel_is_sent_once_and_an_unknown_id_is_refused()
    {
        var account = new AccountRun();
        account.Place("m1", Side.Buy, 1m);
        account.Tell(new CancelManually("m1"));
        account.Tell(new CancelManually("m1"));
        Assert.Equal(["m1"], account.Cancels);
        Assert.Equal("UnknownOrder", Assert.IsType<AccountRefused>(account.Tell(new CancelManually("m2")).Reply).Code);
        account.Canceled();
        Assert.Equal(OrdStatus.Canceled, Assert.IsType<ManualOrderTaken>(account.Tell(new CancelManually("m1")).Reply).Order.Status);
        account.Fill();
        Assert.Equal((OrdStatus.Filled, 1m), (account.Last.Status, account.Held(AccountState.Manual)));
    }

    [Fact]
    public void Halt_refuses_what_opens_and_carries_out_what_closes()
    {
        var account = new AccountRun().Holding(2m);
        account.Tell(new HaltAccount("Owner"));
        Assert.Empty(account.Tell(new HaltAccount("Again")).Events);
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2");
        Assert.Equal((SignalOutcome.Skipped, SignalReason.Halted), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Equal(SignalReason.Halted, Assert.IsType<AccountRefused>(account.Place("m1", Side.Buy, 1m).Reply).Code);
        account.Signal(Plans.Flip(Side.Sell, 1m));
        Assert.Equal((OrderPurpose.Exit, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Empty(account.Live);
        account.Tell(new ResumeAccount());
        Assert.Empty(account.Tell(new ResumeAccount()).Events);
        account.Signal(Plans.Enter(Side.Buy, 1m));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Paused_subscription_still_closes()
    {
        var account = new AccountRun().Holding(2m);
        account.Tell(new SetSubscription("s1", "rec1", 2, false), AccountRun.RecorderOf("s1"));
        account.Signal(Plans.Add(Side.Buy, 1m));
        Assert.Equal(SignalReason.SubscriptionPaused, account.LastTaken.Reason);
        account.Signal(Plans.Close());
        Assert.Equal(OrderPurpose.Exit, account.Last.Purpose);
    }

    [Fact]
    public void Older_version_of_a_subscription_changes_nothing()
    {
        var account = new AccountRun();
        account.Tell(new SetSubscription("s1", "rec1", 3, false), AccountRun.RecorderOf("s1"));
        Assert.Empty(account.Tell(new SetSubscription("s1", "rec1", 2, true)).Events);
        Assert.Empty(account.Tell(new SetSubscription("s1", "rec1", 3, true)).Events);
        Assert.False(account.State.Subscriptions["s1"].IsEnabled);
    }

    [Fact]
    public void Rejected_late_or_repeated_news_of_a_finished_order_changes_nothing()
    {
        var account = new AccountRun().Holding(2m);
        foreach (var kind in Enum.GetValues<OrderUpdateKind>().Where(kind => kind != OrderUpdateKind.Trade))
        {
            account.Update(kind);
        }

        Assert.Empty(account.Events);
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, decimal> Own(string symbol, decimal limit) =>
        System.Collections.Immutable.ImmutableSortedDictionary.Create<string, decimal>(StringComparer.Ordinal).Add(symbol, limit);
}

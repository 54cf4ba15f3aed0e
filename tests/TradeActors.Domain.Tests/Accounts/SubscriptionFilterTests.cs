using TradeActors.Domain.Accounts;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>The filters once more at the account, with the subscription's overrides: subscription, recorder, default.</summary>
public sealed class SubscriptionFilterTests
{
    public static TheoryData<Settings, string> Stopping => new()
    {
        { new(Blocked: true), SignalReason.Blocked },
        { Filtered(new(Direction: DirectionFilter.LongOnly)), SignalReason.Direction },
        { Filtered(new(Symbols: ["NQ"])), SignalReason.SymbolNotAllowed },
        { Filtered(new(Windows: [new("20:00", "21:00", "Europe/London")])), SignalReason.OutsideWindow },
        { Filtered(new(CooldownSeconds: 60)), SignalReason.Cooldown },
        { Filtered(new(MaxSignalsPerSession: 1)), SignalReason.MaxSignals },
        { Filtered(new(MaxDailyLoss: 100m)), SignalReason.MaxDailyLoss },
        { Filtered(new(EveryNthSignal: 5)), SignalReason.NotNth },
    };

    [Theory]
    [MemberData(nameof(Stopping))]
    public void Override_stops_the_entry_and_lets_the_close_pass(Settings overrides, string reason)
    {
        var account = Losing();
        account.Signal(Plans.Flip(Side.Sell, 1m), overrides: overrides);
        Assert.Equal((SignalOutcome.Ordered, reason), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Null(account.ShareOf()!.Next);
        account.Fill(order: account.Last, price: 4_990m);
        Assert.Equal(0m, account.Held());
        account.Signal(Plans.Enter(Side.Sell, 1m), overrides: overrides);
        Assert.Equal((SignalOutcome.Skipped, reason), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Contains(account.LastTaken.Verdicts, verdict => !verdict.Passed && verdict.Detail.Length > 0);
    }

    [Fact]
    public void Override_may_be_wider_than_the_recorder()
    {
        var recorder = Filtered(new(Direction: DirectionFilter.LongOnly, CooldownSeconds: 3_600));
        var account = new AccountRun().Signal(
            Plans.Enter(Side.Sell, 1m), settings: recorder, overrides: Filtered(new(Direction: DirectionFilter.Both, CooldownSeconds: 0)));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    // "Unrealised ignored per trader": each subscription has its own profit and loss, whatever else the account holds.
    [Fact]
    public void Daily_loss_is_that_of_the_subscription_with_what_it_holds_open()
    {
        var account = Losing();
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2", overrides: Filtered(new(MaxDailyLoss: 100m)));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
        account.Fill(price: 4_990m);
        account.Signal(Plans.Add(Side.Buy, 1m), overrides: Filtered(new(MaxDailyLoss: 500m)));
        Assert.Equal(SignalReason.MaxDailyLoss, account.LastTaken.Reason);
        account.Signal(Plans.Add(Side.Buy, 1m), overrides: Filtered(new(MaxDailyLoss: 501m)));
        Assert.Null(account.LastTaken.Reason);
    }

    [Fact]
    public void Every_Nth_of_the_recorder_is_not_counted_twice()
    {
        var recorder = Filtered(new(EveryNthSignal: 3));
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m), settings: recorder);
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Every_Nth_of_the_subscription_counts_what_passed_everything_else()
    {
        var overrides = Filtered(new(EveryNthSignal: 2));
        var account = new AccountRun();
        account.Signal(Plans.Enter(Side.Buy, 1m), overrides: overrides);
        Assert.Equal(SignalReason.NotNth, account.LastTaken.Reason);
        account.Signal(Plans.Enter(Side.Buy, 1m), overrides: overrides with { Blocked = true });
        account.Signal(Plans.Enter(Side.Buy, 1m), overrides: overrides);
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Skipped_signals_do_not_count_for_the_cooldown_of_the_account()
    {
        var overrides = Filtered(new(CooldownSeconds: 60));
        var account = new AccountRun();
        account.Tell(new HaltAccount("Owner"));
        account.Signal(Plans.Enter(Side.Buy, 1m), overrides: overrides);
        account.Tell(new ResumeAccount());
        account.After(TimeSpan.FromSeconds(1)).Signal(Plans.Enter(Side.Buy, 1m), overrides: overrides);
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Cooldown_counts_from_the_receipt_so_that_recorder_and_account_measure_the_same()
    {
        var settings = Filtered(new(CooldownSeconds: 10));
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m), settings: settings, receivedAt: new(2026, 8, 20, 13, 59, 50, TimeSpan.Zero));
        account.Fill().Signal(Plans.Close()).Fill();
        account.Signal(Plans.Enter(Side.Buy, 1m), settings: settings, receivedAt: new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Pause_withdraws_the_entries_of_its_subscription_that_the_broker_is_not_known_to_have()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m));
        var known = account.Last.Accept(account);
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2").Signal(Plans.Add(Side.Buy, 1m));
        var planned = account.Last;
        account.Tell(new SetSubscription("s1", "rec", 2, false));
        Assert.Equal([planned.ClOrdId], account.Cancels);
        Assert.True(account.State.Orders[known.ClOrdId] is { CancelAsked: false });
        account.Tell(new SetSubscription("s1", "rec", 2, false));
        Assert.Single(account.Cancels);
    }

    // The account's own limit.

    [Theory]
    [InlineData(500, SignalReason.MaxDailyLoss)]
    [InlineData(501, null)]
    public void Account_stops_at_its_daily_loss_with_what_is_open(int limit, string? reason)
    {
        var account = Losing(new AccountLimits(MaxDailyLoss: limit));
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2");
        Assert.Equal(reason, account.LastTaken.Reason);
        Assert.Equal(reason, (account.Place("m1", Side.Buy, 1m).Reply as AccountRefused)?.Code);
        Assert.IsType<ManualOrderTaken>(account.Place("m2", Side.Sell, 1m).Reply); // What only reduces always may.
    }

    [Fact]
    public void Account_whose_loss_cannot_be_valued_opens_nothing()
    {
        var account = new AccountRun(new AccountLimits(MaxDailyLoss: 1_000m)).Holding(1m);
        account.Signal(Plans.Enter(Side.Buy, 1m), subscription: "s2");
        Assert.Equal(SignalReason.NoPrice, account.LastTaken.Reason);
    }

    [Fact]
    public void Account_trades_again_on_its_next_trading_day()
    {
        var account = Losing(new AccountLimits(MaxDailyLoss: 400m, TradingDayResets: "16:00 America/New_York"));
        account.Signal(Plans.Close()).Fill(price: 4_990m);
        account.Signal(Plans.Enter(Side.Buy, 1m));
        Assert.Equal(SignalReason.MaxDailyLoss, account.LastTaken.Reason);
        account.Now = new DateTimeOffset(2026, 8, 20, 20, 0, 0, TimeSpan.Zero);
        account.Signal(Plans.Enter(Side.Buy, 1m));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    [Fact]
    public void Netting_against_a_persons_trade_books_the_profit_of_the_subscription()
    {
        var account = new AccountRun().Holding(1m);
        account.Place("m1", Side.Sell, 1m);
        account.Fill(price: 4_980m).Signal(Plans.Close());
        Assert.Equal(-1_000m, account.State.Tallies["s1"].Realized);
    }

    /// <summary>One contract bought at 5000 and worth 4990: 500 lost.</summary>
    private static AccountRun Losing(AccountLimits? limits = null)
    {
        var account = new AccountRun(limits);
        account.Quotes.Set(AccountRun.Es, 4_990m, 4_990m);
        return account.Holding(1m);
    }

    private static Settings Filtered(FilterSettings filters) => new(Filters: filters);
}

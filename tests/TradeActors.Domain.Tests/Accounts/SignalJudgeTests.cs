using TradeActors.Domain.Accounts;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>What a signal makes of a subscription's share.</summary>
public sealed class SignalJudgeTests
{
    [Theory]
    // Entries with the recorder's size, the signal's, and the multiplier: cut down, but one whole contract where one or more was asked for.
    [InlineData(1.0, null, null, 1)]
    [InlineData(1.0, 3.0, null, 3)]
    [InlineData(1.0, 3.0, 5.0, 5)]
    [InlineData(2.0, 3.0, null, 6)]
    [InlineData(0.5, 3.0, null, 1)]
    [InlineData(0.1, 3.0, null, 1)]
    [InlineData(0.1, null, null, 1)]
    [InlineData(1.9, 1.0, null, 1)]
    public void Entry_is_scaled_and_cut_to_whole_contracts(double multiplier, double? initial, double? quantity, double expected)
    {
        var settings = new Settings(new SizingSettings(Initial: (decimal?)initial));
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, (decimal?)quantity), multiplier: (decimal)multiplier, settings: settings);
        Assert.Equal(((decimal)expected, OrderPurpose.Entry), (account.Last.Terms.OrderQty, account.Last.Purpose));
        Assert.Equal(account.Now + settings.EntryMaxAge, ((PlaceOrder)account.Sent.Single()).ValidUntil);
    }

    [Fact]
    public void Entry_below_one_contract_before_scaling_is_too_small()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 0.5m), multiplier: 1.5m);
        Assert.Equal((SignalOutcome.Skipped, SignalReason.QuantityTooSmall), (account.LastTaken.Outcome, account.LastTaken.Reason));
    }

    [Theory]
    [InlineData(0.02, 0.5, 0.01)]
    [InlineData(0.003, 0.5, 0.001)]
    public void Coins_are_scaled_to_their_step(double quantity, double multiplier, double expected)
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, (decimal)quantity, "BTCUSDT"), multiplier: (decimal)multiplier);
        Assert.Equal((decimal)expected, account.Last.Terms.OrderQty);
    }

    [Fact]
    public void Coins_that_scale_below_their_step_are_too_small_and_not_rounded_up()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 0.001m, "BTCUSDT"), multiplier: 0.5m);
        Assert.Equal(SignalReason.QuantityTooSmall, account.LastTaken.Reason);
    }

    [Fact]
    public void Overrides_win_over_the_recorders_settings()
    {
        var account = new AccountRun().Signal(
            Plans.Enter(Side.Buy), settings: new Settings(new SizingSettings(Initial: 3m)), overrides: new Settings(new SizingSettings(Initial: 7m)));
        Assert.Equal(7m, account.Last.Terms.OrderQty);
        account.Signal(Plans.Enter(Side.Buy), subscription: "s2", overrides: new Settings(Blocked: true));
        Assert.Equal(SignalReason.Blocked, account.LastTaken.Reason);
        account.Signal(Plans.Enter(Side.Buy), subscription: "s3", overrides: new Settings(Filters: new FilterSettings(DirectionFilter.ShortOnly)));
        Assert.Equal(SignalReason.Direction, account.LastTaken.Reason);
    }

    [Theory]
    [InlineData(30, SignalOutcome.Ordered)]
    [InlineData(30.001, SignalOutcome.Expired)]
    public void Late_entry_expires(double age, SignalOutcome outcome)
    {
        var account = new AccountRun();
        account.Signal(Plans.Enter(Side.Buy), receivedAt: account.Now.AddSeconds(-age));
        Assert.Equal(outcome, account.LastTaken.Outcome);
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("target")]
    public void Late_flip_does_only_its_closing_part(string plan)
    {
        var account = new AccountRun().Holding(2m);
        account.Signal(plan == "flip" ? Plans.Flip(Side.Sell, 3m) : Plans.Target(-3m), receivedAt: account.Now.AddSeconds(-31));
        Assert.Equal((SignalOutcome.Ordered, SignalReason.Late), (account.LastTaken.Outcome, account.LastTaken.Reason));
        account.Fill();
        Assert.Empty(account.Live);
        Assert.Equal(0m, account.Held());
        Assert.Equal((SignalOutcome.Filled, SignalReason.Late), (account.LastSettled!.Outcome, account.LastSettled.Reason));
    }

    [Fact]
    public void Late_close_is_carried_out()
    {
        var account = new AccountRun().Holding(2m);
        account.Signal(Plans.Close(), receivedAt: account.Now.AddDays(-3));
        Assert.Equal((OrderPurpose.Exit, 2m, (DateTimeOffset?)null), (account.Last.Purpose, account.Last.Terms.OrderQty, ((PlaceOrder)account.Sent[^1]).ValidUntil));
    }

    [Theory]
    [InlineData(0, "add", SignalReason.NotInTrade)]
    [InlineData(-2, "add", SignalReason.NotInTrade)]
    [InlineData(2, "enter", SignalReason.AlreadyInTrade)]
    [InlineData(0, "close", SignalReason.NothingToClose)]
    [InlineData(0, "close some", SignalReason.NothingToClose)]
    [InlineData(2, "target", SignalReason.AlreadyAtTarget)]
    public void Plan_that_does_not_fit_the_share_is_skipped(double held, string plan, string reason)
    {
        var account = new AccountRun();
        if (held != 0)
        {
            account.Holding((decimal)held);
        }

        account.Signal(plan switch
        {
            "add" => Plans.Add(Side.Buy, 1m),
            "enter" => Plans.Enter(Side.Buy, 1m),
            "close" => Plans.Close(),
            "close some" => Plans.CloseSome(1m),
            _ => Plans.Target(2m),
        });
        Assert.Equal((SignalOutcome.Skipped, reason), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Empty(account.Live);
    }

    [Fact]
    public void Addition_takes_the_add_size()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Add(Side.Buy), settings: new Settings(new SizingSettings(5m, 3m)), multiplier: 2m);
        Assert.Equal((6m, OrderPurpose.Entry), (account.Last.Terms.OrderQty, account.Last.Purpose));
    }

    [Fact]
    public void Entry_with_prices_reaches_the_broker_as_it_was_planned()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 1m) with { OrdType = OrdType.StopLimit, Price = 5_001m, StopPx = 5_000.5m });
        Assert.Equal(new OrderTerms(AccountRun.Es, Side.Buy, OrdType.StopLimit, 1m, 5_001m, 5_000.5m), ((PlaceOrder)account.Sent.Single()).Terms);
    }

    [Theory]
    [InlineData(2, 1, 1, 1)]
    [InlineData(4, 1, 2, 2)]
    [InlineData(2, 9, 1, 0)]
    [InlineData(3, 1, 0.5, 2)]
    public void Partial_close_brings_the_share_down_by_the_scaled_quantity(double held, double quantity, double multiplier, double after)
    {
        var account = new AccountRun().Holding((decimal)held).Signal(Plans.CloseSome((decimal)quantity), multiplier: (decimal)multiplier).Fill();
        Assert.Equal((decimal)after, account.Held());
        Assert.Null(account.ShareOf()?.Goal);
    }

    [Theory]
    [InlineData(0, 3, 1, "Entry 3", 3)]
    [InlineData(0, -3, 2, "Entry 6", -6)]
    [InlineData(2, 5, 1, "Entry 3", 5)]
    [InlineData(5, 2, 1, "Exit 3", 2)]
    [InlineData(5, 0, 1, "Exit 5", 0)]
    [InlineData(-5, -2, 1, "Exit 3", -2)]
    [InlineData(2, -3, 1, "Exit 2, Entry 3", -3)]
    [InlineData(-2, 3, 0.5, "Exit 2, Entry 1", 1)]
    public void Target_trades_the_difference_to_the_share(double held, double target, double multiplier, string orders, double after)
    {
        var account = new AccountRun();
        if (held != 0)
        {
            account.Holding((decimal)held);
        }

        account.Signal(Plans.Target((decimal)target), multiplier: (decimal)multiplier);
        for (var n = 0; n < 5 && account.Live.Length > 0; n++)
        {
            Assert.Single(account.Live);
            account.Fill();
        }

        Assert.Equal(orders, string.Join(", ", account.Events.OfType<OrderPlanned>().Select(order => $"{order.Purpose} {order.Terms.OrderQty:0.###}")));
        Assert.Equal((decimal)after, account.Held());
    }

    [Fact]
    public void Target_counts_what_is_on_its_way()
    {
        var account = new AccountRun().Signal(Plans.Target(2m)).Signal(Plans.Target(5m));
        Assert.Equal([2m, 3m], account.Live.Select(order => order.Terms.OrderQty));
        account.Signal(Plans.Target(5m));
        Assert.Equal(SignalReason.AlreadyAtTarget, account.LastTaken.Reason);
    }

    [Fact]
    public void Root_close_acts_on_whichever_month_the_account_holds()
    {
        var account = new AccountRun().Holding(2m).Signal(new SignalPlan("ESZ2026", null, "ES", Reduction.All));
        Assert.Equal((AccountRun.Es, OrderPurpose.Exit), (account.Last.Terms.Symbol, account.Last.Purpose));
    }

    [Fact]
    public void Root_flip_closes_the_old_month_and_enters_the_new_one()
    {
        var account = new AccountRun().Holding(2m)
            .Signal(new SignalPlan("ESZ2026", AccountRun.Es, "ES", Reduction.All, EnterSide: Side.Sell, EnterQuantity: 1m)).Fill();
        Assert.Equal(("ESZ2026", Side.Sell), (account.Last.Terms.Symbol, account.Last.Terms.Side));
        account.Fill();
        Assert.Equal((0m, -1m), (account.Held(), account.Held(symbol: "ESZ2026")));
    }

    [Fact]
    public void Named_close_leaves_another_month_alone()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Close("ESZ2026"));
        Assert.Equal(SignalReason.NothingToClose, account.LastTaken.Reason);
    }

    [Fact]
    public void Contract_that_this_program_does_not_know_fails_the_signal_and_lets_the_next_pass()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Enter(Side.Buy, 1m, "FOOZ2026"));
        Assert.Equal((SignalOutcome.Failed, SignalReason.UnknownSymbol), (account.LastTaken.Outcome, account.LastTaken.Reason));
        account.Signal(Plans.Close());
        Assert.Equal(OrderPurpose.Exit, account.Last.Purpose);
    }

    [Fact]
    public void Entry_against_a_share_that_missed_the_close_closes_first()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Enter(Side.Sell, 1m));
        Assert.Equal((OrderPurpose.Exit, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
        account.Fill();
        Assert.Equal((OrderPurpose.Entry, Side.Sell), (account.Last.Purpose, account.Last.Terms.Side));
    }

    [Fact]
    public void Every_rule_has_a_verdict_in_order_and_the_first_failure_is_the_reason()
    {
        var account = new AccountRun();
        account.Tell(new HaltAccount("Owner"));
        account.Signal(Plans.Add(Side.Buy, 1m), receivedAt: account.Now.AddMinutes(-5), overrides: new Settings(Blocked: true));
        Assert.Equal(
            [
                "subscription", "halt", "blocked", "age", "symbols", "direction", "window", "cooldown", "maxSignals", "maxDailyLoss", "position", "position",
                "size", "maxContracts", "quantity", "protection", "limits",
            ],
            account.LastTaken.Verdicts.Select(verdict => verdict.Filter));
        Assert.Equal(SignalReason.Halted, account.LastTaken.Reason);
        Assert.Equal(4, account.LastTaken.Verdicts.Count(verdict => !verdict.Passed));
    }

    // Settlement.

    [Theory]
    [InlineData(OrderUpdateKind.Canceled, SignalOutcome.Skipped, SignalReason.Canceled)]
    [InlineData(OrderUpdateKind.Rejected, SignalOutcome.Failed, SignalReason.OrderRejected)]
    [InlineData(OrderUpdateKind.Expired, SignalOutcome.Expired, SignalReason.Late)]
    public void Signal_settles_with_the_end_of_its_order(OrderUpdateKind kind, SignalOutcome outcome, string reason)
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy), id: "sig-a");
        Assert.Single(account.State.OpenSignals);
        account.Unknown().Update(kind);
        Assert.Equal(new SignalSettled("s1", "sig-a", outcome, reason), account.LastSettled);
        Assert.Empty(account.State.OpenSignals);
    }

    [Fact]
    public void Partly_filled_order_settles_as_filled_once_it_has_ended()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 3m)).Fill(1m);
        Assert.Null(account.LastSettled);
        account.Canceled();
        Assert.Equal(SignalOutcome.Filled, account.LastSettled!.Outcome);
    }

    [Fact]
    public void Flip_settles_when_its_entry_has_ended_and_not_with_the_close()
    {
        var account = new AccountRun().Holding(2m).Signal(Plans.Flip(Side.Sell, 1m)).Fill();
        Assert.Null(account.LastSettled);
        account.Fill();
        Assert.Equal((SignalOutcome.Filled, null), (account.LastSettled!.Outcome, account.LastSettled.Reason));
    }

    [Fact]
    public void Skipped_signal_leaves_nothing_open()
    {
        var account = new AccountRun().Signal(Plans.Close());
        Assert.Empty(account.State.OpenSignals);
        Assert.Null(account.LastSettled);
    }
}

using TradeActors.Domain.Accounts;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>Sizes in every unit, on an account with 50,000 USD. One point of ES is 50 USD, a tick 12.50 USD.</summary>
public sealed class EntrySizeTests
{
    private static readonly StopLossSettings Stop8Ticks = new(DistanceUnit.Ticks, 8m); // 100 USD a contract.

    public static TheoryData<SizingUnit, double, double, int> Units => new()
    {
        { SizingUnit.Contracts, 3, 1, 3 },
        { SizingUnit.Contracts, 3, 0.5, 1 },
        { SizingUnit.Contracts, 3, 2.5, 7 },
        { SizingUnit.RiskAmount, 500, 1, 5 },
        { SizingUnit.RiskAmount, 599, 1, 5 },
        { SizingUnit.RiskAmount, 500, 0.5, 2 },
        { SizingUnit.RiskPercent, 1, 1, 5 },
        { SizingUnit.RiskPercent, 1.5, 2, 15 },
        { SizingUnit.Notional, 600_000, 1, 2 },
        { SizingUnit.PercentOfEquity, 1_000, 1, 2 },
    };

    [Theory]
    [MemberData(nameof(Units))]
    public void Set_size_in_its_unit_times_the_multiplier_rounded_down(SizingUnit unit, double size, double multiplier, int quantity)
    {
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: Sized(unit, (decimal)size), multiplier: (decimal)multiplier);
        Assert.Equal(quantity, account.Last.Terms.OrderQty);
    }

    [Theory]
    [InlineData(1, 0.3, 1)] // At least one when the unscaled size was one.
    [InlineData(0.9, 1, 0)]
    [InlineData(0.9, 2, 1)]
    public void At_least_one_only_when_the_unscaled_size_was_at_least_one(double size, double multiplier, int quantity)
    {
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: Sized(SizingUnit.Contracts, (decimal)size), multiplier: (decimal)multiplier);
        Assert.Equal(quantity, account.State.LiveOrders.Sum(order => order.Terms.OrderQty));
        Assert.Equal(quantity == 0 ? SignalReason.QuantityTooSmall : null, account.LastTaken.Reason);
    }

    /// <summary>The order of field/risk.md: the first that is given applies.</summary>
    [Fact]
    public void Precedence()
    {
        var recorder = Sized(SizingUnit.Contracts, 2m) with { StopLoss = Stop8Ticks };
        var own = new Settings(new SizingSettings(4m));
        var risk = new Settings(new SizingSettings(300m, Unit: SizingUnit.RiskAmount));
        Assert.Equal(2m, SizeOf(Plans.Enter(Side.Buy), recorder));
        Assert.Equal(4m, SizeOf(Plans.Enter(Side.Buy), recorder, own));
        Assert.Equal(7m, SizeOf(Plans.Enter(Side.Buy, 7m), recorder, own));
        Assert.Equal(3m, SizeOf(Plans.Enter(Side.Buy, 7m), recorder, risk));
        Assert.Equal(5m, SizeOf(Plans.Enter(Side.Buy, 7m) with { Size = new SignalSize(SizingUnit.RiskPercent, 1m) }, recorder, own));
        Assert.Equal(6m, SizeOf(Plans.Enter(Side.Buy, 7m) with { Size = new SignalSize(SizingUnit.RiskAmount, 600m) }, recorder, risk));
        Assert.Equal(1m, SizeOf(Plans.Enter(Side.Buy) with { Size = new SignalSize(SizingUnit.Notional, 300_000m) }, recorder, own));

        static decimal SizeOf(SignalPlan plan, Settings settings, Settings? overrides = null) =>
            Quoted().Signal(plan, settings: settings, overrides: overrides).Last.Terms.OrderQty;
    }

    [Fact]
    public void Addition_uses_the_add_size()
    {
        var settings = Sized(SizingUnit.RiskAmount, 500m) with { Sizing = new SizingSettings(500m, 200m, SizingUnit.RiskAmount) };
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: settings).Fill();
        account.Signal(Plans.Add(Side.Buy), settings: settings);
        Assert.Equal((OrderPurpose.Entry, 2m), (account.Last.Purpose, account.Last.Terms.OrderQty));
    }

    [Fact]
    public void Risk_is_measured_to_the_stop_that_the_signal_names()
    {
        var plan = Plans.Enter(Side.Buy) with { Protection = new SignalProtection(StopPrice: 4_996m) }; // 4 points below the ask: 200 USD.
        Assert.Equal(2m, Quoted().Signal(plan, settings: Sized(SizingUnit.RiskAmount, 500m)).Last.Terms.OrderQty);
    }

    [Fact]
    public void Equity_counts_what_is_open()
    {
        var account = Quoted().Holding(10m, "other", "NQU2026", 20_000m);
        account.Quotes.Set("NQU2026", 19_900m, 19_900m); // 10 contracts, 100 points of 20 USD: 20,000 lost.
        account.Signal(Plans.Enter(Side.Buy), settings: Sized(SizingUnit.RiskPercent, 1m));
        Assert.Equal(3m, account.Last.Terms.OrderQty);
    }

    // "An unknown balance is an error, never a made-up number."
    [Theory]
    [InlineData(SizingUnit.RiskPercent)]
    [InlineData(SizingUnit.PercentOfEquity)]
    public void Unknown_equity_is_an_error(SizingUnit unit)
    {
        var account = Quoted().Holding(1m, "other", "NQU2026", 20_000m); // No quote of NQ has come.
        account.Signal(Plans.Enter(Side.Buy), settings: Sized(unit, 10m));
        Assert.Equal((SignalOutcome.Skipped, SignalReason.NoPrice), (account.LastTaken.Outcome, account.LastTaken.Reason));
        Assert.Contains("equity", account.LastTaken.Detail);
    }

    [Fact]
    public void Unknown_price_is_an_error_and_the_signals_own_price_serves_where_no_quote_is_known()
    {
        var settings = Sized(SizingUnit.Notional, 600_000m);
        Assert.Equal(SignalReason.NoPrice, new AccountRun().Signal(Plans.Enter(Side.Buy), settings: settings).LastTaken.Reason);
        Assert.Equal(2m, new AccountRun().Signal(Plans.Enter(Side.Buy) with { ReferencePrice = 5_000m }, settings: settings).Last.Terms.OrderQty);
    }

    [Fact]
    public void Risk_without_a_stop_is_an_error()
    {
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: new Settings(new SizingSettings(500m, Unit: SizingUnit.RiskAmount)));
        Assert.Equal(SignalReason.NoStop, account.LastTaken.Reason);
    }

    [Fact]
    public void Nothing_is_bought_for_an_equity_that_is_gone()
    {
        var account = Quoted().Holding(10m, "other", "NQU2026", 20_000m);
        account.Quotes.Set("NQU2026", 19_000m, 19_000m);
        account.Signal(Plans.Enter(Side.Buy), settings: Sized(SizingUnit.RiskPercent, 1m));
        Assert.Equal(SignalReason.QuantityTooSmall, account.LastTaken.Reason);
    }

    [Fact]
    public void Cap_of_contracts_caps_after_the_multiplier()
    {
        var settings = new Settings(new SizingSettings(6m), Filters: new FilterSettings(MaxContractsPerTrade: 10m));
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: settings, multiplier: 3m);
        Assert.Equal(10m, account.Last.Terms.OrderQty);
        Assert.Equal(18m, Quoted().Signal(
            Plans.Enter(Side.Buy), settings: settings, multiplier: 3m, overrides: new Settings(Filters: new FilterSettings(MaxContractsPerTrade: 0m))).Last.Terms.OrderQty);
        account.Fill().Signal(Plans.Target(30m), settings: settings);
        Assert.Equal(10m, account.Last.Terms.OrderQty);
    }

    [Theory]
    [InlineData(SizingUnit.RiskAmount, 3)] // Half of 5, rounded down.
    [InlineData(SizingUnit.Contracts, 4)]
    public void Part_of_a_close_follows_the_recorder_in_proportion_where_the_account_sized_the_share(SizingUnit unit, int left)
    {
        var settings = Sized(unit, unit == SizingUnit.Contracts ? 5m : 500m) with { StopLoss = null };
        var account = Quoted().Signal(Plans.Enter(Side.Buy), settings: settings with { StopLoss = Stop8Ticks }).Fill();
        foreach (var order in account.Live)
        {
            account.Signal(Plans.CloseSome(1m) with { Held = 2m }, settings: settings).Canceled(order);
        }

        Assert.Equal((OrderPurpose.Exit, 5m - left), (account.Last.Purpose, account.Last.Terms.OrderQty));
    }

    [Theory]
    [InlineData(5, 50, 3)]
    [InlineData(1, 50, 1)]
    [InlineData(4, 75, 1)]
    public void Percent_of_a_close_is_taken_of_the_share(int held, int percent, int left)
    {
        var account = new AccountRun().Holding(held);
        account.Signal(Plans.Close() with { Reduce = Reduction.Percent, ReducePercent = percent });
        Assert.Equal(held - left, account.Live.Sum(order => order.Terms.OrderQty));
    }

    private static AccountRun Quoted()
    {
        var account = new AccountRun();
        account.Quotes.Set(AccountRun.Es, 4_999.75m, 5_000m);
        return account;
    }

    private static Settings Sized(SizingUnit unit, decimal initial) => new(
        new SizingSettings(initial, Unit: unit), StopLoss: unit is SizingUnit.RiskAmount or SizingUnit.RiskPercent ? Stop8Ticks : null);
}

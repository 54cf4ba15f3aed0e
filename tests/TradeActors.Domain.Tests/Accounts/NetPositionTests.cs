using TradeActors.Domain.Accounts;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>A close never opens, and limits hold for the net position whatever the shares are (promise 5, PROTOCOL 2, 13).</summary>
public sealed class NetPositionTests
{
    [Fact]
    public void Close_of_a_share_is_capped_by_the_net_position()
    {
        var account = new AccountRun().Holding(2m);
        account.Place("m1", Side.Sell, 2m); // A person has sold what the recorder bought.
        account.Fill();
        FillAll(account.Signal(Plans.Close()));
        Assert.Equal(0m, account.State.Net(AccountRun.Es));
    }

    [Fact]
    public void Close_of_one_of_two_opposite_shares_stays_within_the_position_limit()
    {
        var account = new AccountRun(new AccountLimits(new PositionLimits(5m)))
            .Holding(5m).Holding(-5m, subscription: "s2").Holding(5m, subscription: "s3");
        Assert.Equal(5m, account.State.Net(AccountRun.Es));
        FillAll(account.Signal(Plans.Close(), subscription: "s2"));
        Assert.InRange(account.State.Net(AccountRun.Es), -5m, 5m);
    }

    [Fact]
    public void Manual_order_that_reduces_is_taken_although_the_position_is_above_a_lowered_limit()
    {
        var account = new AccountRun().Holding(10m);
        account.Tell(new ChangeAccountLimits(new AccountLimits(new PositionLimits(5m))));
        Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Sell, 2m).Reply);
    }

    [Fact]
    public void Manual_order_that_reduces_is_taken_while_halted()
    {
        var account = new AccountRun().Holding(10m);
        account.Tell(new HaltAccount("Owner"));
        Assert.IsType<ManualOrderTaken>(account.Place("m1", Side.Sell, 2m).Reply);
    }

    [Fact]
    public void Flip_into_a_lowered_limit_is_judged_by_where_it_ends()
    {
        var account = new AccountRun().Holding(5m);
        account.Tell(new ChangeAccountLimits(new AccountLimits(new PositionLimits(3m))));
        account.Signal(Plans.Flip(Side.Sell, 1m)).Fill();
        Assert.Equal((Side.Sell, 1m), (account.Live.SingleOrDefault()?.Terms.Side, account.Live.SingleOrDefault()?.Terms.OrderQty));
    }

    [Fact]
    public void Daily_loss_limit_stops_entries_until_the_next_trading_day()
    {
        var account = new AccountRun(new AccountLimits(MaxDailyLoss: 400m)).Holding(1m, price: 5_000m);
        account.Signal(Plans.Close()).Fill(price: 4_990m);
        Assert.Equal(-500m, account.State.RealizedToday);
        account.Signal(Plans.Enter(Side.Buy, 1m));
        Assert.Equal(SignalOutcome.Skipped, account.LastTaken.Outcome);
        account.After(TimeSpan.FromDays(1)).Signal(Plans.Enter(Side.Buy, 1m));
        Assert.Equal(SignalOutcome.Ordered, account.LastTaken.Outcome);
    }

    private static void FillAll(AccountRun account)
    {
        foreach (var order in account.Live)
        {
            account.Fill(order: order);
        }
    }
}

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
    public void Opposite_shares_do_not_make_room_for_more_than_the_limit()
    {
        var account = new AccountRun(new AccountLimits(new PositionLimits(5m))).Holding(5m).Holding(-5m, subscription: "s2");
        account.Signal(Plans.Enter(Side.Buy, 5m), subscription: "s3"); // Net 0, but when s2 closes it would be 10.
        Assert.Equal(SignalReason.MaxPosition, account.LastTaken.Reason);
        FillAll(account.Signal(Plans.Close(), subscription: "s2"));
        Assert.Equal(5m, account.State.Net(AccountRun.Es));
    }

    [Fact]
    public void What_a_person_has_closed_by_hand_is_netted_without_an_order()
    {
        var account = new AccountRun().Holding(3m);
        account.Place("m1", Side.Sell, 2m);
        account.Fill();
        FillAll(account.Signal(Plans.Close()));
        Assert.Equal((Side.Sell, 1m), (account.Last.Terms.Side, account.Last.Terms.OrderQty));
        Assert.Empty(account.State.Shares);
        Assert.Equal(0m, account.State.Net(AccountRun.Es));
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

    private static void FillAll(AccountRun account)
    {
        foreach (var order in account.Live)
        {
            account.Fill(order: order);
        }
    }
}

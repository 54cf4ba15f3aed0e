using System.Collections.Immutable;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>A test signal is judged by the account as a real one is, and changes nothing.</summary>
public sealed class SignalPreviewTests
{
    private static readonly Settings Protected = new(
        new SizingSettings(2m, 1m), new TakeProfitSettings(DistanceUnit.Points, [new(20m)]), new StopLossSettings(DistanceUnit.Points, 10m));

    public static TheoryData<SignalPlan, decimal, decimal> Cases => new()
    {
        { Plans.Enter(Side.Buy), 0m, 1m },
        { Plans.Enter(Side.Buy, 3m), 0m, 2m },
        { Plans.Enter(Side.Sell, 3m), 2m, 1m },
        { Plans.Add(Side.Buy), 2m, 1m },
        { Plans.Add(Side.Buy), 0m, 1m }, // Skipped: NotInTrade.
        { Plans.Close(), 2m, 1m },
        { Plans.Close(), 0m, 1m }, // Skipped: NothingToClose.
        { Plans.CloseSome(1m), 3m, 1m },
        { Plans.Flip(Side.Sell), 2m, 1m },
        { Plans.Target(-4m), 2m, 0.5m },
        { Plans.Target(2m), 2m, 1m }, // Skipped: AlreadyAtTarget.
        { Plans.Enter(Side.Buy, 0.4m), 0m, 0.5m }, // Skipped: QuantityTooSmall.
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_says_what_the_signal_then_does(SignalPlan plan, decimal held, decimal multiplier)
    {
        var account = Account(held);
        var preview = Preview(account, plan, multiplier);
        account.Events.Clear();
        account.Signal(plan, id: "test", multiplier: multiplier, settings: Protected);

        var settled = account.LastSettled;
        Assert.Equal(settled?.Outcome ?? account.LastTaken.Outcome, preview.Outcome);
        Assert.Equal(settled?.Reason ?? account.LastTaken.Reason, preview.Reason);
        Assert.Equal(account.LastTaken.Verdicts.AsEnumerable(), preview.Verdicts);
        Assert.Equal(account.Events.OfType<OrderPlanned>().Select(e => (e.Purpose, e.Terms)), preview.Orders.Where(order => !order.IsWaiting).Select(order => (order.Purpose, order.Terms)));
        Assert.Equal(account.Events.OfType<CloseAsked>().Select(e => new PreviewedClose(e.Symbol, e.DownTo)).FirstOrDefault(), preview.Close);
        Assert.Equal(account.Events.OfType<CancelAsked>().Select(e => e.ClOrdId), preview.Cancels);
        Assert.Equal(account.ShareOf()?.Next is { } next ? [next.TermsFor(next.Quantity)] : [], preview.Orders.Where(order => order.IsWaiting).Select(order => order.Terms));
    }

    [Fact]
    public void Nothing_is_stored_and_nothing_sent()
    {
        var account = Account(2m);
        account.Sent.Clear();
        var before = account.State;
        foreach (var plan in Cases.Select(row => (SignalPlan)row[0]))
        {
            var reaction = account.Tell(Ask(account, plan, 1m));
            Assert.Empty(reaction.Events);
            Assert.Empty(reaction.Sends);
        }

        Assert.Same(before, account.State);
    }

    [Fact]
    public void An_entry_shows_its_size_and_what_would_protect_it()
    {
        var order = Assert.Single(Preview(Account(0m), Plans.Enter(Side.Buy), 3m).Orders);
        Assert.Equal((OrderPurpose.Entry, new OrderTerms(AccountRun.Es, Side.Buy, OrdType.Market, 6m, null, null), false), (order.Purpose, order.Terms, order.IsWaiting));
        Assert.Equal(new Distance(DistanceUnit.Points, 10m), order.Guard!.StopDistance);
        Assert.Equal(new Distance(DistanceUnit.Points, 20m), order.Guard.Targets.Single().Distance);
    }

    [Fact]
    public void A_reverse_shows_the_close_and_the_entry_behind_it()
    {
        var preview = Preview(Account(2m), Plans.Flip(Side.Sell), 1m);
        Assert.Equal(new PreviewedClose(AccountRun.Es, 0m), preview.Close);
        var waiting = Assert.Single(preview.Orders, order => order.IsWaiting);
        Assert.Equal((OrderPurpose.Entry, Side.Sell, 2m), (waiting.Purpose, waiting.Terms.Side, waiting.Terms.OrderQty));
    }

    [Fact]
    public void Limits_and_halts_refuse_it_with_their_reason()
    {
        var account = new AccountRun(new AccountLimits(MaxOrderQuantity: 1m));
        var refused = Preview(account, Plans.Enter(Side.Buy, 2m), 1m);
        Assert.Equal((SignalOutcome.Skipped, "MaxOrderQuantity", 0), (refused.Outcome, refused.Reason, refused.Orders.Length));
        account.Tell(new HaltAccount("Owner"));
        Assert.Equal("Halted", Preview(account, Plans.Enter(Side.Buy, 1m), 1m).Reason);
    }

    [Fact]
    public void An_account_that_is_not_there_says_so() => Assert.Equal(
        "AccountGone",
        Assert.IsType<AccountRefused>(Domain.Accounts.Account.Decide(
            AccountState.Empty, Ask(new AccountRun(), Plans.Close(), 1m), new AccountContext(AccountRun.Self, default, "inc1", null, new QuoteTable()), false).Reply).Code);

    private static AccountRun Account(decimal held)
    {
        var account = new AccountRun();
        return held == 0m ? account : account.Holding(held);
    }

    private static PreviewSignal Ask(AccountRun account, SignalPlan plan, decimal multiplier) => new(
        new FanOutPart(99, new RecorderSignal("test", account.Now, plan, Protected, account.Now), new SubscriptionTerms("s1", multiplier, null)),
        AccountRun.RecorderOf("s1"));

    private static SignalPreviewed Preview(AccountRun account, SignalPlan plan, decimal multiplier) =>
        (SignalPreviewed)account.Tell(Ask(account, plan, multiplier)).Reply!;
}

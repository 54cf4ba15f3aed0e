using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>The account's part in operations: nothing is reported before it is true, and everything is, once.</summary>
public sealed class OperationWorkTests
{
    private static readonly EntityId Flatten1 = new("acme", EntityKind.Operation, "f1");
    private static readonly EntityId Flatten2 = new("installation", EntityKind.Operation, "f1");
    private static readonly EntityId Halt1 = new("acme", EntityKind.Operation, "h1");

    // Flatten.

    [Fact]
    public void Flat_account_without_orders_is_done_at_once()
    {
        var account = new AccountRun();
        Flatten(account, Flatten1);
        Assert.Equal(new OperationResult(OperationKind.FlattenAll, null, account.Now), Assert.Single(account.Sent));
        Assert.Empty(account.State.Operations);
    }

    [Fact]
    public void Flatten_is_done_when_every_share_is_closed_and_every_order_has_ended()
    {
        var account = new AccountRun().Holding(2m).Holding(-1m, "s2", "NQU2026");
        account.Signal(Plans.Enter(Side.Buy, 1m, "AAPL"), subscription: "s3").Accept();
        var resting = account.Last;
        account.Sent.Clear();
        Flatten(account, Flatten1);
        Assert.Equal([resting.ClOrdId], account.Cancels);
        var exits = account.Live.Where(order => order.Purpose == OrderPurpose.Exit).ToArray();
        Assert.Equal(2, exits.Length);
        account.Fill(order: exits[0]).Fill(1m, exits[1]);
        Assert.Empty(Results(account)); // The resting order may still fill.
        account.Canceled(resting);
        Assert.Single(Results(account));
        Assert.Empty(account.State.Operations);
        Assert.Empty(account.State.Positions);
    }

    [Fact]
    public void Closing_order_that_is_refused_or_unknown_keeps_the_operation_open_until_it_is_flat()
    {
        var account = new AccountRun().Holding(2m);
        Flatten(account, Flatten1);
        account.Rejected();
        Assert.Empty(Results(account));
        account.After(TimeSpan.FromSeconds(2)).FireTimers();
        account.Unknown();
        Assert.Empty(Results(account));
        account.Fill();
        Assert.Single(Results(account));
    }

    [Fact]
    public void Entry_that_fills_while_it_is_canceled_is_closed_before_the_flatten_is_done()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 3m)).Accept();
        Flatten(account, Flatten1);
        account.Fill(1m, account.Live[0]).Canceled(account.Live[0]);
        Assert.Empty(Results(account));
        account.Fill();
        Assert.Single(Results(account));
        Assert.Equal(0m, account.Held());
    }

    [Fact]
    public void What_is_entered_after_a_share_was_flat_does_not_hold_the_operation_up()
    {
        var account = new AccountRun().Holding(1m).Holding(1m, "s2", "NQU2026");
        Flatten(account, Flatten1);
        var exits = account.Live;
        account.Fill(order: exits[0]);
        account.Signal(Plans.Enter(Side.Buy, 5m, exits[0].Terms.Symbol), subscription: exits[0].Owner).Fill();
        account.Fill(order: exits[1]);
        Assert.Single(Results(account));
        Assert.Equal(5m, account.Held(exits[0].Owner, exits[0].Terms.Symbol));
    }

    [Fact]
    public void Two_flattens_at_once_are_both_reported_each_to_its_own()
    {
        var account = new AccountRun().Holding(2m);
        Flatten(account, Flatten1);
        var planned = account.Sent.OfType<PlaceOrder>().Count();
        var second = Flatten(account, Flatten2);
        Assert.Empty(second.Sends);
        Assert.Equal(1, planned);
        var filled = account.Tell(new OrderUpdate(
            account.Last.ClOrdId, OrderUpdateKind.Trade, "b", "x1", 2m, 5_000m, 0m, null, account.Now, AccountRun.Es, Side.Sell), AccountRun.Connection);
        Assert.Equal([Flatten1, Flatten2], filled.Sends.Where(send => send.Message is OperationResult).Select(send => send.To));
    }

    [Fact]
    public void Flatten_of_a_halted_account_closes_all_the_same()
    {
        var account = new AccountRun().Holding(2m);
        account.Tell(new HaltAccount("Owner"));
        Flatten(account, Flatten1);
        account.Fill();
        Assert.Single(Results(account));
    }

    // Halt.

    [Fact]
    public void Halt_is_done_when_the_connection_has_withdrawn()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        var entry = account.Last;
        account.Sent.Clear();
        Halt(account);
        // In this order on the wire: the cancel follows its order, the confirmation follows both.
        Assert.Equal([new RequestCancel(entry.ClOrdId), new WithdrawEntries(1)], account.Sent);
        Assert.Equal("Storm", account.State.HaltedBecause);
        Assert.Empty(Results(account));
        Withdrawn(account, 1);
        Assert.Single(Results(account));
        Assert.Equal((1L, 1L), (account.State.Halts, account.State.ConfirmedHalts));
    }

    [Fact]
    public void Halt_of_an_account_whose_halt_is_confirmed_is_done_at_once_and_keeps_the_reason()
    {
        var account = new AccountRun();
        account.Tell(new HaltAccount("Owner"));
        Withdrawn(account, 1);
        account.Sent.Clear();
        Halt(account);
        Assert.IsType<OperationResult>(Assert.Single(account.Sent));
        Assert.Equal("Owner", account.State.HaltedBecause);
    }

    [Fact]
    public void Resume_while_the_halt_is_being_withdrawn_lets_the_operation_end_and_new_entries_pass()
    {
        var account = new AccountRun().Signal(Plans.Enter(Side.Buy, 2m));
        Halt(account);
        account.Tell(new ResumeAccount());
        account.Place("m1", Side.Buy, 1m);
        Assert.Equal([0L, 1L], account.Sent.OfType<PlaceOrder>().Select(order => order.Halts)); // Before and after: only the first is fenced.
        Withdrawn(account, 1);
        Assert.Single(Results(account));
        Assert.False(account.State.IsHalted);
    }

    [Fact]
    public void Second_halt_after_a_resume_needs_a_confirmation_of_its_own()
    {
        var account = new AccountRun();
        account.Tell(new HaltAccount("Owner"));
        account.Tell(new ResumeAccount());
        Halt(account);
        Withdrawn(account, 1);
        Assert.Empty(Results(account));
        Withdrawn(account, 2);
        Assert.Single(Results(account));
        Assert.Empty(account.Tell(new EntriesWithdrawn(1), AccountRun.Connection).Events); // The numbered twin of what the door has told.
    }

    [Fact]
    public void Halt_asked_by_the_door_says_which_halt_the_connection_must_confirm()
    {
        var account = new AccountRun();
        Assert.Equal(new HaltTaken(1, AccountRun.Connection), account.Tell(new HaltAccount("Owner")).Reply);
        Assert.Equal(new HaltTaken(1, AccountRun.Connection), account.Tell(new HaltAccount("Again")).Reply);
        Assert.Equal(new AccountDone(), account.Tell(new EntriesWithdrawn(1)).Reply);
    }

    // Gone, and crashes.

    [Fact]
    public void Account_that_is_gone_says_so()
    {
        var context = new AccountContext(AccountRun.Self, default, "inc1", Flatten1, new QuoteTable());
        var reaction = Account.Decide(AccountState.Empty, Part(OperationKind.FlattenAll), context, false);
        Assert.Empty(reaction.Events);
        Assert.Equal(
            new Outgoing(Flatten1, new OperationResult(OperationKind.FlattenAll, SignalReason.AccountGone, default)), Assert.Single(reaction.Sends));
    }

    [Fact]
    public void Account_loaded_again_between_any_two_messages_reports_each_operation_once()
    {
        Action<AccountRun>[] steps =
        [
            account => Flatten(account, Flatten1), account => Halt(account), account => account.Rejected(), account => Withdrawn(account, 1),
            account => account.After(TimeSpan.FromSeconds(3)).FireTimers(), account => account.Unknown(), account => account.Fill(),
        ];
        for (var crash = 0; crash < steps.Length; crash++)
        {
            var account = new AccountRun().Holding(2m);
            for (var i = 0; i < steps.Length; i++)
            {
                if (i == crash)
                {
                    account.Tell(new Activated());
                }

                steps[i](account);
            }

            Assert.Equal([OperationKind.HaltAll, OperationKind.FlattenAll], Results(account).Select(result => result.Kind));
            Assert.Empty(account.State.Operations);
        }
    }

    [Fact]
    public void Replayed_events_give_the_same_open_operations()
    {
        var account = new AccountRun();
        account.Signal(Plans.Enter(Side.Buy, 2m)).Fill();
        Flatten(account, Flatten1);
        Halt(account);
        account.Fill(1m);
        // The opening event was dropped by none of the helpers here: the whole stream is in Events.
        Assert.Equal(TestJson.Of(account.State), TestJson.Of(account.Events.Aggregate(AccountState.Empty, Account.Apply)));
        Assert.Equal(2, account.State.Operations.Count);
    }

    private static FanOutPart Part(OperationKind kind) => new(1, new OperationOrder(kind, "Storm"), null);

    private static Reaction Flatten(AccountRun account, EntityId operation) => account.Tell(Part(OperationKind.FlattenAll), operation);

    private static void Halt(AccountRun account) => account.Tell(Part(OperationKind.HaltAll), Halt1);

    private static void Withdrawn(AccountRun account, long halts) => account.Tell(new EntriesWithdrawn(halts), AccountRun.Connection);

    private static OperationResult[] Results(AccountRun account) => [.. account.Sent.OfType<OperationResult>()];
}

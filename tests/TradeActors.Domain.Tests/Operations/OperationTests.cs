using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Operations;

/// <summary>The operation's own part: who takes part is fixed, everybody is told until they have it, and it is complete when everybody has answered.</summary>
public sealed class OperationTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);
    private static readonly EntityId A = Account("a");
    private static readonly EntityId B = Account("b");
    private static readonly StartOperation Halt = new(OperationKind.HaltAll, OperationScope.Tenant, "Storm", [B, A, B]);
    private static readonly OperationResult Done = new(OperationKind.HaltAll, null, Now);

    private readonly List<OperationEvent> _events = [];
    private OperationState _state = OperationState.Empty;

    [Fact]
    public void Start_fixes_the_accounts_each_once_and_orders_all_of_them()
    {
        Assert.Equal(new OperationStored(), Tell(Halt).Reply);
        var fanOut = Assert.Single(Operation.Pending(_state).FanOuts);
        Assert.Equal(new OperationOrder(OperationKind.HaltAll, "Storm"), fanOut.Message);
        Assert.Equal([A, B], fanOut.Members.Select(member => member.To));
        Assert.All(fanOut.Members, member => Assert.Equal(("operation", 0L), (member.Lane, member.Previous)));
    }

    [Fact]
    public void Started_again_it_is_the_same_operation_whatever_accounts_there_are_now()
    {
        Tell(Halt);
        var again = Tell(Halt with { Accounts = [Account("c")], Reason = "Other" });
        Assert.Equal(new OperationStored(), again.Reply);
        Assert.Empty(again.Events);
    }

    [Theory]
    [InlineData(OperationKind.FlattenAll, OperationScope.Tenant)]
    [InlineData(OperationKind.HaltAll, OperationScope.Installation)]
    public void Id_of_another_operation_is_refused(OperationKind kind, OperationScope scope)
    {
        Tell(Halt);
        Assert.Equal("DuplicateOperation", Assert.IsType<OperationRefused>(Tell(Halt with { Kind = kind, Scope = scope }).Reply).Code);
    }

    [Fact]
    public void Without_accounts_it_is_complete_at_once()
    {
        Tell(Halt with { Accounts = [] });
        Assert.Equal(Now, _state.CompletedAt);
        Assert.Empty(Operation.Pending(_state).FanOuts);
    }

    [Fact]
    public void It_is_complete_with_the_last_result_and_not_before()
    {
        Tell(Halt);
        Tell(Done, A);
        Assert.Null(_state.CompletedAt);
        Tell(new OperationResult(OperationKind.HaltAll, "AccountGone", Now), B);
        Assert.Equal((Now, 1), (_state.CompletedAt, _state.Failed));
        Assert.Equal(["OperationStarted", "AccountFinished", "AccountFinished", "OperationCompleted"], _events.Select(e => e.GetType().Name));
    }

    [Fact]
    public void Result_that_is_repeated_or_of_an_account_that_takes_no_part_changes_nothing()
    {
        Tell(Done, A);
        Tell(Halt);
        Tell(Done, A);
        Assert.Empty(Tell(Done, A).Events);
        Assert.Empty(Tell(Done, Account("c")).Events);
        Assert.Equal([B], _state.Waiting);
    }

    [Fact]
    public void Delivered_order_is_not_sent_again_while_results_are_waited_for()
    {
        Tell(Halt);
        Tell(new FanOutDelivered(1));
        Assert.Empty(Operation.Pending(_state).FanOuts);
        Assert.Empty(Tell(new FanOutDelivered(1)).Events);
        Tell(Done, A);
        Tell(Done, B);
        Assert.NotNull(_state.CompletedAt);
    }

    [Fact]
    public void Results_that_are_all_there_end_the_sending_although_an_acknowledgement_was_lost()
    {
        Tell(Halt);
        Tell(Done, A);
        Tell(Done, B);
        Assert.Empty(Operation.Pending(_state).FanOuts);
    }

    [Fact]
    public void Crash_between_any_two_events_goes_on_to_the_same_end()
    {
        for (var crash = 0; crash <= 4; crash++)
        {
            _events.Clear();
            _state = OperationState.Empty;
            Tell(Halt);
            (object, EntityId?)[] rest = [(Done, A), (new FanOutDelivered(1), null), (Done, B)];
            foreach (var (message, sender) in rest)
            {
                if (_events.Count == crash)
                {
                    _state = _events.Aggregate(OperationState.Empty, Operation.Apply); // Loaded again; what was unacknowledged comes again.
                    Tell(new Activated());
                    Tell(Halt);
                }

                Tell(message, sender);
            }

            Assert.NotNull(_state.CompletedAt);
            Assert.Equal(TestJson.Of(_events.Aggregate(OperationState.Empty, Operation.Apply)), TestJson.Of(_state));
        }

    }

    [Fact]
    public void Ten_thousand_results_ask_for_the_order_that_was_made_once()
    {
        Tell(Halt with { Accounts = [.. Enumerable.Range(0, 10_000).Select(i => Account($"a{i}"))] });
        var first = Operation.Pending(_state).FanOuts[0];
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Same(first, Operation.Pending(_state).FanOuts[0]);
            Tell(Done, Account($"a{i}"));
        }

        Assert.NotNull(_state.CompletedAt);
    }

    private static EntityId Account(string key) => new("acme", EntityKind.Account, key);

    private Reaction Tell(object message, EntityId? sender = null)
    {
        var reaction = Operation.Decide(_state, message, sender, Now);
        foreach (var @event in reaction.Events.Cast<OperationEvent>())
        {
            _events.Add(@event);
            _state = Operation.Apply(_state, @event);
        }

        return reaction;
    }
}

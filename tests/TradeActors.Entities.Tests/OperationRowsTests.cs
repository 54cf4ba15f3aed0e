using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Operations;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Operations;
using Xunit;

namespace TradeActors.Entities.Tests;

/// <summary>What the screen is told of halts and operations.</summary>
public sealed class OperationRowsTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);
    private static readonly EntityId Connection = new("acme", EntityKind.Connection, "acc1");

    [Fact]
    public void Account_is_halting_until_its_connection_has_withdrawn()
    {
        var account = new Run(new AccountBehavior(new Installation("inc1", 8), NoQuotes.Instance), new EntityId("acme", EntityKind.Account, "acc1"));
        account.Tell(new OpenAccount(
            "Main", "USD", 1m, AccountLimits.None, Connection, new BrokerSettings("paper", null), new BrokerTraits(true, default, default)));
        Assert.Equal("active", account.StateOf(ReadTable.Accounts, "", "acc1"));
        account.Tell(new HaltAccount("Owner"));
        Assert.Equal("halting", account.StateOf(ReadTable.Accounts, "", "acc1"));
        account.Tell(new EntriesWithdrawn(1), Connection);
        Assert.Equal("halted", account.StateOf(ReadTable.Accounts, "", "acc1"));
        account.Tell(new ResumeAccount());
        account.Tell(new HaltAccount("Again"));
        Assert.Equal("halting", account.StateOf(ReadTable.Accounts, "", "acc1"));
    }

    [Fact]
    public void A_result_writes_the_row_of_its_account_alone_and_the_last_one_the_head()
    {
        EntityId[] accounts = [.. Enumerable.Range(0, 30).Select(i => new EntityId($"t{i % 3}", EntityKind.Account, $"a{i:d2}"))];
        var operation = new Run(new OperationBehavior(), new EntityId("installation", EntityKind.Operation, "op1"));
        operation.Tell(new StartOperation(OperationKind.FlattenAll, OperationScope.Installation, "by the operator", [.. accounts]));
        Assert.Equal(31, operation.Written);
        Assert.Equal("running", operation.StateOf(ReadTable.Operations, "", "op1"));
        var places = operation.Rows.Values.Where(row => row.Key.Table == ReadTable.OperationResults).ToDictionary(row => row.Key, row => row.Sort);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), places.Values.Order());
        foreach (var account in accounts[1..])
        {
            operation.Tell(new OperationResult(OperationKind.FlattenAll, account.Key == "a07" ? OperationReason.Parked : null, Now), account);
        }

        Assert.Equal(31 + 29, operation.Written);
        operation.Tell(new OperationResult(OperationKind.FlattenAll, null, Now), accounts[0]);
        Assert.Equal(31 + 29 + 2, operation.Written);
        Assert.Equal("completed", operation.StateOf(ReadTable.Operations, "", "op1"));
        Assert.Equal("failed", operation.StateOf(ReadTable.OperationResults, "op1", "t1/a07"));
        Assert.All(places, place => Assert.Equal(place.Value, operation.Rows[place.Key].Sort)); // A result stays in its place of the list.
        Assert.Null(RowJson.Deserialize<OperationRow>(operation.Rows[new RowKey(ReadTable.Operations, "installation", "", "op1")].Doc).Reason);
    }

    [Fact]
    public void Account_that_cannot_handle_an_order_has_its_operation_told()
    {
        IEntityBehavior account = new AccountBehavior(new Installation("inc1", 8), NoQuotes.Instance);
        var operation = new EntityId("acme", EntityKind.Operation, "op1");
        var context = new EntityContext(new EntityId("acme", EntityKind.Account, "acc1"), Now, operation, "operation");
        var told = Assert.Single(account.WhenParked(new FanOutPart(1, new OperationOrder(OperationKind.HaltAll, "Storm"), null), context));
        Assert.Equal(new Outgoing(operation, new OperationResult(OperationKind.HaltAll, "Parked", Now)), told);
        Assert.Empty(account.WhenParked(new FlattenAccount(), context));
    }

    private sealed class Run(IEntityBehavior behavior, EntityId self) : IRowSink
    {
        private object _state = behavior.Empty;
        private long _seq;

        public Dictionary<RowKey, Row> Rows { get; } = [];

        public int Written { get; private set; }

        public void Tell(object message, EntityId? sender = null)
        {
            foreach (var @event in behavior.Decide(_state, message, new EntityContext(self, Now, sender)).Events)
            {
                var after = behavior.Apply(_state, @event);
                behavior.Project(self, _state, new StampedEvent(++_seq, Now, @event), after, this);
                _state = after;
            }
        }

        public string StateOf(ReadTable table, string parent, string id) => Rows[new RowKey(table, self.Tenant, parent, id)].State;

        public void Put(RowKey key, long sort, string state, object doc)
        {
            Written++;
            Rows[key] = new Row(key, sort, state, RowJson.Serialize(doc));
        }

        public void Drop(RowKey key) => Rows.Remove(key);
    }
}

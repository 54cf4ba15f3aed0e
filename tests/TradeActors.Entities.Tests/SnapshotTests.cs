using System.Text;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Connections;
using TradeActors.Entities.Operations;
using TradeActors.Entities.Recorders;
using Xunit;

namespace TradeActors.Entities.Tests;

/// <summary>A snapshot is a cache: an entity that is loaded from one goes on exactly as the one that never left.</summary>
public sealed class SnapshotTests
{
    private static readonly StoredTypes Types = new StoredTypes().AddEntities();
    private static readonly DateTimeOffset Start = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);
    private static readonly EntityId RecorderId = new("acme", EntityKind.Recorder, "rec1");
    private static readonly EntityId AccountId = new("acme", EntityKind.Account, "acc1");
    private static readonly EntityId ConnectionId = new("acme", EntityKind.Connection, "con1");
    private static readonly EntityId OperationId = new("installation", EntityKind.Operation, "op1");
    private static readonly BrokerSettings Broker = new("paper", new PaperSettings(50_000m, Faults: new PaperFaults(0.25)));
    private static readonly BrokerTraits Traits = new(true, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
    private static readonly OrderTerms Terms = new("ESU2026", Side.Buy, OrdType.StopLimit, 2m, 5_000.25m, 5_000m, TimeInForce.GoodTillCancel, true);

    [Fact]
    public void Busy_recorder_goes_on_from_its_snapshot() => GoesOn(
        new RecorderBehavior(NoQuotes.Instance), RecorderId, null,
        [
            new CreateRecorder("Opening range", "ES", new Settings(new SizingSettings(2m, 1m), Filters: new FilterSettings(DirectionFilter.LongOnly)), "hash"),
            new PutSubscription("s1", AccountId, 1.5m, true, new Settings(EntryMaxAgeSeconds: 9)),
            new PutSubscription("S2", AccountId, 1m, true, null),
            Signal("sig-1", SignalAction.Buy),
            Signal("sig-2", SignalAction.Buy),
            new PutSubscription("s1", AccountId, 1.5m, false, null),
            Signal("sig-3", SignalAction.Close),
            Signal("sig-3b", null),
            new RemoveSubscription("S2"),
            new PutSubscription("s-3", AccountId, 2m, true, null),
        ],
        [
            Signal("sig-4", SignalAction.Buy), Signal("sig-2", SignalAction.Buy), new PutSubscription("s1", AccountId, 1m, true, null),
            new FanOutDelivered(1), Signal("sig-5", SignalAction.Sell),
        ]);

    [Fact]
    public void Busy_account_goes_on_from_its_snapshot()
    {
        var limits = new AccountLimits(
            new PositionLimits(9m, System.Collections.Immutable.ImmutableSortedDictionary<string, decimal>.Empty.Add("NQ", 2m).Add("ESU2026", 8m)), 6m, 500m, 9, ["ES", "NQ"]);
        GoesOn(
            new AccountBehavior(new Installation("inc1", 128), NoQuotes.Instance), AccountId, RecorderId,
            [
                new OpenAccount("Main", "USD", 50_000m, limits, ConnectionId, Broker, Traits),
                Part(1, "s1", new SignalPlan("ESU2026", null, "ES", Reduction.None, EnterSide: Side.Buy, EnterQuantity: 3m)),
                Update("inc1acc1x1", OrderUpdateKind.Trade, 3m, "e1"),
                new PlaceManualOrder("m-1", Terms with { Symbol = "NQU2026" }),
                Part(2, "s1", new SignalPlan("ESU2026", null, "ES", Reduction.All, EnterSide: Side.Sell, EnterQuantity: 1m)),
                Update("inc1acc1x3", OrderUpdateKind.Rejected),
                Part(1, "S2", new SignalPlan("ESU2026", null, null, Reduction.None, Target: 2m)),
                new SetSubscription("s-3", "rec1", 4, false),
                Update("m-1", OrderUpdateKind.Unknown),
                new HaltAccount("Owner"),
                new FanOutPart(1, new OperationOrder(OperationKind.FlattenAll, "Storm"), null),
                new EntriesWithdrawn(1),
            ],
            [
                new TimerFired("close:s1|ESU2026"), Update("inc1acc1x4", OrderUpdateKind.Trade, 1m, "e2"), new ResumeAccount(), new CancelManually("m-1"),
                Update("m-1", OrderUpdateKind.Canceled), new FlattenAccount(), Update("inc1acc1x5", OrderUpdateKind.Trade, 3m, "e3"),
            ]);
    }

    [Fact]
    public void Busy_connection_goes_on_from_its_snapshot() => GoesOn(
        new ConnectionBehavior(), ConnectionId, AccountId,
        [
            new LinkAccount(Broker, Traits),
            new PlaceOrder("c1", Terms, OrderPurpose.Entry, Start.AddMinutes(1)),
            new PlaceOrder("C2", Terms, OrderPurpose.Exit, null),
            new PlaceOrder("c-3", Terms, OrderPurpose.Exit, null),
            new SubmitAccepted("c1", new BrokerAck("b1")),
            Report("c1", ExecType.Trade, 1m, "e2"),
            Report("c1", ExecType.New, 0m, "E1"),
            new RequestCancel("c1"),
            new SubmitOutcomeUnknown("C2", "Timed out"),
            new FindFailed("C2", "503"),
            new SubmitRejected("c-3", "Margin"),
        ],
        [
            new Activated(), new FindAnswered("C2", null, Start.AddMinutes(1)), Report("c1", ExecType.Trade, 1m, "e2"), Report("c1", ExecType.Trade, 1m, "e3"),
            new GetConnection(),
        ]);

    [Fact]
    public void Busy_operation_goes_on_from_its_snapshot() => GoesOn(
        new OperationBehavior(), OperationId, AccountId,
        [
            new StartOperation(OperationKind.HaltAll, OperationScope.Installation, "Storm", [AccountId, AccountId with { Key = "acc2" }, ConnectionId]),
            new FanOutDelivered(1),
        ],
        [
            new OperationResult(OperationKind.HaltAll, "Parked", Start), new OperationResult(OperationKind.HaltAll, null, Start), new Activated(),
        ],
        afterSenders: [AccountId, AccountId with { Key = "acc2" }]);

    /// <summary>Takes the first messages, stores and reads the state, and gives the others to both the state that stayed and the one that was read.</summary>
    private static void GoesOn(IEntityBehavior behavior, EntityId self, EntityId? sender, object[] before, object[] after, EntityId[]? afterSenders = null)
    {
        var live = behavior.Empty;
        var now = Start;
        foreach (var message in before)
        {
            live = Step(behavior, self, sender, live, message, now = now.AddSeconds(1)).State;
        }

        var snapshot = Types.Encode(live);
        var loaded = Types.Decode(snapshot.Name, snapshot.Payload);
        Assert.Equal(Text(live), Text(loaded));
        Assert.Equal(behavior.Pending(self, live).ToString(), behavior.Pending(self, loaded).ToString());
        var events = 0;
        foreach (var (i, message) in after.Index())
        {
            now = now.AddSeconds(1);
            sender = afterSenders?.ElementAtOrDefault(i) ?? sender;
            var (liveState, liveReaction) = Step(behavior, self, sender, live, message, now);
            var (loadedState, loadedReaction) = Step(behavior, self, sender, loaded, message, now);
            Assert.Equal(liveReaction.Events.Select(Text), loadedReaction.Events.Select(Text));
            Assert.Equal(liveReaction.Sends.Select(send => Text(send.Message)), loadedReaction.Sends.Select(send => Text(send.Message)));
            Assert.Equal(Text(liveState), Text(loadedState));
            (live, loaded, events) = (liveState, loadedState, events + liveReaction.Events.Length);
        }

        Assert.True(events >= 2, "The run after the snapshot did too little to mean anything.");
    }

    /// <summary>Events go through their stored form, as they would at a load.</summary>
    private static (object State, Reaction Reaction) Step(IEntityBehavior behavior, EntityId self, EntityId? sender, object state, object message, DateTimeOffset now)
    {
        var reaction = behavior.Decide(state, message, new EntityContext(self, now, sender));
        foreach (var @event in reaction.Events)
        {
            var (name, payload) = Types.Encode(@event);
            state = behavior.Apply(state, Types.Decode(name, payload));
        }

        return (state, reaction);
    }

    private static string Text(object value) => Encoding.UTF8.GetString(Types.Encode(value).Payload);

    private static ReceiveSignal Signal(string id, SignalAction? action) => new(
        id, Start, "webhook", action is null ? null : new ParsedSignal { Source = SignalSource.Json, Action = action }, null, $"hash of {id}", "raw");

    private static FanOutPart Part(long number, string subscription, SignalPlan plan) => new(
        number, new RecorderSignal($"{subscription}-sig-{number}", Start, plan, Settings.None, Start), new SubscriptionTerms(subscription, 1m, null));

    private static OrderUpdate Update(string clOrdId, OrderUpdateKind kind, decimal qty = 0m, string? execId = null) => new(
        clOrdId, kind, "b1", execId, qty, qty == 0m ? 0m : 5_000.25m, qty * 2.1m, null, Start, "ESU2026", Side.Sell);

    private static ReportReceived Report(string clOrdId, ExecType type, decimal qty, string execId) => new(new BrokerReport(
        execId, execId, type, clOrdId, "b1", "ESU2026", Side.Buy, qty, 5_000.25m, 2.1m, null, null, Start));
}

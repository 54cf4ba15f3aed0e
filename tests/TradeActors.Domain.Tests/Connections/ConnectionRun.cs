using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Tests.Connections;

/// <summary>One connection under test, linked to an account. Every reaction's events are folded at once.</summary>
internal sealed class ConnectionRun
{
    public static readonly EntityId Account = new("acme", EntityKind.Account, "acc1");

    public static readonly BrokerSettings Settings = new("paper", new PaperSettings(50_000m));

    private int _executions;

    public ConnectionRun(bool refusesDuplicates = true, bool standing = false)
    {
        Tell(new LinkAccount(Settings, new BrokerTraits(refusesDuplicates, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), standing)));
        Events.Clear();
    }

    public ConnectionState State { get; private set; } = ConnectionState.Empty;

    public DateTimeOffset Now { get; set; } = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);

    public List<ConnectionEvent> Events { get; } = [];

    /// <summary>Everything sent to the account, oldest first.</summary>
    public List<OrderUpdate> Told { get; } = [];

    public OrderUpdate? LastTold => Told.LastOrDefault();

    public IEnumerable<OrderUpdateKind> Kinds => Told.Select(update => update.Kind);

    /// <summary>The open calls about one order, the session left out.</summary>
    public Effect[] Calls(string clOrdId = "c1") => [.. Connection.Pending(State).Effects.Where(effect => effect.Key.Contains($":{clOrdId}:"))];

    public object? Call(string clOrdId = "c1") => Calls(clOrdId).SingleOrDefault()?.Call;

    public OrderInFlight Order(string clOrdId = "c1") => State.Orders[clOrdId];

    public Reaction Tell(object message, bool isStoredExecution = false) => Tell(message, Account, isStoredExecution);

    /// <param name="sender">Null for what is asked.</param>
    public Reaction Tell(object message, EntityId? sender, bool isStoredExecution = false)
    {
        var reaction = Connection.Decide(State, message, sender, isStoredExecution, Now);
        foreach (var @event in reaction.Events.Cast<ConnectionEvent>())
        {
            State = Connection.Apply(State, @event);
            Events.Add(@event);
        }

        Told.AddRange(reaction.Sends.Select(send => send.Message).OfType<OrderUpdate>());
        return reaction;
    }

    public ConnectionRun After(double seconds)
    {
        Now = Now.AddSeconds(seconds);
        return this;
    }

    public ConnectionRun Place(string clOrdId = "c1", decimal qty = 2m, DateTimeOffset? validUntil = null, OrderPurpose purpose = OrderPurpose.Entry)
    {
        Tell(new PlaceOrder(clOrdId, new OrderTerms("ESU2026", Side.Buy, OrdType.Market, qty), purpose, validUntil));
        return this;
    }

    public ConnectionRun Accept(string clOrdId = "c1")
    {
        Tell(new SubmitAccepted(clOrdId, new BrokerAck($"broker-{clOrdId}")));
        return this;
    }

    public ConnectionRun Lose(string clOrdId = "c1")
    {
        Tell(new SubmitOutcomeUnknown(clOrdId, "Timed out"));
        return this;
    }

    public ConnectionRun Cancel(string clOrdId = "c1")
    {
        Tell(new RequestCancel(clOrdId));
        return this;
    }

    /// <summary>The broker was asked just now and answered.</summary>
    public ConnectionRun Find(OrdStatus? status, decimal cumQty = 0m, string clOrdId = "c1")
    {
        var terms = Order(clOrdId).Terms;
        var found = status is { } known
            ? new BrokerOrder(clOrdId, $"broker-{clOrdId}", terms.Symbol, terms.Side, terms.OrderQty, known, cumQty, null)
            : null;
        Tell(new FindAnswered(clOrdId, found, Now));
        return this;
    }

    public BrokerReport Report(ExecType type, string? clOrdId = "c1", decimal lastQty = 0m, string? execId = null, string? cursor = null)
    {
        _executions++;
        return new BrokerReport(
            cursor ?? $"{_executions:D6}", execId ?? $"e{_executions}", type, clOrdId, $"broker-{clOrdId}", "ESU2026", Side.Buy, lastQty,
            lastQty > 0m ? 5_000m : 0m, lastQty * 2.5m, null, null, Now);
    }

    public ConnectionRun Hear(ExecType type, string clOrdId = "c1", decimal lastQty = 0m, string? execId = null)
    {
        Tell(new ReportReceived(Report(type, clOrdId, lastQty, execId)));
        return this;
    }
}

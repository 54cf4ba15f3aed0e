using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>A decision in the making: each event is folded at once, so that the next rule sees what the last one decided.</summary>
internal sealed class Draft(AccountState state, AccountContext context)
{
    private readonly ImmutableArray<object>.Builder _events = ImmutableArray.CreateBuilder<object>();
    private readonly ImmutableArray<Outgoing>.Builder _sends = ImmutableArray.CreateBuilder<Outgoing>();

    public AccountState State { get; private set; } = state;

    public AccountContext Context { get; } = context;

    public DateTimeOffset Now => Context.Now;

    public object? Reply { get; set; }

    /// <summary>The contract's trading date now, yyyy-MM-dd.</summary>
    public string TradingDateOf(string symbol) =>
        InstrumentCatalog.FindContract(symbol) is { Instrument: var instrument } ? FilterRules.TradingDateOf(instrument, Now) : "";

    public void Emit(AccountEvent @event)
    {
        State = AccountFold.Apply(State, @event);
        _events.Add(@event);
    }

    public void EmitIf(bool condition, Func<AccountEvent> @event)
    {
        if (condition)
        {
            Emit(@event());
        }
    }

    /// <summary>Plans an order and sends it to the connection. Returns its ClOrdID.</summary>
    /// <param name="clOrdId">A caller's own id; null makes the account's next one.</param>
    public string PlanOrder(
        string owner, string? recorderId, string? signalId, OrderPurpose purpose, OrderTerms terms, DateTimeOffset? validUntil, string? clOrdId = null,
        EntryGuard? guard = null, int? level = null)
    {
        var number = State.LastOrderNumber + 1;
        clOrdId ??= ClOrdId.Make(Context.Incarnation, Context.Self.Key, number);
        Emit(new OrderPlanned(clOrdId, number, owner, recorderId, signalId, purpose, terms, Now, guard, level));
        _sends.Add(new Outgoing(State.Opened!.Connection, new PlaceOrder(clOrdId, terms, purpose, validUntil, State.Halts)));
        return clOrdId;
    }

    public void AskCancel(AccountOrder order, bool forClose)
    {
        Emit(new CancelAsked(order.ClOrdId, forClose));
        if (!order.CancelAsked || order.Status == OrdStatus.Abandoned)
        {
            _sends.Add(new Outgoing(State.Opened!.Connection, new RequestCancel(order.ClOrdId)));
        }
    }

    public void Send(EntityId to, object message) => _sends.Add(new Outgoing(to, message));

    /// <summary>Asks for the cancel of entries that the broker is not known to have; of every owner, or of one.</summary>
    public void CancelPlannedEntries(string? owner)
    {
        foreach (var order in State.LiveOrders.Where(order => order is { Purpose: OrderPurpose.Entry, Status: OrdStatus.Planned, CancelAsked: false }).ToArray())
        {
            if (owner is null || order.Owner == owner)
            {
                AskCancel(order, forClose: false);
            }
        }
    }

    public Reaction ToReaction() => new(_events.ToImmutable(), _sends.ToImmutable(), Reply);
}

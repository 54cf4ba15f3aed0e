using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;

namespace TradeActors.Entities.Connections;

/// <summary>Binds <see cref="Connection"/> to the entity port.</summary>
public sealed class ConnectionBehavior : IEntityBehavior
{
    public string Kind => EntityKind.Connection;

    public int SnapshotSchema => 3;

    public object Empty => ConnectionState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context) =>
        Connection.Decide((ConnectionState)state, message, context.Sender, context.LookedUp is not null, context.Now);

    public object Apply(object state, object @event) => Connection.Apply((ConnectionState)state, (ConnectionEvent)@event);

    public Pending Pending(EntityId self, object state) => Connection.Pending((ConnectionState)state);

    /// <summary>A report of an order that has left the state, and a fill of one that never was in it, are checked against the stored executions (PROTOCOL 7).</summary>
    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) =>
        message is ReportReceived { Report: var report } && IsLookedUp((ConnectionState)state, report)
            ? [new RowKey(ReadTable.Executions, self.Tenant, self.Key, report.ExecId)]
            : [];

    private static bool IsLookedUp(ConnectionState state, BrokerReport report) =>
        !(report.ClOrdId is { } clOrdId && state.Orders.ContainsKey(clOrdId))
        && ((report.ClOrdId is not null && state.HasForgotten) || (report.ExecType == ExecType.Trade && state.Traits is { StandingSession: true }));

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        if (@event.Event is ReportBooked { Report: { LastQty: > 0m } report } && ((ConnectionState)after).Account is { } account)
        {
            rows.Put(
                new RowKey(ReadTable.Executions, self.Tenant, self.Key, report.ExecId), @event.At.ToUnixTimeMilliseconds(), "",
                new ExecutionRow(report.OrderName, account.Key));
        }
    }
}

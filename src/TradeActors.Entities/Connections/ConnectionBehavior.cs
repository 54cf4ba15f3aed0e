using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;

namespace TradeActors.Entities.Connections;

/// <summary>Binds <see cref="Connection"/> to the entity port.</summary>
public sealed class ConnectionBehavior : IEntityBehavior
{
    public string Kind => EntityKind.Connection;

    public int SnapshotSchema => 2;

    public object Empty => ConnectionState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context) =>
        Connection.Decide((ConnectionState)state, message, context.Sender, context.LookedUp is not null, context.Now);

    public object Apply(object state, object @event) => Connection.Apply((ConnectionState)state, (ConnectionEvent)@event);

    public Pending Pending(EntityId self, object state) => Connection.Pending((ConnectionState)state);

    /// <summary>A report of an order that has left the state is checked against the stored executions (PROTOCOL 7).</summary>
    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) =>
        message is ReportReceived { Report: { ClOrdId: { } clOrdId } report } && (ConnectionState)state is { HasForgotten: true } known
            && !known.Orders.ContainsKey(clOrdId)
            ? [new RowKey(ReadTable.Executions, self.Tenant, self.Key, report.ExecId)]
            : [];

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        if (@event.Event is ReportBooked { Report: { LastQty: > 0m } report } && ((ConnectionState)after).Account is { } account)
        {
            rows.Put(
                new RowKey(ReadTable.Executions, self.Tenant, self.Key, report.ExecId), @event.At.ToUnixTimeMilliseconds(), "",
                new ExecutionRow(report.ClOrdId!, account.Key));
        }
    }
}

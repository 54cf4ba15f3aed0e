using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;

namespace TradeActors.Simulation.World;

/// <summary>By a deliberate defect: an account that has taken a signal counts itself in the row of the recorder's fan-out (PROTOCOL 12).</summary>
internal sealed class SecondWriter(IEntityBehavior inner) : IEntityBehavior
{
    public string Kind => inner.Kind;

    public int SnapshotSchema => inner.SnapshotSchema;

    public object Empty => inner.Empty;

    public bool TakesInbox => inner.TakesInbox;

    public Reaction Decide(object state, object message, in EntityContext context) => inner.Decide(state, message, context);

    public object Apply(object state, object @event) => inner.Apply(state, @event);

    public Pending Pending(EntityId self, object state) => inner.Pending(self, state);

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);

    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) => inner.Lookup(self, state, message);

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        inner.Project(self, before, @event, after, rows);
        if (@event.Event is SignalTaken taken)
        {
            rows.Put(new RowKey(ReadTable.FanOuts, self.Tenant, taken.RecorderId, taken.SignalId), taken.Number, "taken", new FanOutRow(taken.Number, 1, @event.At));
        }
    }
}

using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>Broker connections that ask for the wrong calls: deliberate defects. Any other behaviour is left as it is.</summary>
internal sealed class DefectiveConnection(IEntityBehavior inner, Defect defect) : IEntityBehavior
{
    public string Kind => inner.Kind;

    public int SnapshotSchema => inner.SnapshotSchema;

    public object Empty => inner.Empty;

    public static IEntityBehavior Wrap(IEntityBehavior rules, Defect defect) =>
        rules.Kind == EntityKind.Connection && defect is Defect.CancelOvertakesSubmit or Defect.StrayFillUnheard or Defect.ReplayedFillBooked
            ? new DefectiveConnection(rules, defect)
            : rules;

    public Reaction Decide(object state, object message, in EntityContext context) => inner.Decide(state, message, context);

    public object Apply(object state, object @event) => inner.Apply(state, @event);

    public Pending Pending(EntityId self, object state)
    {
        var (pending, connection) = (inner.Pending(self, state), (ConnectionState)state);
        return defect switch
        {
            Defect.StrayFillUnheard when !connection.Open.Any() => Common(pending, []),
            Defect.CancelOvertakesSubmit => Common(
                pending,
                [
                    .. pending.Effects,
                    .. connection.Open.Where(order => order is { Phase: OrderPhase.Intent, CancelAttempt: > 0 }).Select(order => new Effect(
                        $"early:{order.ClOrdId}:{order.Attempt}",
                        new CallCancel(connection.Settings!, new(order.ClOrdId, order.BrokerOrderId, order.Terms), connection.Traits!.RequestTimeout))),
                ]),
            _ => pending,
        };

        static Pending Common(Pending pending, ImmutableArray<Effect> effects) => pending with { Effects = effects };
    }

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows) => inner.Project(self, before, @event, after, rows);

    /// <summary>What has left the state, or never was in it, counts as never seen.</summary>
    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) =>
        defect == Defect.ReplayedFillBooked ? [] : inner.Lookup(self, state, message);
}

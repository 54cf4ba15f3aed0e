using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Recorders;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>A failure that the simulator threw itself.</summary>
internal sealed class InjectedFailure(string message) : Exception(message);

/// <summary>A behaviour that fails now and then, and always on a poisoned message.</summary>
internal sealed class FlakyBehavior(IEntityBehavior inner, Faults faults) : IEntityBehavior
{
    /// <summary>In the raw text of a signal: its recorder always fails on it.</summary>
    public const string PoisonText = "poison";

    /// <summary>At the end of a signal's id: the accounts whose key ends in 0 always fail on it.</summary>
    public const string PoisonForAccounts = "poisoned";

    // Two in a row at most for one entity: the third attempt parks, and only poison may be parked.
    private readonly Dictionary<EntityId, int> _inARow = [];

    public string Kind => inner.Kind;

    public int SnapshotSchema => inner.SnapshotSchema;

    public object Empty => inner.Empty;

    public bool TakesInbox => inner.TakesInbox;

    public static bool IsPoisoned(EntityId self, object message) => message switch
    {
        ReceiveSignal { RawText: PoisonText } => true,
        FanOutPart { Message: RecorderSignal signal } =>
            signal.SignalId.EndsWith(PoisonForAccounts, StringComparison.Ordinal) && self.Key.EndsWith('0'),
        FanOutPart { Message: OperationOrder { Reason: PoisonText } } => self.Key.EndsWith('0'),
        _ => false,
    };

    public Reaction Decide(object state, object message, in EntityContext context)
    {
        if (IsPoisoned(context.Self, message))
        {
            throw new InjectedFailure("poison");
        }

        var inARow = _inARow.GetValueOrDefault(context.Self);
        if (inARow < 2 && faults.Fire(Fault.DecisionFailed))
        {
            _inARow[context.Self] = inARow + 1;
            throw new InjectedFailure("now and then");
        }

        if (inARow > 0)
        {
            _inARow.Remove(context.Self);
        }

        return inner.Decide(state, message, context);
    }

    public object Apply(object state, object @event) => inner.Apply(state, @event);

    public Pending Pending(EntityId self, object state) => inner.Pending(self, state);

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows) => inner.Project(self, before, @event, after, rows);

    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) => inner.Lookup(self, state, message);
}

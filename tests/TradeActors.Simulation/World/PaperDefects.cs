using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>Deliberate defects of a paper exchange, as wrappers around the real one.</summary>
internal static class PaperDefects
{
    public static IEntityBehavior In(IEntityBehavior rules, Defect defect, Pcg32 shared) => (rules, defect) switch
    {
        (PaperExchangeBehavior, Defect.PaperDrawsShared) => new Altered(rules, (state, events) => [.. events.Select(e => Redrawn(state, events, e, shared))]),
        (PaperExchangeBehavior, Defect.ActsOnUnstoredTick) => new Altered(rules, (_, events) => events.RemoveAll(e => e is PaperOrderTriggered)),
        _ => rules,
    };

    /// <summary>The event as an exchange reads it that keeps its orders in memory alone: what was opened is known, and that something happened.</summary>
    public static EventRow Forgotten(EventRow row) => row.Type is "paper.opened.v1"
        ? row
        : row with { Type = "paper.reports-seen.v1", Payload = System.Text.Encoding.UTF8.GetBytes("""{"seen":0,"at":"2026-03-03T15:00:00+00:00"}""") };

    private static object Redrawn(PaperExchangeState state, ImmutableArray<object> events, object @event, Pcg32 shared)
    {
        if (@event is not PaperOrderFilled filled || state.Settings is not { SlippageTicks: > 0 } settings)
        {
            return @event;
        }

        var placed = events.OfType<PaperOrderAccepted>().FirstOrDefault(accepted => accepted.Order == filled.Order);
        var terms = placed?.Terms ?? state.Working[filled.Order].Terms;
        var instrument = placed?.Instrument ?? state.Working[filled.Order].Instrument;
        var touch = terms.Side == Side.Buy ? filled.Quote.Ask : filled.Quote.Bid;
        return terms.OrdType is OrdType.Market or OrdType.Stop
            ? filled with { LastPx = touch + (terms.Side.Sign * shared.Next(settings.SlippageTicks + 1) * instrument.TickSize) }
            : filled;
    }

    /// <summary>The real rules, whose events somebody changes before they are stored.</summary>
    private sealed class Altered(IEntityBehavior inner, Func<PaperExchangeState, ImmutableArray<object>, ImmutableArray<object>> change) : IEntityBehavior
    {
        public string Kind => inner.Kind;

        public int SnapshotSchema => inner.SnapshotSchema;

        public object Empty => inner.Empty;

        public Reaction Decide(object state, object message, in EntityContext context)
        {
            var reaction = inner.Decide(state, message, context);
            return reaction with { Events = change((PaperExchangeState)state, reaction.Events) };
        }

        public object Apply(object state, object @event) => inner.Apply(state, @event);

        public Pending Pending(EntityId self, object state) => inner.Pending(self, state);

        public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);

        public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows) => inner.Project(self, before, @event, after, rows);

        public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) => inner.Lookup(self, state, message);
    }
}

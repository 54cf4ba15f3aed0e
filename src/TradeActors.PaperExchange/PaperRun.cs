using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;

namespace TradeActors.PaperExchange;

/// <summary>One decision in the making: every event is folded at once, so that the next step of the decision sees it.</summary>
internal sealed class PaperRun(PaperExchangeState state, DateTimeOffset now)
{
    private readonly ImmutableArray<object>.Builder _events = ImmutableArray.CreateBuilder<object>();

    public PaperExchangeState State { get; private set; } = state;

    public DateTimeOffset Now { get; } = now;

    public long NextReport => State.LastReport + 1;

    public void Emit(object @event)
    {
        _events.Add(@event);
        State = PaperExchange.Apply(State, @event);
    }

    public Reaction Done(object? reply) =>
        _events.Count == 0 && reply is null ? Reaction.Nothing : new Reaction(_events.ToImmutable(), [], reply);
}

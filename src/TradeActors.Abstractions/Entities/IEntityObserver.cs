using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Entities;

/// <summary>
/// Is told what entities of this node have stored, right after the commit and before anything that rests on it leaves: for traces, counters and log
/// lines. Never for anything that must happen: a commit whose outcome was not heard, or that a crash followed, is not told.
/// </summary>
public interface IEntityObserver
{
    /// <summary>Called on the loops: return at once and throw nothing.</summary>
    void Stored(in StoredStep step);
}

/// <summary>One message's events.</summary>
/// <param name="DecidedAt">The node's clock when they were decided; the commit came later.</param>
/// <param name="Before">The entity's state before the first of <paramref name="Events"/>.</param>
/// <param name="Events">In order, at least one.</param>
/// <param name="After">The state behind the last.</param>
public readonly record struct StoredStep(EntityId Id, DateTimeOffset DecidedAt, object Before, ImmutableArray<object> Events, object After);

using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Operations;

public abstract record OperationEvent;

/// <summary>Fixes what is ordered and to whom. An account that is opened later takes no part.</summary>
/// <param name="Accounts">Sorted, each once.</param>
public sealed record OperationStarted(
    OperationKind Kind, OperationScope Scope, string Reason, ImmutableArray<EntityId> Accounts, DateTimeOffset At) : OperationEvent;

/// <summary>Every account has stored the order; it is not repeated any more.</summary>
public sealed record OperationDelivered : OperationEvent;

/// <param name="FailedBecause">Null when what was ordered has come true on this account.</param>
/// <param name="At">The account's node's clock when it did.</param>
public sealed record AccountFinished(EntityId Account, string? FailedBecause, DateTimeOffset At) : OperationEvent;

public sealed record OperationCompleted(DateTimeOffset At) : OperationEvent;

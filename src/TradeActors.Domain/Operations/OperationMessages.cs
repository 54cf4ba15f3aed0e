using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Operations;

public enum OperationKind
{
    /// <summary>Cancel everything and close everything.</summary>
    FlattenAll,
    /// <summary>No new exposure until each account is resumed.</summary>
    HaltAll,
}

public enum OperationScope { Tenant, Installation }

// Asked by the front door.

/// <summary>Asked again with the same id it is the same operation; who takes part was fixed the first time.</summary>
/// <param name="Reason">What a halted account shows.</param>
/// <param name="Accounts">All there were at the moment of the request.</param>
public sealed record StartOperation(OperationKind Kind, OperationScope Scope, string Reason, ImmutableArray<EntityId> Accounts);

// Replies.

public sealed record OperationStored;

public sealed record OperationRefused(string Code, string Message);

/// <summary>To the accounts, by fan-out: the sender is the operation that is told the result.</summary>
public sealed record OperationOrder(OperationKind Kind, string Reason);

/// <summary>From an account, numbered: what was ordered has come true there, or never will.</summary>
/// <param name="FailedBecause">PascalCase code; null when it has come true.</param>
public sealed record OperationResult(OperationKind Kind, string? FailedBecause, DateTimeOffset At);

/// <summary>Reasons why an account could not carry out an operation.</summary>
public static class OperationReason
{
    /// <summary>The account failed on the order repeatedly; the order is set aside for the operator of the installation.</summary>
    public const string Parked = nameof(Parked);
}

using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Connections;

/// <summary>How far an order has come at the broker, as far as we know.</summary>
public enum OrderPhase
{
    /// <summary>The intent is stored. Only the activation that stored it may send it (PROTOCOL 1).</summary>
    Intent,
    /// <summary>It may or may not exist at the broker; being asked for.</summary>
    Unknown,
    /// <summary>The broker has it.</summary>
    Working,
    Done,
    /// <summary>Never found, and the broker cannot promise that it never will be: waits for a reconciliation or a person.</summary>
    Abandoned,
}

/// <summary>One order in the care of a connection.</summary>
/// <param name="Attempt">1 for the first send; a resend under the same ClOrdID (only where the broker refuses duplicates) counts on.</param>
/// <param name="IntentAt">When the latest intent was stored, our clock.</param>
/// <param name="SendBefore">The send deadline of that intent: after it nobody may send.</param>
/// <param name="Finds">How often the broker has been asked for it since it became unknown.</param>
/// <param name="FindNotBefore">When it is asked next.</param>
/// <param name="CancelAttempt">0 while no cancel is wanted.</param>
/// <param name="CancelIsOut">The broker has taken the cancel request; what comes of it will be reported.</param>
/// <param name="IsSettling">A person has asked to settle an abandoned order: not found once more means canceled.</param>
/// <param name="Halts">How often the account had been halted when it planned the order.</param>
public sealed record OrderInFlight(
    string ClOrdId,
    EntityId Account,
    OrderTerms Terms,
    OrderPurpose Purpose,
    DateTimeOffset? ValidUntil,
    OrderPhase Phase,
    int Attempt,
    DateTimeOffset IntentAt,
    DateTimeOffset SendBefore,
    string? BrokerOrderId,
    decimal CumQty,
    ImmutableSortedSet<string> ExecIds,
    int Finds,
    DateTimeOffset FindNotBefore,
    int CancelAttempt,
    bool CancelIsOut,
    bool IsSettling = false,
    long Halts = 0)
{
    public bool IsFinished => Phase is OrderPhase.Done;

    /// <summary>It was ended by our own conclusion; the broker has never spoken of it.</summary>
    public bool IsUnseen => IsFinished && BrokerOrderId is null;
}

/// <summary>A difference between the broker's position and what is booked.</summary>
/// <param name="Quantity">The broker's less ours.</param>
/// <param name="Since">When the broker was asked that showed it first, our clock.</param>
public sealed record Drift(string Symbol, decimal Quantity, DateTimeOffset Since, bool IsConfirmed);

/// <summary>A broker connection as its events leave it.</summary>
/// <remarks>
/// Finished orders stay until <see cref="FinishedKept"/> newer ones have finished, so that late reports still find them; after that a report is
/// checked against the stored executions.
/// </remarks>
/// <param name="Halts">The account's latest halt that is known here: entries planned before it get no intent.</param>
public sealed record ConnectionState(
    BrokerSettings? Settings,
    BrokerTraits? Traits,
    EntityId? Account,
    ImmutableSortedDictionary<string, OrderInFlight> Orders,
    ImmutableList<string> Finished,
    bool HasForgotten,
    string? Cursor,
    long Halts = 0)
{
    public const int FinishedKept = 100;

    public static readonly ConnectionState Empty =
        new(null, null, null, ImmutableSortedDictionary.Create<string, OrderInFlight>(StringComparer.Ordinal), [], false, null);

    /// <summary>By contract: the sum of all fills booked, foreign ones included.</summary>
    public ImmutableSortedDictionary<string, decimal> Net { get; init; } = ImmutableSortedDictionary.Create<string, decimal>(StringComparer.Ordinal);

    /// <summary>By contract: where the broker holds something else than <see cref="Net"/>.</summary>
    public ImmutableSortedDictionary<string, Drift> Drifts { get; init; } = ImmutableSortedDictionary.Create<string, Drift>(StringComparer.Ordinal);

    public IEnumerable<OrderInFlight> Open => Orders.Values.Where(order => !order.IsFinished);
}

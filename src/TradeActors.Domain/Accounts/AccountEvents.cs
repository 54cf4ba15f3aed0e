using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

public abstract record AccountEvent;

public sealed record AccountOpened(
    string Name, string Broker, string Currency, decimal StartingBalance, AccountLimits Limits, EntityId Connection, DateTimeOffset At) : AccountEvent;

public sealed record LimitsChanged(AccountLimits Limits) : AccountEvent;

public sealed record AccountHalted(string Reason) : AccountEvent;

public sealed record AccountResumed : AccountEvent;

/// <summary>The connection has withdrawn what was planned before the n-th halt and not sent by then.</summary>
public sealed record HaltConfirmed(long Halts) : AccountEvent;

/// <summary>An operation over many accounts has reached this one; what it asks for is in events of its own.</summary>
/// <param name="Operation">Gets the result when it has come true.</param>
/// <param name="Waiting">Keys of the shares that are still to be brought to flat; for a halt empty.</param>
/// <param name="Halts">The halt that the connection has yet to confirm; 0 for a flatten.</param>
public sealed record OperationTaken(EntityId Operation, OperationKind Kind, ImmutableArray<string> Waiting, long Halts, DateTimeOffset At) : AccountEvent;

/// <summary>What the operation asked for has come true here.</summary>
public sealed record OperationSettled(EntityId Operation, OperationKind Kind, DateTimeOffset At) : AccountEvent;

/// <summary>From this version on, entries of the subscription are carried out or not.</summary>
public sealed record SubscriptionSet(string SubscriptionId, string RecorderId, int Version, bool IsEnabled) : AccountEvent;

/// <summary>A signal has been judged for one subscription; the orders and goals that follow from it are events of their own.</summary>
public sealed record SignalTaken(
    string SubscriptionId, string RecorderId, string SignalId, long Number, SignalOutcome Outcome, string? Reason, string? Detail,
    ImmutableArray<Verdict> Verdicts, DateTimeOffset At) : AccountEvent;

/// <summary>Nothing of the signal is outstanding any more.</summary>
public sealed record SignalSettled(string SubscriptionId, string SignalId, SignalOutcome Outcome, string? Reason) : AccountEvent;

/// <summary>The share shall come down to this size and stay there: a goal that stands until it is met (PROTOCOL 2).</summary>
/// <param name="DownTo">Absolute size, 0 for flat.</param>
public sealed record CloseAsked(string Owner, string Symbol, decimal DownTo, string? SignalId) : AccountEvent;

public sealed record CloseReached(string Owner, string Symbol) : AccountEvent;

/// <summary>
/// A person has traded against the owner's share: both shrink by this much without an order, so that the close does not open what the person closed.
/// </summary>
public sealed record SharesNetted(string Owner, string Against, string Symbol, decimal Quantity) : AccountEvent;

/// <summary>The closing order was refused; the next one is sent at <paramref name="RetryAt"/>.</summary>
public sealed record CloseDelayed(string Owner, string Symbol, DateTimeOffset RetryAt) : AccountEvent;

/// <summary>An entry that waits until the share is closed; replaces one that waited before.</summary>
public sealed record EntryQueued(string Owner, string Symbol, QueuedEntry Entry) : AccountEvent;

/// <summary>The waiting entry is not carried out.</summary>
public sealed record EntryDropped(string Owner, string Symbol, string SignalId, string Reason) : AccountEvent;

public sealed record OrderPlanned(
    string ClOrdId, long Number, string Owner, string? RecorderId, string? SignalId, OrderPurpose Purpose, OrderTerms Terms, DateTimeOffset At)
    : AccountEvent;

/// <param name="ForClose">Asked because the share shall close: a fill that crosses it is closed again.</param>
public sealed record CancelAsked(string ClOrdId, bool ForClose) : AccountEvent;

public sealed record OrderChanged(string ClOrdId, OrdStatus Status, string? Reason, DateTimeOffset At) : AccountEvent;

/// <param name="ClOrdId">The order; a fill of an order that is not known any more is booked on <paramref name="Owner"/> all the same.</param>
/// <param name="Realized">Profit of the closed part, account currency, before commission.</param>
/// <param name="TradingDay">The account's trading day, yyyy-MM-dd.</param>
public sealed record TradeBooked(
    string ClOrdId, string Owner, string ExecId, string Symbol, Side Side, decimal LastQty, decimal LastPx, decimal Commission, decimal Realized,
    string TradingDay, DateTimeOffset TransactTime) : AccountEvent;

public enum SignalOutcome { Ordered, Filled, Skipped, Expired, Failed }

/// <param name="Symbol">The contract to enter; may be another month than the share's.</param>
/// <param name="IsTarget">The quantity is the size that the share shall have: only what is missing is entered.</param>
public sealed record QueuedEntry(
    string SignalId, string RecorderId, string Symbol, Side Side, decimal Quantity, OrdType OrdType, decimal? Price, decimal? StopPx, DateTimeOffset ValidUntil,
    bool IsTarget = false);

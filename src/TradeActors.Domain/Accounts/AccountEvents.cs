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
    ImmutableArray<Verdict> Verdicts, DateTimeOffset At, TakenEntry? Entry = null) : AccountEvent;

/// <summary>An entry that the subscription's filters count.</summary>
/// <param name="TradingDate">The instrument's, yyyy-MM-dd.</param>
/// <param name="IsOffer">Only "every Nth" refused it.</param>
public sealed record TakenEntry(string TradingDate, DateTimeOffset ReceivedAt, bool IsOffer);

/// <summary>Nothing of the signal is outstanding any more.</summary>
public sealed record SignalSettled(string SubscriptionId, string SignalId, SignalOutcome Outcome, string? Reason) : AccountEvent;

/// <summary>The share shall come down to this size and stay there: a goal that stands until it is met (PROTOCOL 2).</summary>
/// <param name="DownTo">Absolute size, 0 for flat.</param>
public sealed record CloseAsked(string Owner, string Symbol, decimal DownTo, string? SignalId) : AccountEvent;

public sealed record CloseReached(string Owner, string Symbol) : AccountEvent;

/// <summary>
/// A person has traded against the owner's share: both shrink by this much without an order, so that the close does not open what the person closed.
/// </summary>
/// <param name="Realized">Profit of <paramref name="Owner"/> on this part: the person's trade closed it.</param>
/// <param name="TradingDate">The instrument's, yyyy-MM-dd; empty in early streams.</param>
public sealed record SharesNetted(string Owner, string Against, string Symbol, decimal Quantity, decimal Realized = 0m, string TradingDate = "")
    : AccountEvent;

/// <summary>The share is to be protected from now on; replaces what protected it before.</summary>
/// <param name="Targets">Nearest first.</param>
/// <param name="FlattenAt">When it is closed whatever happens; null for never.</param>
public sealed record ProtectionSet(
    string Owner, string Symbol, decimal? StopPx, ImmutableArray<ProtectionTarget> Targets, string? SignalId, DateTimeOffset? FlattenAt) : AccountEvent;

/// <summary>An order that protects was refused; the next one is sent at <paramref name="RetryAt"/>.</summary>
public sealed record ProtectionDelayed(string Owner, string Symbol, DateTimeOffset RetryAt) : AccountEvent;

/// <summary>The closing order was refused; the next one is sent at <paramref name="RetryAt"/>.</summary>
public sealed record CloseDelayed(string Owner, string Symbol, DateTimeOffset RetryAt) : AccountEvent;

/// <summary>An entry that waits until the share is closed; replaces one that waited before.</summary>
public sealed record EntryQueued(string Owner, string Symbol, QueuedEntry Entry) : AccountEvent;

/// <summary>The waiting entry is not carried out.</summary>
public sealed record EntryDropped(string Owner, string Symbol, string SignalId, string Reason) : AccountEvent;

/// <param name="Guard">For an entry: what its fills are protected by.</param>
/// <param name="Level">For protection: the target that it closes at; null for the stop alone.</param>
public sealed record OrderPlanned(
    string ClOrdId, long Number, string Owner, string? RecorderId, string? SignalId, OrderPurpose Purpose, OrderTerms Terms, DateTimeOffset At,
    EntryGuard? Guard = null, int? Level = null) : AccountEvent;

/// <param name="ForClose">Asked because the share shall close: a fill that crosses it is closed again.</param>
public sealed record CancelAsked(string ClOrdId, bool ForClose) : AccountEvent;

public sealed record OrderChanged(string ClOrdId, OrdStatus Status, string? Reason, DateTimeOffset At) : AccountEvent;

/// <param name="ClOrdId">The order; a fill of an order that is not known any more is booked on <paramref name="Owner"/> all the same.</param>
/// <param name="Realized">Profit of the closed part, account currency, before commission.</param>
/// <param name="TradingDay">The account's trading day, yyyy-MM-dd.</param>
/// <param name="OwnRealized">Profit of the part that closes what <paramref name="Owner"/> itself held.</param>
/// <param name="TradingDate">The instrument's, yyyy-MM-dd; empty in early streams.</param>
public sealed record TradeBooked(
    string ClOrdId, string Owner, string ExecId, string Symbol, Side Side, decimal LastQty, decimal LastPx, decimal Commission, decimal Realized,
    string TradingDay, DateTimeOffset TransactTime, decimal OwnRealized = 0m, string TradingDate = "") : AccountEvent;

public enum SignalOutcome { Ordered, Filled, Skipped, Expired, Failed }

/// <param name="Symbol">The contract to enter; may be another month than the share's.</param>
/// <param name="IsTarget">The quantity is the size that the share shall have: only what is missing is entered.</param>
public sealed record QueuedEntry(
    string SignalId, string RecorderId, string Symbol, Side Side, decimal Quantity, OrdType OrdType, decimal? Price, decimal? StopPx, DateTimeOffset ValidUntil,
    bool IsTarget = false, EntryGuard? Guard = null)
{
    public OrderTerms TermsFor(decimal quantity) => new(Symbol, Side, OrdType, quantity, Price, StopPx);
}

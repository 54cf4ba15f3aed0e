using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Connections;

public abstract record ConnectionEvent;

public sealed record ConnectionOpened(BrokerSettings Settings, BrokerTraits Traits, EntityId Account) : ConnectionEvent;

/// <summary>The order will be sent, by this activation, before <paramref name="SendBefore"/>.</summary>
public sealed record IntentStored(
    string ClOrdId, EntityId Account, OrderTerms Terms, OrderPurpose Purpose, DateTimeOffset? ValidUntil, DateTimeOffset At, DateTimeOffset SendBefore,
    long Halts = 0) : ConnectionEvent;

/// <summary>Not found, and the broker refuses duplicates: sent again under the same ClOrdID.</summary>
public sealed record IntentRenewed(string ClOrdId, DateTimeOffset At, DateTimeOffset SendBefore) : ConnectionEvent;

public sealed record OrderAcknowledged(string ClOrdId, string BrokerOrderId) : ConnectionEvent;

/// <param name="FindNotBefore">When to ask the broker first.</param>
public sealed record OutcomeUnknown(string ClOrdId, string Reason, DateTimeOffset FindNotBefore) : ConnectionEvent;

/// <summary>Asked and not found, or could not be asked; asked again later.</summary>
public sealed record FindRepeated(string ClOrdId, DateTimeOffset FindNotBefore) : ConnectionEvent;

/// <summary>The order has ended without the broker's stream saying so: refused, not sent, not placed.</summary>
public sealed record OrderEnded(string ClOrdId, OrderUpdateKind Kind, string Reason) : ConnectionEvent;

public sealed record IntentAbandoned(string ClOrdId, string Reason) : ConnectionEvent;

/// <summary>A person wants an order settled that was never found: it is asked for once more, and if it is still not there, it counts as canceled.</summary>
public sealed record SettleRequested(string ClOrdId, DateTimeOffset FindNotBefore) : ConnectionEvent;

/// <summary>No intent is stored from now on for an entry that was planned before the account's n-th halt.</summary>
public sealed record EntriesHalted(long Halts) : ConnectionEvent;

public sealed record CancelRequested(string ClOrdId) : ConnectionEvent;

public sealed record CancelTaken(string ClOrdId) : ConnectionEvent;

/// <summary>A report from the broker's stream that was new.</summary>
public sealed record ReportBooked(BrokerReport Report) : ConnectionEvent;

/// <summary>A report that concerns no order of ours, or was known: only the cursor moves.</summary>
public sealed record ReportPassed(string Cursor) : ConnectionEvent;

/// <summary>An order that was taken for never placed works at the broker. It is in our care again, to be canceled.</summary>
public sealed record OrderRevived(string ClOrdId, string BrokerOrderId) : ConnectionEvent;

/// <summary>The broker holds that much more than is booked (less, below 0); 0 when it no longer differs.</summary>
public sealed record DriftSeen(string Symbol, decimal Quantity, DateTimeOffset At) : ConnectionEvent;

/// <summary>The difference has stayed the same: no fill on its way explains it.</summary>
public sealed record DriftConfirmed(string Symbol, decimal Quantity) : ConnectionEvent;

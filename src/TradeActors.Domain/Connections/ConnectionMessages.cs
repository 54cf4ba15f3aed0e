using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Connections;

// From accounts, numbered.

/// <summary>Ties an account to this connection and says how the broker is reached. The first message a connection gets.</summary>
public sealed record LinkAccount(BrokerSettings Settings, BrokerTraits Traits);

/// <summary>Place this order at the broker.</summary>
/// <param name="ValidUntil">An entry that has not been sent by then expires; null for exits, which are never late.</param>
/// <param name="Halts">How often the account had been halted when it planned the order: an entry planned before a halt is not sent after it.</param>
public sealed record PlaceOrder(string ClOrdId, OrderTerms Terms, OrderPurpose Purpose, DateTimeOffset? ValidUntil, long Halts = 0);

/// <summary>Ask the broker to cancel this order. The order may still fill; what comes of it arrives as an <see cref="OrderUpdate"/>.</summary>
public sealed record RequestCancel(string ClOrdId);

/// <summary>
/// The account is halted for the n-th time: no entry that it planned before may have its intent stored any more (PROTOCOL 11). Repeated by the front
/// door as an ask, which may overtake entries that are still on their way.
/// </summary>
public sealed record WithdrawEntries(long Halts);

// To accounts, numbered.

/// <summary>Stored: what the account planned before its n-th halt and was not sent by now never will be. Also the answer to the ask.</summary>
public sealed record EntriesWithdrawn(long Halts);

/// <summary>What has become of an order, in the order in which the connection learnt it.</summary>
/// <param name="ExecId">FIX 17; set for trades.</param>
/// <param name="LastQty">FIX 32; above 0 for trades, else 0.</param>
/// <param name="TransactTime">The broker's clock for what it reported, else ours.</param>
/// <param name="Symbol">Set for trades, like <paramref name="Side"/>: a late fill is booked even when the account has forgotten the order.</param>
public sealed record OrderUpdate(
    string ClOrdId,
    OrderUpdateKind Kind,
    string? BrokerOrderId,
    string? ExecId,
    decimal LastQty,
    decimal LastPx,
    decimal Commission,
    string? Reason,
    DateTimeOffset TransactTime,
    string? Symbol = null,
    Side? Side = null);

public enum OrderUpdateKind
{
    /// <summary>The broker has it and it works.</summary>
    Accepted,
    /// <summary>Sent, outcome not known; it is being asked for.</summary>
    Unknown,
    Trade,
    Canceled,
    Rejected,
    Expired,
    /// <summary>Not found at a broker that cannot promise it never will be.</summary>
    Abandoned,
    /// <summary>FIX OrderCancelReject (9): the order stands as it was.</summary>
    CancelRejected,
}

// Effects.

/// <summary>Keep a session open and bring its reports, from behind the cursor on.</summary>
/// <param name="IsStanding">Also ask for snapshots: after every log-on, and now and then.</param>
/// <param name="Timeout">After this a question without an answer is given up.</param>
public sealed record KeepSession(BrokerSettings Settings, string? Cursor, bool IsStanding, TimeSpan Timeout);

/// <summary>A call about one order; one at a time (PROTOCOL 2).</summary>
public interface IOrderCall
{
    BrokerSettings Settings { get; }

    string ClOrdId { get; }

    /// <summary>After this an unanswered call counts as unknown; from the socket write on.</summary>
    TimeSpan Timeout { get; }
}

public sealed record CallSubmit(BrokerSettings Settings, SubmitOrder Order, TimeSpan Timeout) : IOrderCall
{
    public string ClOrdId => Order.ClOrdId;
}

public sealed record CallCancel(BrokerSettings Settings, CancelOrder Order, TimeSpan Timeout) : IOrderCall
{
    public string ClOrdId => Order.ClOrdId;
}

/// <param name="NotBefore">Our clock: earlier the broker's lists would not tell.</param>
public sealed record CallFind(BrokerSettings Settings, FindOrder Order, DateTimeOffset NotBefore, TimeSpan Timeout) : IOrderCall
{
    public string ClOrdId => Order.ClOrdId;
}

// What comes of effects.

public sealed record SubmitAccepted(string ClOrdId, BrokerAck Ack);

public sealed record SubmitRejected(string ClOrdId, string Reason);

/// <summary>Nothing left this process.</summary>
public sealed record SubmitNotSent(string ClOrdId, string Reason);

public sealed record SubmitOutcomeUnknown(string ClOrdId, string Reason);

public sealed record CancelAnswered(string ClOrdId, CancelAnswer Answer, string? Reason);

public enum CancelAnswer
{
    Accepted,
    /// <summary>No working order of that name: finished, or not arrived.</summary>
    Rejected,
    Unknown,
}

/// <param name="Order">Null for "not in the broker's lists now".</param>
/// <param name="AskedAt">When the question was sent, our clock.</param>
public sealed record FindAnswered(string ClOrdId, BrokerOrder? Order, DateTimeOffset AskedAt);

/// <summary>The broker could not be asked; ask again later.</summary>
public sealed record FindFailed(string ClOrdId, string Reason);

public sealed record ReportReceived(BrokerReport Report);

/// <summary>What works and what is held at the broker, of a standing session.</summary>
/// <param name="AskedAt">When the question was sent, our clock.</param>
/// <param name="IsFirst">Of its session: reports of what it shows may still be on their way, however old they are.</param>
public sealed record SnapshotTaken(BrokerSnapshot Snapshot, DateTimeOffset AskedAt, bool IsFirst);

// Asked by the front door and by tools.

public sealed record GetConnection;

/// <param name="Orders">Orders that are not finished, by ClOrdID.</param>
/// <param name="Drifts">Where the broker holds another position than is booked.</param>
public sealed record ConnectionView(string Broker, ImmutableArray<OrderInFlight> Orders, string? Cursor, ImmutableArray<Drift> Drifts);

using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Abstractions.Brokers;

/// <summary>One broker's protocol. Stateless; opens sessions.</summary>
public interface IBrokerAdapter
{
    /// <summary>As in an account's <c>broker</c>: "paper", later "tradovate" and others.</summary>
    string Name { get; }

    /// <summary>What the broker promises. Stored with the connection, so that the rules never depend on which node asks.</summary>
    BrokerTraits Traits { get; }

    /// <exception cref="BrokerUnavailableException">Not now; try again with back-off.</exception>
    /// <exception cref="BrokerSessionRefusedException">Log-in or settings are wrong: a person must act.</exception>
    Task<IBrokerSession> ConnectAsync(EntityId connection, BrokerSettings settings, CancellationToken ct);
}

/// <summary>
/// One logged-on session of one broker connection. Calls about different orders may run side by side; calls about one order are made one after
/// another by the caller.
/// </summary>
/// <remarks>
/// Every call, and the stream, may also throw <see cref="BrokerSessionExpiredException"/>. An unanswered call is given up after
/// <see cref="BrokerTraits.RequestTimeout"/>, and its token canceled.
/// </remarks>
public interface IBrokerSession : IAsyncDisposable
{
    /// <summary>Sends one order, with its bracket or OCO group where the terms have one. Its fate arrives in <see cref="Reports"/>.</summary>
    /// <param name="mayAct">Asked right before the socket write (PROTOCOL 1). When false nothing is sent.</param>
    /// <exception cref="BrokerRejectedException">Refused. Final: no such order exists there.</exception>
    /// <exception cref="BrokerNotSentException">Nothing left this process: it may be decided anew.</exception>
    /// <exception cref="BrokerUnknownOutcomeException">Time-out, lost link, or an answer that cannot be read. It may exist: ask, never resend blindly.</exception>
    Task<BrokerAck> SubmitAsync(SubmitOrder order, Func<bool> mayAct, CancellationToken ct);

    /// <summary>Asks for a cancel. Returning means the broker has the request; the order may still fill. Safe to repeat.</summary>
    /// <exception cref="BrokerRejectedException">The broker knows no working order of that name (finished, or not arrived yet).</exception>
    /// <exception cref="BrokerUnknownOutcomeException">Ask for the order's state.</exception>
    Task CancelAsync(CancelOrder order, CancellationToken ct);

    /// <summary>Looks an order up at the broker: by ClOrdID where the broker keeps it, else by the content of its intent (docs/how-to/add-a-broker.md).</summary>
    /// <returns>Null when the broker's lists do not show it now. Whether that means "never placed" is decided by <see cref="BrokerTraits"/>, not here.</returns>
    /// <exception cref="BrokerUnavailableException">The question could not be answered: an error is never "not found".</exception>
    Task<BrokerOrder?> FindOrderAsync(FindOrder order, CancellationToken ct);

    /// <summary>Working orders, positions and balances as the broker has them.</summary>
    /// <exception cref="BrokerUnavailableException">The question could not be answered: an error is never "flat".</exception>
    Task<BrokerSnapshot> GetSnapshotAsync(CancellationToken ct);

    /// <summary>
    /// Reports in the broker's order, starting behind <paramref name="after"/>. Null begins now. Expect repeats after a reconnect.
    /// </summary>
    /// <param name="after">The last report heard, stored or not.</param>
    /// <param name="stored">The last report known to be stored; null for none. Only what is up to it may be let go by a broker that keeps reports.</param>
    /// <exception cref="BrokerUnavailableException">The stream broke: connect again.</exception>
    IAsyncEnumerable<BrokerReport> Reports(string? after, string? stored, CancellationToken ct);
}

/// <summary>Refused by the broker. Final.</summary>
public sealed class BrokerRejectedException(string message) : Exception(message);

/// <summary>Nothing was sent: the deadline had passed, the lease was lost, or no connection could be made.</summary>
public sealed class BrokerNotSentException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>It may have been carried out.</summary>
public sealed class BrokerUnknownOutcomeException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The broker cannot be asked now.</summary>
public sealed class BrokerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The broker no longer knows this session (token expired, logged on elsewhere) and has carried nothing out: a new session is opened.</summary>
public sealed class BrokerSessionExpiredException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The broker refuses the session itself.</summary>
public sealed class BrokerSessionRefusedException(string message) : Exception(message);

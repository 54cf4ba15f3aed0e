using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Brokers;

/// <summary>Is told of every call to a broker when it has ended: for traces and counters.</summary>
public interface IBrokerCallObserver
{
    /// <summary>Called from any thread: return at once and throw nothing.</summary>
    void Called(in BrokerCall call);
}

public enum BrokerCallKind { Submit, Cancel, Find }

/// <summary>What the caller may do next, as the connection is told it.</summary>
public enum BrokerCallOutcome { Accepted, Rejected, NotSent, Unknown, Found, NotFound, Failed }

/// <param name="Broker">The adapter's name.</param>
/// <param name="StartedAt">Our clock. Waiting for a session, and trying again while nothing had left, are part of the call.</param>
public readonly record struct BrokerCall(
    EntityId Connection, string Broker, BrokerCallKind Kind, string ClOrdId, DateTimeOffset StartedAt, TimeSpan Duration, BrokerCallOutcome Outcome);

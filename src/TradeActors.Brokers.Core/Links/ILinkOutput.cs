using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;

namespace TradeActors.Brokers.Core.Links;

/// <summary>
/// What a link wants done. Nothing of it is done inside the call: the shell starts it and gives the result back as an input, with the number of the
/// session, stream or call that it belongs to.
/// </summary>
public interface ILinkOutput
{
    /// <summary>Then <see cref="BrokerLink.LoggedOn"/> or <see cref="BrokerLink.LogOnFailed"/>.</summary>
    void LogOn(long session);

    /// <summary>Closes the session, or gives up its log-on. Nothing of it is heard any more.</summary>
    void LogOff(long session);

    /// <summary>Brings the session's reports from behind <paramref name="after"/> on: <see cref="BrokerLink.Heard"/>, and in the end <see cref="BrokerLink.StreamEnded"/>.</summary>
    /// <param name="after">The last report heard; it may be in memory only.</param>
    /// <param name="stored">The last report that was stored when the stream was asked for: all that the broker may let go.</param>
    void Listen(long stream, long session, string? after, string? stored);

    /// <summary>Sends the order if, right before the socket write, <see cref="BrokerLink.MayWrite"/> says so (PROTOCOL 1).</summary>
    void Submit(long call, long session, SubmitOrder order);

    void Cancel(long call, long session, CancelOrder order);

    void Find(long call, long session, FindOrder order);

    /// <summary>Asks for working orders and positions.</summary>
    void TakeSnapshot(long call, long session);

    /// <summary>Nobody waits for this answer, or listens to this stream, any more.</summary>
    void GiveUp(long number);

    /// <summary>A call about an order is over.</summary>
    void Ended(in BrokerCall call);
}

/// <summary>The two clocks of a link.</summary>
/// <param name="Utc">The node's wall clock; what is stored is measured by it.</param>
/// <param name="Elapsed">A clock that only runs forward, from any start: deadlines and waits are kept on it, so that a wall clock set back moves none.</param>
public readonly record struct LinkTime(DateTimeOffset Utc, TimeSpan Elapsed)
{
    /// <summary>When a moment of the wall clock comes on the other one.</summary>
    public TimeSpan At(DateTimeOffset utc) => Elapsed + (utc - Utc);
}

/// <summary>What went wrong at a broker, by what may be done next.</summary>
public enum LinkFailure
{
    /// <summary>Refused, final.</summary>
    Rejected,
    /// <summary>Nothing left this process.</summary>
    NotSent,
    /// <summary>It may have been carried out.</summary>
    Unknown,
    /// <summary>The broker cannot be reached or asked now.</summary>
    Unavailable,
    /// <summary>The broker no longer knows the session (token expired, logged on elsewhere). Nothing was carried out: log on and try again.</summary>
    SessionExpired,
    /// <summary>The broker refuses to log this connection on: a person must act.</summary>
    SessionRefused,
}

using System.Collections.Immutable;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Brokers;

/// <summary>What a broker promises about orders; the rules for unknown outcomes rest on it (PROTOCOL 1).</summary>
/// <param name="RefusesDuplicates">A second order with the same ClOrdID is refused, for as long as the first could still arrive.</param>
/// <param name="RequestTimeout">After this an unanswered request counts as unknown.</param>
/// <param name="ListingLag">How long an accepted order may stay invisible to a look-up.</param>
/// <param name="StandingSession">
/// Things happen there that no order of ours announces (a fill after a confirmed cancel, a trade by hand): the session stands while the connection is open,
/// and what is at the broker is compared with what is known here. Such a connection stays loaded. False where an order without an end is the only source of news.
/// </param>
public sealed record BrokerTraits(bool RefusesDuplicates, TimeSpan RequestTimeout, TimeSpan ListingLag, bool StandingSession = false)
{
    /// <summary>From when on "not found" means "was not placed and will not be".</summary>
    /// <param name="sendBefore">The send deadline of the intent.</param>
    public DateTimeOffset NotPlacedFrom(DateTimeOffset sendBefore) => sendBefore + RequestTimeout + ListingLag;
}

/// <summary>How to reach the broker for one connection. Secrets are not in here: they are named by <paramref name="SecretId"/>.</summary>
/// <param name="Broker">The adapter's name.</param>
/// <param name="Paper">Set exactly for the paper broker.</param>
public sealed record BrokerSettings(string Broker, PaperSettings? Paper = null, string? SecretId = null);

/// <summary>What the paper exchange is told when its book is opened.</summary>
/// <param name="Seed">All random draws of this exchange come from (seed, ClOrdID, fill number).</param>
/// <param name="CommissionPerUnit">Charged per contract, share or coin filled, account currency.</param>
/// <param name="CommissionRate">Charged on the traded value, as a fraction (0.0006 is 6 bps).</param>
/// <param name="SlippageTicks">A market or stop fill is up to this many ticks worse than the quote, drawn from the seed.</param>
/// <param name="RefusesDuplicates">False makes it behave like a broker without client ids.</param>
/// <param name="UsesDisplayedSize">Fills no more than the displayed size per quote; the rest waits for the next one.</param>
/// <param name="ChecksMargin">An order that opens more than the equity carries is refused. False lets any size be opened: for simulated crowds.</param>
/// <param name="Latency">From the acceptance of an order until it works. Cancels are carried out at once: the way there is part of the caller's.</param>
/// <param name="LatencyJitter">Up to this much more, in whole milliseconds, drawn from (seed, ClOrdID).</param>
/// <param name="Margins">Instead of the paper exchange's own; null for none.</param>
public sealed record PaperSettings(
    decimal StartingBalance,
    string Currency = "USD",
    ulong Seed = 1,
    decimal CommissionPerUnit = 0m,
    decimal CommissionRate = 0m,
    int SlippageTicks = 0,
    bool RefusesDuplicates = true,
    bool UsesDisplayedSize = true,
    PaperFaults? Faults = null,
    bool ChecksMargin = true,
    PaperMargins? Margins = null,
    TimeSpan Latency = default,
    TimeSpan LatencyJitter = default);

/// <summary>Misbehaviour that the paper exchange is told to show, so that the system above it can be tested. Each is a probability per call.</summary>
/// <param name="TimeOutAfterAccept">The order is accepted and the answer never comes.</param>
/// <param name="LoseRequest">The order never reaches the exchange, and no answer comes.</param>
/// <param name="LateAnswer">The answer comes after <paramref name="LateBy"/>.</param>
/// <param name="LoseCancelAnswer">The cancel is done and the answer never comes.</param>
public sealed record PaperFaults(
    double TimeOutAfterAccept = 0, double LoseRequest = 0, double LateAnswer = 0, TimeSpan LateBy = default, double LoseCancelAnswer = 0);

/// <param name="SendBefore">The send deadline stored with the intent (PROTOCOL 1), the storing node's clock.</param>
/// <param name="StoredCursor">Every report up to here is stored by us: the broker side may forget it.</param>
public sealed record SubmitOrder(string ClOrdId, OrderTerms Terms, DateTimeOffset SendBefore, string? StoredCursor = null);

/// <param name="BrokerOrderId">FIX OrderID (37); null while it is not known.</param>
public sealed record CancelOrder(string ClOrdId, string? BrokerOrderId, OrderTerms Terms);

/// <param name="SentAfter">When the intent was stored: where a search by content begins.</param>
public sealed record FindOrder(string ClOrdId, string? BrokerOrderId, OrderTerms Terms, DateTimeOffset SentAfter);

public sealed record BrokerAck(string BrokerOrderId);

/// <summary>An order as the broker's own lists show it.</summary>
public sealed record BrokerOrder(
    string? ClOrdId, string BrokerOrderId, string Symbol, Side Side, decimal OrderQty, OrdStatus Status, decimal CumQty, decimal? AvgPx);

public sealed record BrokerPosition(string Symbol, decimal Quantity, decimal? AveragePrice);

public sealed record BrokerSnapshot(ImmutableArray<BrokerOrder> WorkingOrders, ImmutableArray<BrokerPosition> Positions, decimal? Balance);

/// <summary>FIX ExecType (150), what just happened.</summary>
public enum ExecType { New, Trade, Canceled, Rejected, Expired, TradeCancel, TradeCorrect }

/// <summary>One execution report (FIX 8) from the broker's stream.</summary>
/// <param name="Cursor">Where the stream stands after this report; opaque, ordered by arrival.</param>
/// <param name="ExecId">FIX 17, unique per connection; for an inferred fill made from its content, so that a restart makes the same one.</param>
/// <param name="ClOrdId">Null for orders that are not ours (placed by hand at the broker).</param>
/// <param name="LastQty">FIX 32, for trades, above 0.</param>
/// <param name="LastPx">FIX 31.</param>
/// <param name="Commission">Account currency; 0 when the broker does not say.</param>
/// <param name="ExecRefId">FIX 19: the fill that a TradeCancel or TradeCorrect undoes or amends.</param>
/// <param name="TransactTime">FIX 60, the broker's clock.</param>
public sealed record BrokerReport(
    string Cursor,
    string ExecId,
    ExecType ExecType,
    string? ClOrdId,
    string BrokerOrderId,
    string Symbol,
    Side Side,
    decimal LastQty,
    decimal LastPx,
    decimal Commission,
    string? Reason,
    string? ExecRefId,
    DateTimeOffset TransactTime);

public static class BrokerReportExtensions
{
    // Not a member: it is no part of the stored shape.
    extension(BrokerReport report)
    {
        /// <summary>Our name of the order; one of its own for an order that is not ours.</summary>
        public string OrderName => report.ClOrdId ?? $"broker:{report.BrokerOrderId}";
    }
}

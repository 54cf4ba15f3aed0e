using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

// One event is one fact and carries all that a replay needs. "Report" is the gapless number of the execution report that the event makes, "Order"
// the exchange's number of the order, "At" the exchange's clock, UTC: it becomes TransactTime.

/// <param name="ExchangeKey">The entity's key: the first part of every ExecID.</param>
public sealed record PaperBookOpened(string ExchangeKey, PaperSettings Settings, DateTimeOffset At);

/// <param name="Instrument">As the catalog and the book's margins had it then: fills and profit do not change when the catalog does.</param>
/// <param name="ExpireAt">For Day orders the end of the trading day, UTC; else null.</param>
/// <param name="ReportsSeen">Reports up to this number are dropped.</param>
/// <param name="WorksFrom">UTC: until then it is accepted and on its way, and nothing fills or triggers it; null when it works at once.</param>
/// <param name="Quote">While it is on its way, the newest quote that the book knows; null for none, or when it works at once.</param>
/// <param name="IsMarginDue">It had no price yet: its margin is judged when the first quote would fill it.</param>
/// <param name="ArriveBefore">Of the request; null where it had none, or the event is older than this member.</param>
public sealed record PaperOrderAccepted(
    long Report,
    long Order,
    string ClOrdId,
    OrderTerms Terms,
    PaperInstrument Instrument,
    DateTimeOffset? ExpireAt,
    long ReportsSeen,
    DateTimeOffset At,
    bool IsMarginDue = false,
    DateTimeOffset? WorksFrom = null,
    Quote? Quote = null,
    DateTimeOffset? ArriveBefore = null);

/// <summary>A refused order has a number, an end and a report of its own, and uses up its ClOrdID, as at the brokers that say so.</summary>
/// <param name="ArriveBefore">As in <see cref="PaperOrderAccepted"/>.</param>
public sealed record PaperOrderRejected(
    long Report, long Order, string ClOrdId, OrderTerms Terms, string Reason, long ReportsSeen, DateTimeOffset At, DateTimeOffset? ArriveBefore = null);

/// <summary>An order that was on its way has arrived and works. Makes no report: it was reported when it was accepted.</summary>
public sealed record PaperOrderArrived(long Order, DateTimeOffset At);

/// <summary>
/// A quote came while an order of its symbol was on its way, which will be matched on the last of them. The only quotes that are stored without a
/// fill: a few per order, since the way is short.
/// </summary>
public sealed record PaperQuoteSeen(Quote Quote, DateTimeOffset At);

/// <summary>A stop was reached: from now on it is a market order, a stop-limit a limit order. Of a one-cancels-other the limit is gone with it. Makes no report.</summary>
public sealed record PaperOrderTriggered(long Order, DateTimeOffset At);

/// <param name="Commission">Account currency.</param>
/// <param name="Quote">The quote it was filled on: what is left of its displayed size follows from the fills that name it.</param>
public sealed record PaperOrderFilled(
    long Report, long Order, decimal LastQty, decimal LastPx, decimal Commission, Quote Quote, DateTimeOffset At);

public sealed record PaperOrderCanceled(long Report, long Order, string Reason, DateTimeOffset At);

/// <summary>The trading day of a Day order ended.</summary>
public sealed record PaperOrderExpired(long Report, long Order, DateTimeOffset At);

public sealed record PaperFaultsSet(PaperFaults? Faults, DateTimeOffset At);

/// <summary>The reader has stored the reports up to this number: they are dropped. Only written when enough of them have gathered.</summary>
public sealed record PaperReportsSeen(long Seen, DateTimeOffset At);

using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>Opens the book. Safe to repeat. Refused with other settings than the first ones; the faults do not count, they have their own command.</summary>
public sealed record OpenPaperBook(PaperSettings Settings);

/// <param name="Quote">The last quote of the symbol that the sending node knows; null when there is none, then the order waits for the first.</param>
/// <param name="ReportsSeen">Reports up to this number are stored by the reader and need not be kept; 0 for none.</param>
/// <param name="ArriveBefore">
/// UTC; taken up later it is refused and leaves nothing behind. Without it a request that waited while its sender gave up could still be placed after
/// "not found" had been taken for "not placed" (PROTOCOL 1). It differs for every send of a name, and so names the request: the same one judged again
/// makes no second order, also where duplicates are let in. Null for no such limit.
/// </param>
public sealed record PlacePaperOrder(string ClOrdId, OrderTerms Terms, Quote? Quote, long ReportsSeen, DateTimeOffset? ArriveBefore = null);

/// <summary>Cancels a working order. Named by <paramref name="OrderId"/> where it is given, else the newest order of that ClOrdID.</summary>
public sealed record CancelPaperOrder(string? ClOrdId, string? OrderId = null);

/// <summary>Looks up the newest order of that ClOrdID, also one that has left the book's memory.</summary>
public sealed record FindPaperOrder(string ClOrdId);

/// <summary>Reads reports behind a number, oldest first.</summary>
/// <param name="After">The last number that the reader has in hand, not necessarily stored; 0 for none.</param>
/// <param name="Limit">At most this many; 1 to <see cref="PaperExchange.MaxReportsPerReply"/>, others are brought into that range.</param>
/// <param name="Seen">As <see cref="PlacePaperOrder.ReportsSeen"/>. Kept apart from <paramref name="After"/>, since what was read can still be lost.</param>
public sealed record GetPaperReports(long After, int Limit, long Seen = 0);

public sealed record GetPaperSnapshot;

/// <summary>Replaces the misbehaviour of this book from now on; null ends it.</summary>
public sealed record SetPaperFaults(PaperFaults? Faults);

/// <summary>How the session must answer its caller, so that the broker seems to misbehave.</summary>
public enum AnswerMode
{
    Normal,
    /// <summary>After <see cref="PaperPlaceReply.LateBy"/>.</summary>
    Late,
    /// <summary>Never: the caller sees a time-out.</summary>
    Lost,
}

/// <param name="Refusal">Why the book cannot be opened with these settings; null when it is open.</param>
public sealed record PaperBookReply(string? Refusal = null);

/// <param name="OrderId">FIX OrderID (37); null when refused, or lost on the way to the exchange.</param>
/// <param name="Refusal">Why no order was made; null when one was.</param>
public sealed record PaperPlaceReply(AnswerMode Mode, TimeSpan LateBy, string? OrderId, string? Refusal)
{
    internal static readonly PaperPlaceReply RequestLost = new(AnswerMode.Lost, TimeSpan.Zero, null, null);

    internal static PaperPlaceReply Refused(string reason) => new(AnswerMode.Normal, TimeSpan.Zero, null, reason);
}

/// <param name="Refusal">Why nothing was canceled; null when the order is canceled now.</param>
public sealed record PaperCancelReply(AnswerMode Mode, string? Refusal);

/// <param name="IsOpen">False before the book was opened: the question could not be answered.</param>
public sealed record PaperFindReply(bool IsOpen, BrokerOrder? Order);

/// <param name="LastReport">The number of the newest report; a reader that is ahead of it belongs to another book.</param>
public sealed record PaperReportsReply(ImmutableArray<BrokerReport> Reports, long LastReport);

/// <param name="Snapshot">Null before the book was opened.</param>
public sealed record PaperSnapshotReply(BrokerSnapshot? Snapshot, long LastReport);

/// <param name="Refusal">Null when the faults are set.</param>
public sealed record PaperFaultsReply(string? Refusal = null);

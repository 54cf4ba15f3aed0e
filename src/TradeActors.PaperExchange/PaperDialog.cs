using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;

namespace TradeActors.PaperExchange;

/// <summary>What the sender of a request to the paper exchange may do next.</summary>
public enum PaperOutcome
{
    Accepted,
    /// <summary>Final: nothing came of the request.</summary>
    Rejected,
    /// <summary>It may have been carried out: ask.</summary>
    Unknown,
    /// <summary>The first request under this ClOrdID arrived: the answer is its order, which must be asked for.</summary>
    AskForFirst,
}

/// <param name="Detail">The OrderID of an accepted order, else why.</param>
/// <param name="After">How long after the reply the sender hears of it: the broker's faults let answers come late or time out.</param>
public sealed record PaperAnswer(PaperOutcome Outcome, string Detail, TimeSpan After = default);

/// <summary>One session's side of the talk with a paper book, without I/O: what to ask, and what an answer means.</summary>
/// <remarks>
/// <see cref="PaperBrokerSession"/> carries it out with a node's gateway, the simulation with its own. Safe from several threads; holds nothing that a
/// new session could not ask again.
/// </remarks>
public sealed class PaperDialog(TimeSpan requestTimeout)
{
    /// <summary>How often reports are read without an announcement, in case one was missed.</summary>
    public static readonly TimeSpan SafetyReread = TimeSpan.FromSeconds(2);

    private long _seen;

    private long Seen => Volatile.Read(ref _seen);

    /// <param name="last">The last quote of the symbol that the sending node knows; null for none.</param>
    public PlacePaperOrder Place(SubmitOrder order, Quote? last)
    {
        RaiseSeen(NumberOf(order.StoredCursor));
        return new PlacePaperOrder(order.ClOrdId, order.Terms, last, Seen, order.SendBefore + requestTimeout);
    }

    public PaperAnswer TakePlaced(PaperPlaceReply reply) => Delayed(reply.Mode, reply.LateBy, reply.Refusal switch
    {
        null => new PaperAnswer(PaperOutcome.Accepted, reply.OrderId ?? ""), // Null only where the request was lost, which times out.
        PaperExchange.DuplicateClOrdId => new PaperAnswer(PaperOutcome.AskForFirst, PaperExchange.DuplicateClOrdId),
        { } refusal => new PaperAnswer(PaperOutcome.Rejected, refusal),
    });

    /// <summary>A refused duplicate says that the first request arrived: its order is the answer, not a rejection.</summary>
    /// <param name="reply">Null when the question was not answered.</param>
    public static PaperAnswer TakeFirst(string clOrdId, PaperFindReply? reply) => reply switch
    {
        { Order: { } first } => new PaperAnswer(PaperOutcome.Accepted, first.BrokerOrderId),
        null => new PaperAnswer(PaperOutcome.Unknown, $"{clOrdId} is known to the exchange; which order it names was not answered."),
        _ => new PaperAnswer(PaperOutcome.Unknown, $"{clOrdId} is known to the exchange, but it does not show the order."),
    };

    public PaperAnswer TakeCanceled(PaperCancelReply reply) => Delayed(reply.Mode, TimeSpan.Zero, reply.Refusal is { } refusal
        ? new PaperAnswer(PaperOutcome.Rejected, refusal)
        : new PaperAnswer(PaperOutcome.Accepted, ""));

    /// <param name="after">The last report heard; null for none.</param>
    /// <param name="stored">Everything up to it is stored and may be let go; null for nothing.</param>
    /// <exception cref="BrokerUnavailableException">It is no cursor of the paper exchange.</exception>
    public PaperReportReader ReadFrom(string? after, string? stored)
    {
        RaiseSeen(NumberOf(stored));
        return new PaperReportReader(NumberOf(after), () => Seen);
    }

    /// <summary>Lets the broker's faults show: a lost answer is a time-out, and so is one that comes later than that.</summary>
    private PaperAnswer Delayed(AnswerMode mode, TimeSpan lateBy, PaperAnswer answer) => mode switch
    {
        AnswerMode.Normal => answer,
        AnswerMode.Late when lateBy < requestTimeout => answer with { After = lateBy },
        _ => new PaperAnswer(PaperOutcome.Unknown, $"No answer within {requestTimeout.TotalSeconds} s.", requestTimeout),
    };

    private void RaiseSeen(long number)
    {
        var seen = Volatile.Read(ref _seen);
        while (number > seen && Interlocked.CompareExchange(ref _seen, number, seen) is var current && current != seen)
        {
            seen = current;
        }
    }

    internal static long NumberOf(string? cursor) => cursor is null
        ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BrokerUnavailableException($"'{cursor}' is no cursor of the paper exchange.");
}

/// <summary>One stream of reports: asks page by page, and again from the same place when an answer was lost.</summary>
public sealed class PaperReportReader
{
    private readonly Func<long> _seen;
    private long _after;

    internal PaperReportReader(long after, Func<long> seen) => (_after, _seen) = (after, seen);

    public GetPaperReports Next() => new(_after, PaperExchange.MaxReportsPerReply, _seen());

    /// <summary>The next reports, oldest first; none when the reader should wait until something is committed.</summary>
    /// <exception cref="BrokerUnavailableException">The book does not reach to where the reader stands.</exception>
    public ImmutableArray<BrokerReport> Take(PaperReportsReply page)
    {
        if (_after > page.LastReport)
        {
            throw new BrokerUnavailableException($"Report {_after} was asked for, the book ends at {page.LastReport}: it is not the same book.");
        }

        _after = page.Reports is [.., var last] ? PaperDialog.NumberOf(last.Cursor) : _after;
        return page.Reports;
    }
}

using System.Diagnostics;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>What a decision may know besides state and message.</summary>
/// <param name="ExchangeKey">The entity's key.</param>
/// <param name="Now">The exchange's clock, UTC.</param>
/// <param name="LookedUp">For a ClOrdID that has left the state: the stored row of its order; null when there is none.</param>
public sealed record PaperContext(string ExchangeKey, DateTimeOffset Now, IPaperInstruments Instruments, BrokerOrder? LookedUp = null);

/// <summary>
/// The rules of the paper exchange, as two pure functions. Read next: PaperMatching.cs (what a quote does), PaperExchange.Apply.cs (the fold).
/// </summary>
/// <remarks>The same settings, commands, times and quotes give the same events. A quote that fills and triggers nothing leaves no event, unless an order is on its way.</remarks>
public static partial class PaperExchange
{
    /// <summary>The most reports in one reply.</summary>
    public const int MaxReportsPerReply = 500;

    /// <summary>A question writes an event of its own only if it lets at least this many reports go.</summary>
    public const int ReportsPerTrim = 64;

    /// <summary>The timer that brings in orders that were on their way.</summary>
    public const string ArrivalTimer = "arrival";

    /// <summary>The timer that ends Day orders.</summary>
    public const string DayEndTimer = "day-end";

    public const string DuplicateClOrdId = "duplicate ClOrdID";

    private const string NotOpen = "The paper book is not open.";

    public static Reaction Decide(PaperExchangeState state, object message, PaperContext context) => (state, message) switch
    {
        (_, OpenPaperBook m) => Open(state, m, context),
        (_, Activated) => Reaction.Nothing, // Nothing is in flight in here: orders and fills are stored, quotes come again.
        ({ Settings: null }, _) => BeforeOpening(message),
        (_, QuoteArrived m) => TakeQuote(state, m, context),
        (_, TimerFired) => CatchUp(state, context),
        (_, PlacePaperOrder m) => Place(state, m, context),
        (_, CancelPaperOrder m) => Cancel(state, m, context),
        (_, FindPaperOrder m) => Reaction.Answer(new PaperFindReply(true, state.Find(m.ClOrdId) ?? context.LookedUp)),
        (_, GetPaperReports m) => Read(state, m, context.Now),
        (_, GetPaperSnapshot) => Reaction.Answer(new PaperSnapshotReply(Snapshot(state), state.LastReport)),
        (_, SetPaperFaults m) => SetFaults(state, m, context.Now),
        _ => throw new UnreachableException($"No rule for {message.GetType().Name}."),
    };

    private static Reaction BeforeOpening(object message) => message switch
    {
        QuoteArrived or TimerFired => Reaction.Nothing,
        PlacePaperOrder => Reaction.Answer(PaperPlaceReply.Refused(NotOpen)),
        CancelPaperOrder => Reaction.Answer(new PaperCancelReply(AnswerMode.Normal, NotOpen)),
        FindPaperOrder => Reaction.Answer(new PaperFindReply(false, null)),
        GetPaperReports => Reaction.Answer(new PaperReportsReply([], 0)),
        GetPaperSnapshot => Reaction.Answer(new PaperSnapshotReply(null, 0)),
        SetPaperFaults => Reaction.Answer(new PaperFaultsReply(NotOpen)),
        _ => throw new UnreachableException($"No rule for {message.GetType().Name}."),
    };

    private static Reaction Open(PaperExchangeState state, OpenPaperBook command, PaperContext context)
    {
        if (state.Settings is { } open)
        {
            var isSame = open with { Faults = null } == command.Settings with { Faults = null };
            return Reaction.Answer(new PaperBookReply(isSame ? null : "The paper book is open with other settings, which cannot be changed."));
        }

        var opened = new PaperBookOpened(context.ExchangeKey, command.Settings, context.Now);
        return new Reaction([opened], [], new PaperBookReply());
    }

    private static Reaction TakeQuote(PaperExchangeState state, QuoteArrived arrived, PaperContext context)
    {
        var run = new PaperRun(state, context.Now);
        PaperMatching.CatchUp(run, context);
        if (!arrived.IsReminder || !IsPassed(run.State, arrived.Quote))
        {
            PaperMatching.Take(run, arrived.Quote, context);
        }

        return run.Done(reply: null);
    }

    private static Reaction CatchUp(PaperExchangeState state, PaperContext context)
    {
        var run = new PaperRun(state, context.Now);
        PaperMatching.CatchUp(run, context);
        return run.Done(reply: null);
    }

    private static Reaction Place(PaperExchangeState state, PlacePaperOrder command, PaperContext context)
    {
        var faults = PaperDraws.AnswerTo(state, command.ClOrdId, context.Now);
        if (faults.IsRequestLost)
        {
            return Reaction.Answer(PaperPlaceReply.RequestLost);
        }

        var run = new PaperRun(state, context.Now);
        PaperMatching.CatchUp(run, context);
        var reply = Judge(run, command, context);
        return run.Done(reply with { Mode = reply.Refusal is null && faults.IsAcceptanceLost ? AnswerMode.Lost : faults.Mode, LateBy = faults.LateBy });
    }

    private static PaperPlaceReply Judge(PaperRun run, PlacePaperOrder command, PaperContext context)
    {
        if (!ClOrdId.IsValid(command.ClOrdId))
        {
            // Without a name there is nothing that a report could be about.
            return PaperPlaceReply.Refused("ClOrdID: 1 to 32 letters, digits, '-' or '_'.");
        }

        if (AnswerToRepeat(run.State, command) is { } repeated)
        {
            return repeated;
        }

        if (IsDuplicate(run.State, command.ClOrdId, context))
        {
            // Makes no report: one under this ClOrdID would tell that the first order was rejected.
            return PaperPlaceReply.Refused(DuplicateClOrdId);
        }

        if (run.Now > command.ArriveBefore)
        {
            return PaperPlaceReply.Refused("The request arrived too late.");
        }

        var seen = Math.Clamp(command.ReportsSeen, run.State.LastDropped, run.State.LastReport);
        var quote = QuoteFor(run.State, command);
        var refused = PaperValidation.Refusal(run.State, command.Terms, context)
            ?? PaperMarginRules.Refusal(run.State, command.Terms, Listed(run.State, command.Terms.Symbol, context), quote);
        if (refused is { } refusal)
        {
            run.Emit(new PaperOrderRejected(
                run.NextReport, run.State.LastOrder + 1, command.ClOrdId, command.Terms, refusal, seen, run.Now, command.ArriveBefore));
            return PaperPlaceReply.Refused(refusal);
        }

        var accepted = Accept(run, command, quote, seen, context);
        run.Emit(accepted);
        if (quote is not null)
        {
            PaperMatching.Take(run, quote, context);
        }

        return new PaperPlaceReply(AnswerMode.Normal, TimeSpan.Zero, PaperOrder.IdOf(accepted.Order), null);
    }

    /// <summary>The very same request once more, where a second one under its name would make a second order: its answer is the first order's.</summary>
    private static PaperPlaceReply? AnswerToRepeat(PaperExchangeState state, PlacePaperOrder command) =>
        command.ArriveBefore is not { } request || !state.Requests.TryGetValue(command.ClOrdId, out var known) || known != request ? null
        : state.Find(command.ClOrdId) is { Status: OrdStatus.Rejected } rejected
            ? PaperPlaceReply.Refused(state.Reports.FindLast(report => report.BrokerOrderId == rejected.BrokerOrderId)?.Reason ?? "Rejected before.")
            : new PaperPlaceReply(AnswerMode.Normal, TimeSpan.Zero, PaperOrder.IdOf(state.ByClOrdId[command.ClOrdId]), null);

    private static bool IsDuplicate(PaperExchangeState state, string clOrdId, PaperContext context) =>
        state.Settings!.RefusesDuplicates && (state.ByClOrdId.ContainsKey(clOrdId) || context.LookedUp is not null);

    private static PaperOrderAccepted Accept(PaperRun run, PlacePaperOrder command, Quote? quote, long seen, PaperContext context)
    {
        var terms = command.Terms;
        var latency = PaperDraws.Latency(run.State, command.ClOrdId);
        var isOnItsWay = latency > TimeSpan.Zero;
        return new PaperOrderAccepted(
            run.NextReport,
            run.State.LastOrder + 1,
            command.ClOrdId,
            terms,
            Listed(run.State, terms.Symbol, context),
            terms.TimeInForce == TimeInForce.Day ? context.Instruments.DayEnd(terms.Symbol, run.Now) : null,
            seen,
            run.Now,
            PaperMarginRules.IsDue(run.State, terms, quote),
            isOnItsWay ? run.Now + latency : null,
            isOnItsWay ? quote : null,
            command.ArriveBefore);
    }

    /// <summary>The instrument of a listed symbol, with the margin that this book asks for it.</summary>
    private static PaperInstrument Listed(PaperExchangeState state, string symbol, PaperContext context)
    {
        var instrument = context.Instruments.Find(symbol)!;
        return state.Settings!.Margins?.PerRoot.TryGetValue(context.Instruments.RootOf(symbol), out var margin) == true
            ? instrument with { Margin = margin } : instrument;
    }

    // The sender read its quote before the exchange took up the command. One that is older than what has been traded on since is not gone back to.
    private static Quote? QuoteFor(PaperExchangeState state, PlacePaperOrder command) => command.Quote switch
    {
        null => null,
        { } quote when quote.Symbol != command.Terms.Symbol => null,
        { } quote => IsPassed(state, quote) ? state.LastKnown(quote.Symbol) : quote,
    };

    /// <summary>
    /// The book has been told of a later one. A node that starts again knows the last quotes that were stored, which may be half a second older than those
    /// that its books have traded on: nobody fills on a price that they know is gone. New quotes are taken in the sequence of their coming, whatever their
    /// time: a replay may begin anew.
    /// </summary>
    private static bool IsPassed(PaperExchangeState state, Quote quote) => state.LastKnown(quote.Symbol) is { } last && quote.At < last.At;

    private static Reaction Cancel(PaperExchangeState state, CancelPaperOrder command, PaperContext context)
    {
        // What was due before the cancel came has happened before it.
        var run = new PaperRun(state, context.Now);
        PaperMatching.CatchUp(run, context);
        state = run.State;
        var number = command.OrderId is { } orderId ? PaperOrder.NumberOf(orderId) : state.ByClOrdId.GetValueOrDefault(command.ClOrdId ?? "");
        if (!state.Working.TryGetValue(number, out var order))
        {
            var refusal = state.Finished.TryGetValue(number, out var finished) ? $"The order is finished: {finished.Status}." : "No such working order.";
            return run.Done(new PaperCancelReply(AnswerMode.Normal, refusal));
        }

        PaperMatching.Cancel(run, order, "Canceled on request.");
        return run.Done(new PaperCancelReply(PaperDraws.AnswerToCancel(state, order, run.Now), null));
    }

    private static Reaction Read(PaperExchangeState state, GetPaperReports query, DateTimeOffset now)
    {
        var run = new PaperRun(state, now);
        var seen = Math.Min(query.Seen, state.LastReport);
        if (seen - state.LastDropped >= ReportsPerTrim)
        {
            run.Emit(new PaperReportsSeen(seen, now));
        }

        // Read from the state before the event: whoever asks behind an older number than it says to have stored still gets its repeat.
        var skip = (int)Math.Clamp(query.After - state.LastDropped, 0, state.Reports.Count);
        var take = Math.Min(Math.Clamp(query.Limit, 1, MaxReportsPerReply), state.Reports.Count - skip);
        return run.Done(new PaperReportsReply([.. state.Reports.GetRange(skip, take)], state.LastReport));
    }

    private static BrokerSnapshot Snapshot(PaperExchangeState state) => new(
        [.. state.Working.Values.Select(order => order.Show())],
        [.. state.Positions.Select(held => new BrokerPosition(held.Key, held.Value.Quantity, held.Value.AveragePrice))],
        state.Balance);

    private static Reaction SetFaults(PaperExchangeState state, SetPaperFaults command, DateTimeOffset now) =>
        command.Faults == state.Faults
            ? Reaction.Answer(new PaperFaultsReply())
            : new Reaction([new PaperFaultsSet(command.Faults, now)], [], new PaperFaultsReply());
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <content>The fold.</content>
public static partial class PaperExchange
{
    /// <summary>Folds one stored event into the state. Asks nobody: what the decision knew is in the event.</summary>
    public static PaperExchangeState Apply(PaperExchangeState state, object @event) => @event switch
    {
        PaperBookOpened e => state with
        {
            ExchangeKey = e.ExchangeKey,
            Settings = e.Settings,
            Faults = e.Settings.Faults,
            Balance = e.Settings.StartingBalance,
        },
        PaperOrderAccepted e => Accepted(Trim(state, e.ReportsSeen), e),
        PaperOrderRejected e => Rejected(Trim(state, e.ReportsSeen), e),
        PaperOrderArrived e => Put(state, state.Working[e.Order] with { WorksFrom = null }),
        PaperQuoteSeen e => See(state, e.Quote),
        PaperOrderTriggered e => Put(state, state.Working[e.Order] with { IsTriggered = true }),
        PaperOrderFilled e => Filled(state, state.Working[e.Order], e),
        PaperOrderCanceled e => Ended(state, e.Report, e.Order, ExecType.Canceled, e.Reason, e.At),
        PaperOrderExpired e => Ended(state, e.Report, e.Order, ExecType.Expired, "The trading day ended.", e.At),
        PaperFaultsSet e => state with { Faults = e.Faults },
        PaperReportsSeen e => Trim(state, e.Seen),
        _ => throw new UnreachableException($"{@event.GetType().Name} is no event of the paper exchange."),
    };

    private static PaperExchangeState Accepted(PaperExchangeState state, PaperOrderAccepted e)
    {
        var order = new PaperOrder(e.Order, e.ClOrdId, e.Terms, e.Instrument, e.ExpireAt) { IsMarginDue = e.IsMarginDue, WorksFrom = e.WorksFrom };
        state = Put(e.Quote is null ? state : See(state, e.Quote), order) with
        {
            LastOrder = e.Order,
            ByClOrdId = state.ByClOrdId.SetItem(e.ClOrdId, e.Order),
            Requests = Requested(state, e.ClOrdId, e.ArriveBefore),
        };
        return Report(state, e.Report, ExecType.New, order, null, e.At);
    }

    private static PaperExchangeState Rejected(PaperExchangeState state, PaperOrderRejected e)
    {
        var order = new PaperOrder(e.Order, e.ClOrdId, e.Terms, new PaperInstrument(0m, 0m), null);
        state = state with
        {
            LastOrder = e.Order,
            ByClOrdId = state.ByClOrdId.SetItem(e.ClOrdId, e.Order),
            Requests = Requested(state, e.ClOrdId, e.ArriveBefore),
        };
        return Report(Finish(state, order, OrdStatus.Rejected), e.Report, ExecType.Rejected, order, e.Reason, e.At);
    }

    private static ImmutableSortedDictionary<string, DateTimeOffset> Requested(PaperExchangeState state, string clOrdId, DateTimeOffset? arriveBefore) =>
        state.Settings!.RefusesDuplicates ? state.Requests
        : arriveBefore is { } request ? state.Requests.SetItem(clOrdId, request)
        : state.Requests.Remove(clOrdId);

    private static PaperExchangeState Filled(PaperExchangeState state, PaperOrder order, PaperOrderFilled e)
    {
        order = order with
        {
            CumQty = order.CumQty + e.LastQty,
            FilledValue = order.FilledValue + (e.LastQty * e.LastPx),
            Fills = order.Fills + 1,
            IsMarginDue = false,
        };
        state = Report(Put(state, order), e.Report, ExecType.Trade, order, null, e.At, (e.LastQty, e.LastPx, e.Commission));
        state = Use(Book(state, order, e), order.Terms.Side, e);
        return order.LeavesQty == 0m ? Finish(state, order, OrdStatus.Filled) : state;
    }

    private static PaperExchangeState Ended(
        PaperExchangeState state, long report, long number, ExecType how, string reason, DateTimeOffset at)
    {
        var order = state.Working[number];
        state = Finish(state, order, how == ExecType.Expired ? OrdStatus.Expired : OrdStatus.Canceled);
        return Report(state, report, how, order, reason, at);
    }

    private static PaperExchangeState See(PaperExchangeState state, Quote quote) => state with { Seen = state.Seen.SetItem(quote.Symbol, quote) };

    private static PaperExchangeState Put(PaperExchangeState state, PaperOrder order) =>
        state with { Working = state.Working.SetItem(order.Number, order) };

    private static PaperExchangeState Book(PaperExchangeState state, PaperOrder order, PaperOrderFilled e)
    {
        var symbol = order.Terms.Symbol;
        var held = state.Positions.GetValueOrDefault(symbol);
        var position = PaperPosition.Book(held, order.Instrument, order.Terms.Side.Sign * e.LastQty, e.LastPx, out var points);
        var realized = points * order.Instrument.PointValue;
        return state with
        {
            Positions = position is null ? state.Positions.Remove(symbol) : state.Positions.SetItem(symbol, position),
            Balance = state.Balance + realized - e.Commission,
            RealizedPnl = state.RealizedPnl + realized,
            Commissions = state.Commissions + e.Commission,
        };
    }

    private static PaperExchangeState Use(PaperExchangeState state, Side side, PaperOrderFilled e)
    {
        var kept = state.Touches.GetValueOrDefault(e.Quote.Symbol, []).RemoveAll(other => other.IsOf(e.Quote));
        while (kept.Count >= PaperExchangeState.MostTouches
            || (kept.Count >= PaperExchangeState.KeptTouches && kept[0].Quote.At < e.Quote.At - PaperExchangeState.KeepTouchesFor))
        {
            kept = kept.RemoveAt(0);
        }

        var touch = state.TouchOf(e.Quote) ?? new PaperTouch(e.Quote, 0m, 0m);
        touch = side == Side.Buy ? touch with { AskUsed = touch.AskUsed + e.LastQty } : touch with { BidUsed = touch.BidUsed + e.LastQty };
        state = state.Seen.ContainsKey(e.Quote.Symbol) ? See(state, e.Quote) : state;
        return state with { Touches = state.Touches.SetItem(e.Quote.Symbol, kept.Add(touch)) };
    }

    private static PaperExchangeState Finish(PaperExchangeState state, PaperOrder order, OrdStatus end)
    {
        state = state with
        {
            Working = state.Working.Remove(order.Number),
            Finished = state.Finished.SetItem(order.Number, order.Show(end)),
            FinishedInSequence = state.FinishedInSequence.Add(order.Number),
        };
        return state.FinishedInSequence.Count > PaperExchangeState.KeptFinished ? Evict(state, state.FinishedInSequence[0]) : state;
    }

    private static PaperExchangeState Evict(PaperExchangeState state, long number)
    {
        var clOrdId = state.Finished[number].ClOrdId!;
        var isNewest = state.ByClOrdId.GetValueOrDefault(clOrdId) == number;
        return state with
        {
            Finished = state.Finished.Remove(number),
            FinishedInSequence = state.FinishedInSequence.RemoveAt(0),
            ByClOrdId = isNewest ? state.ByClOrdId.Remove(clOrdId) : state.ByClOrdId,
            Requests = isNewest ? state.Requests.Remove(clOrdId) : state.Requests,
            HasEvicted = true,
        };
    }

    private static PaperExchangeState Trim(PaperExchangeState state, long seen) =>
        seen > state.LastDropped ? state with { Reports = state.Reports.RemoveRange(0, (int)(seen - state.LastDropped)) } : state;

    private static PaperExchangeState Report(
        PaperExchangeState state,
        long number,
        ExecType what,
        PaperOrder order,
        string? reason,
        DateTimeOffset at,
        (decimal LastQty, decimal LastPx, decimal Commission) fill = default)
    {
        Debug.Assert(number == state.LastReport + 1, "Reports are numbered without a gap.");
        var cursor = number.ToString(CultureInfo.InvariantCulture);
        var report = new BrokerReport(
            cursor,
            $"{state.ExchangeKey}-{cursor}",
            what,
            order.ClOrdId,
            order.OrderId,
            order.Terms.Symbol,
            order.Terms.Side,
            fill.LastQty,
            fill.LastPx,
            fill.Commission,
            reason,
            ExecRefId: null,
            at);
        return state with { LastReport = number, Reports = state.Reports.Add(report) };
    }
}

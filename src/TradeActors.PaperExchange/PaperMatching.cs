using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>What a quote does to the orders of its symbol.</summary>
/// <remarks>
/// Buys trade at the ask, sells at the bid, and stops are triggered by the side on which they would fill: a buy stop when the ask is at or above
/// its price, a sell stop when the bid is at or below it. Last trades move nothing. A price of exactly 0 means that this side is not quoted.
/// The displayed size of a quote is given out once: market orders and triggered stops first, in the sequence of their numbers, then buy limits
/// from the highest price and sell limits from the lowest, equal prices by number. Two quotes that are equal in everything but their volume, time included, are one.
/// A one-cancels-other rests as its limit until its stop is reached, and is a market order for what is left from then on. Both are judged by the same
/// side of a quote, so none allows both; stops come first all the same, so that a quote which did would give the stop, the worse outcome.
/// An order on its way (latency) is matched first on the last quote that came before its due time, whenever its timer fires: the quotes in between
/// are stored for it, so that neither a late timer nor a crash changes what it meets.
/// </remarks>
internal static class PaperMatching
{
    /// <summary>A quote has come, or is the last one that the sender of an order knew.</summary>
    public static void Take(PaperRun run, Quote quote, PaperContext context)
    {
        var isAwaited = run.State.Working.Values.Any(order => order.Terms.Symbol == quote.Symbol && !order.HasArrived);
        if (isAwaited && run.State.Seen.GetValueOrDefault(quote.Symbol) != quote)
        {
            run.Emit(new PaperQuoteSeen(quote, run.Now));
        }

        if (MayTrade(quote, run.Now, context))
        {
            Match(run, quote);
        }
    }

    /// <summary>What is due by now, in the sequence of the due times: the arrival of orders that were on their way, and the end of Day orders.</summary>
    public static void CatchUp(PaperRun run, PaperContext context)
    {
        foreach (var order in run.State.Working.Values.Where(order => order.WorksFrom <= run.Now).OrderBy(order => order.WorksFrom).ThenBy(order => order.Number))
        {
            ExpireDue(run, order.WorksFrom!.Value);
            if (run.State.Working.ContainsKey(order.Number))
            {
                Arrive(run, order, order.WorksFrom.Value, context);
            }
        }

        ExpireDue(run, run.Now);
    }

    private static void Arrive(PaperRun run, PaperOrder order, DateTimeOffset due, PaperContext context)
    {
        run.Emit(new PaperOrderArrived(order.Number, run.Now));
        if (context.Instruments.ClosedUntil(order.Terms.Symbol, due) is not null && (order.IsImmediate || order.Terms.OrdType == OrdType.Market))
        {
            Cancel(run, order, "The market had closed when the order arrived.");
        }
        else if (run.State.LastKnown(order.Terms.Symbol) is { } quote && MayTrade(quote, due, context))
        {
            Match(run, quote);
        }
    }

    /// <summary>Outside the session nothing fills, neither now nor on a quote that was made then: resting orders stay as they are.</summary>
    private static bool MayTrade(Quote quote, DateTimeOffset at, PaperContext context) =>
        context.Instruments.ClosedUntil(quote.Symbol, at) is null && context.Instruments.ClosedUntil(quote.Symbol, quote.At) is null;

    private static void Match(PaperRun run, Quote quote)
    {
        Trigger(run, quote);
        Trade(run, quote);
        EndImmediates(run, quote.Symbol);
    }

    private static void ExpireDue(PaperRun run, DateTimeOffset by)
    {
        foreach (var order in run.State.Working.Values)
        {
            if (order.ExpireAt <= by && run.State.Working.ContainsKey(order.Number))
            {
                run.Emit(new PaperOrderExpired(run.NextReport, order.Number, run.Now));
                Settle(run, order.Terms.Symbol);
            }
        }
    }

    public static void Cancel(PaperRun run, PaperOrder order, string reason)
    {
        run.Emit(new PaperOrderCanceled(run.NextReport, order.Number, reason, run.Now));
        Settle(run, order.Terms.Symbol);
    }

    private static void Trigger(PaperRun run, Quote quote)
    {
        foreach (var order in run.State.Working.Values)
        {
            if (order.Terms.Symbol == quote.Symbol && order.AwaitsTrigger && IsReached(order.Terms, quote))
            {
                run.Emit(new PaperOrderTriggered(order.Number, run.Now));
            }
        }
    }

    private static bool IsReached(OrderTerms terms, Quote quote) => terms.Side == Side.Buy
        ? quote.Ask != 0m && quote.Ask >= terms.StopPx
        : quote.Bid != 0m && quote.Bid <= terms.StopPx;

    private static void Trade(PaperRun run, Quote quote)
    {
        foreach (var number in InPriority(run.State, quote))
        {
            // An earlier fill of this quote may have closed the position that it was to reduce.
            if (run.State.Working.TryGetValue(number, out var order))
            {
                Trade(run, order, quote);
            }
        }
    }

    private static long[] InPriority(PaperExchangeState state, Quote quote) =>
    [
        .. state.Working.Values
            .Where(order => order.Terms.Symbol == quote.Symbol && IsMarketable(order, quote))
            .OrderBy(Rank)
            .ThenBy(order => order.IsMarketLike ? 0m : -order.Terms.Side.Sign * order.Terms.Price!.Value)
            .ThenBy(order => order.Number)
            .Select(order => order.Number),
    ];

    private static int Rank(PaperOrder order) => (order.IsMarketLike, order.Terms.Side) switch
    {
        (true, _) => 0,
        (false, Side.Buy) => 1,
        (false, _) => 2,
    };

    private static bool IsMarketable(PaperOrder order, Quote quote)
    {
        var touch = TouchOf(order.Terms.Side, quote);
        return order.IsLive && touch != 0m
            && (order.IsMarketLike || (order.Terms.Side == Side.Buy ? touch <= order.Terms.Price : touch >= order.Terms.Price));
    }

    private static decimal TouchOf(Side side, Quote quote) => side == Side.Buy ? quote.Ask : quote.Bid;

    private static void Trade(PaperRun run, PaperOrder order, Quote quote)
    {
        var wanted = order.Terms.ReduceOnly ? Math.Min(order.LeavesQty, run.State.ReducibleBy(order.Terms)) : order.LeavesQty;
        var quantity = Math.Min(wanted, Displayed(run.State, order, quote));
        if (quantity <= 0m || (order.Terms.TimeInForce == TimeInForce.FillOrKill && quantity < wanted))
        {
            return; // An immediate order is ended once all others have had their turn.
        }

        if (order.IsMarginDue && PaperMarginRules.Refusal(run.State, order.Terms, order.Instrument, quote) is { } refusal)
        {
            Cancel(run, order, refusal);
            return;
        }

        var price = PriceOf(run.State, order, quote);
        run.Emit(new PaperOrderFilled(run.NextReport, order.Number, quantity, price, CommissionOn(run.State, order, quantity, price), quote, run.Now));
        Settle(run, order.Terms.Symbol);
    }

    private static decimal Displayed(PaperExchangeState state, PaperOrder order, Quote quote)
    {
        var isBuy = order.Terms.Side == Side.Buy;
        if (!state.Settings!.UsesDisplayedSize || (isBuy ? quote.AskSize : quote.BidSize) is not { } size)
        {
            return decimal.MaxValue;
        }

        var touch = state.TouchOf(quote);
        var left = size - ((isBuy ? touch?.AskUsed : touch?.BidUsed) ?? 0m);
        return left - (left % order.Instrument.QuantityStep);
    }

    private static decimal PriceOf(PaperExchangeState state, PaperOrder order, Quote quote)
    {
        var touch = TouchOf(order.Terms.Side, quote);
        if (!order.IsMarketLike)
        {
            return touch; // At or better than the limit, or it would not have been marketable.
        }

        var slipped = touch + (order.Terms.Side.Sign * PaperDraws.SlippageTicks(state, order) * order.Instrument.TickSize);
        return slipped <= 0m && touch > 0m ? touch : slipped; // Slippage alone makes no price negative.
    }

    private static decimal CommissionOn(PaperExchangeState state, PaperOrder order, decimal quantity, decimal price) =>
        (quantity * state.Settings!.CommissionPerUnit)
        + (quantity * Math.Abs(price) * order.Instrument.PointValue * state.Settings.CommissionRate);

    /// <summary>What is immediate has had its chance with this quote.</summary>
    private static void EndImmediates(PaperRun run, string symbol)
    {
        foreach (var order in run.State.Working.Values)
        {
            if (order.Terms.Symbol == symbol && order is { IsImmediate: true, IsLive: true } && run.State.Working.ContainsKey(order.Number))
            {
                Cancel(run, order, order.Terms.TimeInForce == TimeInForce.FillOrKill ? "Fill or kill: not all at once." : "Immediate or cancel.");
            }
        }
    }

    /// <summary>Ends what has lost its purpose: reduce-only orders without a position.</summary>
    private static void Settle(PaperRun run, string symbol)
    {
        foreach (var order in run.State.Working.Values)
        {
            if (order.Terms.Symbol == symbol && order.Terms.ReduceOnly && run.State.ReducibleBy(order.Terms) == 0m)
            {
                run.Emit(new PaperOrderCanceled(run.NextReport, order.Number, "Reduce-only: the position is closed.", run.Now));
            }
        }
    }
}

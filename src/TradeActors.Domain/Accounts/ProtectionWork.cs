using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// Keeps stop and targets at the broker for every share that asks for them (docs/adr/0006): as many as are held, after every fill; never more than is
/// held, whatever is canceled or crosses a cancel; none when nothing is held. One target and the stop are one order, of which one side cancels the other.
/// </summary>
internal static class ProtectionWork
{
    public static void Advance(Draft draft)
    {
        if (draft.State.Orders.IsEmpty)
        {
            return; // Then no entry has ever set a protection.
        }

        foreach (var order in draft.State.LiveOrders.Where(order => order is { Purpose: OrderPurpose.Protection, CancelAsked: false }).ToArray())
        {
            if (draft.State.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol)) is null or { Quantity: 0m } or { Protection: null })
            {
                draft.AskCancel(order, forClose: true);
            }
        }

        foreach (var key in draft.State.Shares.Keys)
        {
            // While a goal stands, CloseWork withdraws what is in its way.
            if (draft.State.Shares.GetValueOrDefault(key) is { Goal: null, Quantity: not 0m, Protection: { } protection } share)
            {
                Cover(draft, share, protection);
            }
        }
    }

    /// <summary>The first fill of an entry sets the prices for the whole of it: measured from the average price that the share has then.</summary>
    public static void TakeFill(Draft draft, AccountOrder entry, decimal lastQty)
    {
        var share = draft.State.Shares.GetValueOrDefault(Share.Key(entry.Owner, entry.Terms.Symbol));
        if (entry is not { Purpose: OrderPurpose.Entry, CumQty: 0m, Guard: { } guard } || share is null || Math.Sign(share.Quantity) != entry.Terms.Side.Sign)
        {
            return;
        }

        var instrument = InstrumentCatalog.FindContract(share.Symbol)!.Instrument;
        var sign = entry.Terms.Side.Sign;
        var stopPx = guard.StopPrice ?? (guard.StopPoints(instrument, share.AveragePrice) is { } points ? Away(-sign, points) : (decimal?)null);
        var targets = Quantities(guard.Targets, Math.Abs(share.Quantity) - lastQty + entry.Terms.OrderQty, instrument)
            .Zip(guard.Targets, (quantity, target) => new ProtectionTarget(
                target.Price ?? Away(sign, Math.Max(instrument.TickSize, target.Distance!.InPoints(instrument, share.AveragePrice))), quantity, 0m));
        draft.Emit(new ProtectionSet(share.Owner, share.Symbol, stopPx, [.. targets], entry.SignalId, guard.FlattenAt));

        decimal Away(int direction, decimal distance) => instrument.RoundToTick(share.AveragePrice + (direction * distance));
    }

    /// <summary>An order of the protection was refused or ended by the broker: try again later, not at once and for ever.</summary>
    public static void Delay(Draft draft, AccountOrder order)
    {
        if (draft.State.Shares.GetValueOrDefault(Share.Key(order.Owner, order.Terms.Symbol)) is { Protection: { } protection })
        {
            draft.Emit(new ProtectionDelayed(order.Owner, order.Terms.Symbol, draft.Now + CloseWork.Backoff(protection.Refusals)));
        }
    }

    /// <summary>What each target closes of an entry of this size: together never more than it, cumulated before rounding, so that halves go to the nearer one.</summary>
    private static IEnumerable<decimal> Quantities(ImmutableArray<GuardTarget> targets, decimal total, Instrument instrument)
    {
        var (percent, given) = (0m, 0m);
        for (var i = 0; i < targets.Length; i++)
        {
            percent += targets[i].Percent ?? (100m / targets.Length);
            var upTo = targets[i].Quantity is { } quantity ? given + quantity
                : i == targets.Length - 1 && targets[i].Percent is null ? total
                : instrument.RoundQuantityDown((total * percent / 100m) + (instrument.QuantityStep / 2m));
            upTo = Math.Clamp(upTo, given, total);
            yield return upTo - given;
            given = upTo;
        }
    }

    private static void Cover(Draft draft, Share share, Protection protection)
    {
        var live = draft.State.LiveOrdersOf(share.Owner, share.Symbol).Where(order => order.Purpose == OrderPurpose.Protection).ToArray();
        foreach (var order in live.Where(order => !order.CancelAsked && !Fits(order, protection)))
        {
            draft.AskCancel(order, forClose: true);
        }

        var cover = Coverable(draft.State, share);
        var slots = Slots(protection, cover).ToArray();
        var gaps = slots.Select(slot => slot.Quantity - Keep(draft, live.Where(order => Fits(order, protection) && order.Level == slot.Level), slot.Quantity)).ToArray();
        // Unknown ones, and those whose cancel is not confirmed, may still fill: they count in full.
        var free = cover - draft.State.LiveOrdersOf(share.Owner, share.Symbol)
            .Where(order => order.Terms.Side.Sign == -Math.Sign(share.Quantity))
            .Sum(order => order.LeavesQty);
        for (var i = 0; i < slots.Length && !(protection.RetryAt > draft.Now); i++)
        {
            var quantity = Math.Min(gaps[i], free);
            if (quantity > 0m)
            {
                Place(draft, share, protection, slots[i].Level, quantity);
                free -= quantity;
            }
        }
    }

    /// <summary>How the covered quantity is divided: the nearest targets first, and what no target closes has the stop alone.</summary>
    private static IEnumerable<(int? Level, decimal Quantity)> Slots(Protection protection, decimal cover)
    {
        for (var i = 0; i < protection.Targets.Length; i++)
        {
            var quantity = Math.Min(cover, Math.Max(0m, protection.Targets[i].Quantity - protection.Targets[i].Closed));
            cover -= quantity;
            yield return (i, quantity);
        }

        if (protection.StopPx is not null)
        {
            yield return (null, cover);
        }
    }

    /// <summary>Withdraws the newest orders of a slot until no more than this is left, and says how much that is.</summary>
    private static decimal Keep(Draft draft, IEnumerable<AccountOrder> orders, decimal quantity)
    {
        var kept = 0m;
        foreach (var order in orders.Where(order => !order.CancelAsked).OrderBy(order => order.Number).ToArray())
        {
            if (kept + order.LeavesQty > quantity)
            {
                draft.AskCancel(order, forClose: true);
            }
            else
            {
                kept += order.LeavesQty;
            }
        }

        return kept;
    }

    private static bool Fits(AccountOrder order, Protection protection) => order.Terms.StopPx == protection.StopPx && order.Level switch
    {
        null => order.Terms.Price is null,
        { } level => level < protection.Targets.Length && order.Terms.Price == protection.Targets[level].Price,
    };

    /// <summary>
    /// What may be closed of the share without opening the other side: less what a person has traded against it, which takes from the first share.
    /// </summary>
    private static decimal Coverable(AccountState state, Share share)
    {
        var manual = state.Shares.GetValueOrDefault(Share.Key(AccountState.Manual, share.Symbol))?.Quantity ?? 0m;
        var against = Math.Sign(manual) == -Math.Sign(share.Quantity) ? Math.Abs(manual) : 0m;
        foreach (var other in state.Shares.Values.Where(other => other.Symbol == share.Symbol && Math.Sign(other.Quantity) == Math.Sign(share.Quantity)))
        {
            var taken = Math.Min(against, Math.Abs(other.Quantity));
            if (other.Owner == share.Owner)
            {
                return Math.Abs(share.Quantity) - taken;
            }

            against -= taken;
        }

        return Math.Abs(share.Quantity);
    }

    private static void Place(Draft draft, Share share, Protection protection, int? level, decimal quantity)
    {
        var price = level is { } i ? protection.Targets[i].Price : (decimal?)null;
        var type = (price, protection.StopPx) switch
        {
            (not null, not null) => OrdType.OneCancelsOther,
            (not null, null) => OrdType.Limit,
            _ => OrdType.Stop,
        };
        var terms = new OrderTerms(
            share.Symbol, share.Quantity > 0m ? Side.Sell : Side.Buy, type, quantity, price, protection.StopPx, TimeInForce.GoodTillCancel,
            CloseWork.IsReducing(draft.State, share));
        draft.PlanOrder(
            share.Owner, draft.State.Subscriptions.GetValueOrDefault(share.Owner)?.RecorderId, protection.SignalId, OrderPurpose.Protection, terms,
            validUntil: null, level: level);
    }
}

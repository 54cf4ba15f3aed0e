using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// The rules of a trading account. Read <see cref="Decide"/> first; then SignalJudge (what a signal means for a share), CloseWork (how goals
/// become closing orders), AccountLimitsRules (what may be opened), and <see cref="Apply"/>.
/// </summary>
public static class Account
{
    /// <param name="storedOrder">Whether the ClOrdID of a manual order, no longer in the state, stands in the stored orders (PROTOCOL 7).</param>
    public static Reaction Decide(AccountState state, object message, in AccountContext context, bool storedOrder)
    {
        if (state.Opened is null && message is not OpenAccount)
        {
            return DecideUnopened(message, context);
        }

        if (message is PreviewSignal preview)
        {
            return Reaction.Answer(SignalPreview.Of(state, preview, context));
        }

        var draft = new Draft(state, context);
        switch (message)
        {
            case OpenAccount open:
                return Open(state, open, context);
            case FanOutPart { Message: OperationOrder order }:
                OperationWork.Take(draft, order);
                break;
            case FanOutPart part:
                SignalJudge.Take(draft, part);
                break;
            case SetSubscription set:
                SetSubscription(draft, set);
                break;
            case OrderUpdate update:
                TakeUpdate(draft, update);
                break;
            case PlaceManualOrder order:
                PlaceManually(draft, order, storedOrder);
                break;
            case CancelManually cancel:
                CancelManually(draft, cancel);
                break;
            case FlattenAccount:
                CloseWork.Flatten(draft);
                draft.Reply = new AccountDone();
                break;
            case HaltAccount halt:
                OperationWork.Halt(draft, halt.Reason);
                draft.Reply = new HaltTaken(draft.State.Halts, draft.State.Opened!.Connection);
                break;
            case EntriesWithdrawn withdrawn:
                OperationWork.Confirm(draft, withdrawn);
                break;
            case ResumeAccount:
                draft.EmitIf(state.IsHalted, () => new AccountResumed());
                draft.Reply = new AccountDone();
                break;
            case ChangeAccountLimits change:
                draft.EmitIf(change.Limits != state.Limits, () => new LimitsChanged(change.Limits));
                draft.Reply = new AccountDone();
                break;
            case TimerFired or Activated:
                CloseWork.FlattenDue(draft);
                break;
            default:
                throw new UnreachableException($"No rule for {message.GetType().Name}.");
        }

        OperationWork.Insist(draft);
        CloseWork.Advance(draft);
        ProtectionWork.Advance(draft);
        SignalJudge.Settle(draft);
        OperationWork.Settle(draft);
        return draft.ToReaction();
    }

    private static Reaction DecideUnopened(object message, in AccountContext context) => message switch
    {
        FanOutPart { Message: OperationOrder order } => OperationWork.Gone(order, context),
        // Numbered messages are noted and dropped; the recorder shows the account as gone.
        FanOutPart or OrderUpdate or EntriesWithdrawn or TimerFired or Activated => Reaction.Nothing,
        _ => Reaction.Answer(new AccountRefused(SignalReason.AccountGone, "There is no such account.")),
    };

    private static Reaction Open(AccountState state, OpenAccount open, in AccountContext context) => state.Opened is not null
        ? Reaction.Answer(new AccountDone())
        : new Reaction(
            [new AccountOpened(open.Name, open.Broker.Broker, open.Currency, open.StartingBalance, open.Limits, open.Connection, context.Now)],
            [new Outgoing(open.Connection, new LinkAccount(open.Broker, open.Traits))],
            new AccountDone());

    private static void SetSubscription(Draft draft, SetSubscription set)
    {
        draft.Reply = new AccountDone();
        var known = draft.State.Subscriptions.GetValueOrDefault(set.SubscriptionId);
        if (known is null || known.Version < set.Version)
        {
            draft.Emit(new SubscriptionSet(set.SubscriptionId, set.RecorderId, set.Version, set.IsEnabled));
            if (!set.IsEnabled)
            {
                draft.CancelPlannedEntries(set.SubscriptionId);
            }
        }
    }

    private static void PlaceManually(Draft draft, PlaceManualOrder order, bool isStored)
    {
        if (order.ClOrdId is { } id && draft.State.Orders.TryGetValue(id, out var known))
        {
            draft.Reply = known.Terms == order.Terms && known.Owner == AccountState.Manual
                ? new ManualOrderTaken(known.View)
                : new AccountRefused("DuplicateClOrdId", $"'{id}' already names another order of this account. Use a new clOrdId.");
            return;
        }

        if (order.ClOrdId?.StartsWith(ClOrdId.Make(draft.Context.Incarnation, draft.Context.Self.Key, 0)[..^1], StringComparison.Ordinal) == true)
        {
            draft.Reply = new AccountRefused("ReservedClOrdId", $"'{order.ClOrdId}' has the form of this account's own ids. Use another clOrdId.");
            return;
        }

        if (isStored)
        {
            draft.Reply = new AccountRefused("DuplicateClOrdId", $"'{order.ClOrdId}' named an earlier order of this account. Use a new clOrdId.");
            return;
        }

        if (AccountLimitsRules.CheckEntry(draft, order.Terms, draft.State.IsHalted) is { } refusal)
        {
            draft.Reply = new AccountRefused(refusal.Reason, refusal.Detail);
            return;
        }

        var clOrdId = draft.PlanOrder(AccountState.Manual, null, null, OrderPurpose.Entry, order.Terms, validUntil: null, order.ClOrdId);
        draft.Reply = new ManualOrderTaken(draft.State.Orders[clOrdId].View);
    }

    private static void CancelManually(Draft draft, CancelManually cancel)
    {
        if (!draft.State.Orders.TryGetValue(cancel.ClOrdId, out var order))
        {
            draft.Reply = new AccountRefused("UnknownOrder", $"This account has no working order '{cancel.ClOrdId}'.");
            return;
        }

        if (order is { IsLive: true, CancelAsked: false } or { Status: OrdStatus.Abandoned })
        {
            draft.AskCancel(order, forClose: false);
        }

        draft.Reply = new ManualOrderTaken(draft.State.Orders[cancel.ClOrdId].View);
    }

    /// <summary>What the connection has learnt about an order. Comes numbered: each exactly once and in order.</summary>
    private static void TakeUpdate(Draft draft, OrderUpdate update)
    {
        var order = draft.State.Orders.GetValueOrDefault(update.ClOrdId);
        if (update.Kind == OrderUpdateKind.Trade)
        {
            BookTrade(draft, order, update);
            return;
        }

        var status = update.Kind switch
        {
            OrderUpdateKind.Accepted => order is { CumQty: > 0m } ? OrdStatus.PartiallyFilled : OrdStatus.Working,
            OrderUpdateKind.Unknown => OrdStatus.Unknown,
            OrderUpdateKind.Abandoned => OrdStatus.Abandoned,
            OrderUpdateKind.Canceled => OrdStatus.Canceled,
            OrderUpdateKind.Rejected => OrdStatus.Rejected,
            OrderUpdateKind.Expired => OrdStatus.Expired,
            _ => (OrdStatus?)null, // A refused cancel changes nothing: the order's end is told in its own update.
        };
        if (order is not { IsLive: true } || status is not { } next || next == order.Status)
        {
            return;
        }

        draft.Emit(new OrderChanged(order.ClOrdId, next, update.Reason, draft.Now));
        var isRefused = next is OrdStatus.Rejected or OrdStatus.Expired || (next == OrdStatus.Canceled && !order.CancelAsked);
        switch (order.Purpose)
        {
            case OrderPurpose.Exit when isRefused:
                CloseWork.Delay(draft, order);
                break;
            case OrderPurpose.Protection when isRefused:
                ProtectionWork.Delay(draft, order);
                break;
        }
    }

    private static void BookTrade(Draft draft, AccountOrder? order, OrderUpdate update)
    {
        var (symbol, side) = order is null ? (update.Symbol!, update.Side!.Value) : (order.Terms.Symbol, order.Terms.Side);
        var owner = order?.Owner ?? AccountState.Manual;
        var position = draft.State.Positions.GetValueOrDefault(symbol);
        var share = draft.State.Shares.GetValueOrDefault(Share.Key(owner, symbol));
        draft.Emit(new TradeBooked(
            update.ClOrdId, owner, update.ExecId!, symbol, side, update.LastQty, update.LastPx, update.Commission,
            Realize(symbol, position?.Quantity ?? 0m, position?.AveragePrice ?? 0m, side, update),
            TradingDay.Of(draft.Now, draft.State.Limits.TradingDayResets), update.TransactTime,
            Realize(symbol, share?.Quantity ?? 0m, share?.AveragePrice ?? 0m, side, update), draft.TradingDateOf(symbol)));
        if (order is not null)
        {
            CloseWork.WatchCrossing(draft, order, update.LastQty);
            ProtectionWork.TakeFill(draft, order, update.LastQty);
        }
    }

    /// <summary>Profit of the part of a fill that closes, in account currency.</summary>
    private static decimal Realize(string symbol, decimal held, decimal averagePrice, Side side, OrderUpdate update)
    {
        if (held == 0m || Math.Sign(held) == side.Sign)
        {
            return 0m;
        }

        var closed = Math.Min(Math.Abs(held), update.LastQty);
        return (update.LastPx - averagePrice) * Math.Sign(held) * closed * Valuation.PointValueOf(symbol);
    }

    /// <summary>When refused closing and protecting orders are tried again, and when windows end that close what is open.</summary>
    public static Pending Pending(AccountState state)
    {
        if (state.Shares.IsEmpty && state.Orders.IsEmpty)
        {
            return Common.Pending.None;
        }

        ImmutableArray<EntityTimer> timers =
        [
            .. state.Shares.Where(share => share.Value.Goal is { RetryAt: not null })
                .Select(share => new EntityTimer($"close:{share.Key}", share.Value.Goal!.RetryAt!.Value)),
            .. state.Shares.Where(share => share.Value is { Goal: null, Protection.RetryAt: not null })
                .Select(share => new EntityTimer($"protect:{share.Key}", share.Value.Protection!.RetryAt!.Value)),
            .. state.Shares.Where(share => share.Value is { FlattenAt: not null } and not { Goal.DownTo: 0m, Next: null })
                .Select(share => new EntityTimer($"window:{share.Key}", share.Value.FlattenAt!.Value)),
            .. state.LiveOrders.Where(order => order is { Purpose: OrderPurpose.Entry, CanceledForClose: false, Guard.FlattenAt: not null })
                .Select(order => new EntityTimer($"window:{order.ClOrdId}", order.Guard!.FlattenAt!.Value)),
        ];
        return timers.IsEmpty ? Common.Pending.None : new Pending([], timers, [], []);
    }

    /// <summary>Folds one stored event into the state.</summary>
    public static AccountState Apply(AccountState state, AccountEvent @event) => AccountFold.Apply(state, @event);
}

/// <param name="Incarnation">Of the installation, for ClOrdIDs.</param>
/// <param name="Sender">The recorder of a fan-out.</param>
/// <param name="Quotes">For the value of what is open, and for sizes and stops.</param>
public readonly record struct AccountContext(EntityId Self, DateTimeOffset Now, string Incarnation, EntityId? Sender, ILastQuotes Quotes);

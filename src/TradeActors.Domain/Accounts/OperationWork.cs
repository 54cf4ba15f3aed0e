using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// Halts, and the account's part in an operation over many accounts (PROTOCOL 11). An operation stays open here until what it asked for has come true;
/// only then is it told, in the transaction of the event that made it true.
/// </summary>
internal static class OperationWork
{
    /// <summary>Carries out the order of an operation as if it had been asked here. It comes numbered: once.</summary>
    public static void Take(Draft draft, OperationOrder order)
    {
        if (order.Kind == OperationKind.HaltAll)
        {
            Halt(draft, order.Reason);
            draft.Emit(new OperationTaken(draft.Context.Sender!.Value, order.Kind, [], draft.State.Halts, draft.Now));
            return;
        }

        CloseWork.Flatten(draft);
        draft.Emit(new OperationTaken(draft.Context.Sender!.Value, order.Kind, [.. draft.State.Shares.Keys], 0, draft.Now));
    }

    /// <summary>There is no such account: said at once, or the operation would wait for it for ever (PROTOCOL 5).</summary>
    public static Reaction Gone(OperationOrder order, in AccountContext context) => new(
        [], [new Outgoing(context.Sender!.Value, new OperationResult(order.Kind, SignalReason.AccountGone, context.Now))], null);

    /// <summary>No new exposure: entries that the broker is not known to have are withdrawn too, and the connection says when that is so.</summary>
    public static void Halt(Draft draft, string reason)
    {
        draft.EmitIf(!draft.State.IsHalted, () => new AccountHalted(reason));
        draft.CancelPlannedEntries(owner: null);
        if (draft.State.ConfirmedHalts < draft.State.Halts)
        {
            draft.Send(draft.State.Opened!.Connection, new WithdrawEntries(draft.State.Halts));
        }
    }

    /// <summary>A resume that came first changes nothing: the entries of before the halt stay withdrawn.</summary>
    public static void Confirm(Draft draft, EntriesWithdrawn withdrawn)
    {
        draft.EmitIf(withdrawn.Halts > draft.State.ConfirmedHalts, () => new HaltConfirmed(withdrawn.Halts));
        draft.Reply = new AccountDone();
    }

    /// <summary>A flatten stands until it is done: a goal that has given way to a smaller one meanwhile is asked for again.</summary>
    public static void Insist(Draft draft)
    {
        if (draft.State.Operations.IsEmpty)
        {
            return;
        }

        foreach (var key in draft.State.Operations.Values.SelectMany(open => open.Waiting).ToArray())
        {
            if (draft.State.Shares.GetValueOrDefault(key) is { Goal: null or { DownTo: > 0m } } share)
            {
                draft.Emit(new CloseAsked(share.Owner, share.Symbol, 0m, null));
            }
        }
    }

    /// <summary>Reports operations of which nothing is left to come true.</summary>
    public static void Settle(Draft draft)
    {
        if (draft.State.Operations.IsEmpty)
        {
            return;
        }

        foreach (var open in draft.State.Operations.Values)
        {
            if (open.Waiting.IsEmpty && open.Halts <= draft.State.ConfirmedHalts)
            {
                draft.Emit(new OperationSettled(open.Operation, open.Kind, draft.Now));
                draft.Send(open.Operation, new OperationResult(open.Kind, FailedBecause: null, draft.Now));
            }
        }
    }

    public static AccountState Apply(AccountState state, AccountEvent @event) => @event switch
    {
        OperationTaken e => state with
        {
            Operations = state.Operations.SetItem(e.Operation.ToString(), new OpenOperation(e.Operation, e.Kind, e.Waiting, e.Halts)),
        },
        OperationSettled e => state with { Operations = state.Operations.Remove(e.Operation.ToString()) },
        _ => state,
    };

    /// <summary>A share has come down to its goal; what is entered afterwards concerns no operation that waited for it.</summary>
    public static AccountState Reach(AccountState state, CloseReached reached)
    {
        var key = Share.Key(reached.Owner, reached.Symbol);
        if (state.Operations.IsEmpty || state.Shares.GetValueOrDefault(key) is not { Goal.DownTo: 0m })
        {
            return state;
        }

        var operations = state.Operations;
        foreach (var (id, open) in operations)
        {
            operations = operations.SetItem(id, open with { Waiting = open.Waiting.Remove(key, StringComparer.Ordinal) });
        }

        return state with { Operations = operations };
    }
}

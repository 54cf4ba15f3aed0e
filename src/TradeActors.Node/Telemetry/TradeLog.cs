using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Node.Telemetry;

/// <summary>Log lines of the trade, written when what they tell is stored. Event ids: 20xx signals, 21xx orders, 22xx accounts and operations.</summary>
/// <remarks>
/// Of an order the steps on its way are Debug and its end is Information; what may need a person is Warning, what does is Error. No line holds what a
/// user or a signal has written, only ids, words of this program and what the broker says of an order.
/// </remarks>
internal sealed partial class TradeLog(ILoggerFactory loggers)
{
    private readonly ILogger _signals = loggers.CreateLogger("TradeActors.Signals");
    private readonly ILogger _orders = loggers.CreateLogger("TradeActors.Orders");
    private readonly ILogger _accounts = loggers.CreateLogger("TradeActors.Accounts");

    public void Stored(in StoredStep step)
    {
        foreach (var @event in step.Events)
        {
            switch (@event)
            {
                case RecorderEvent e:
                    Tell(step.Id.Tenant, step.Id.Key, e);
                    break;
                case AccountEvent e:
                    Tell(step.Id.Tenant, step.Id.Key, e, (AccountState)step.Before);
                    break;
                case IntentStored e:
                    IntentStored(_orders, e.Account.Tenant, e.Account.Key, e.ClOrdId);
                    break;
                case OperationStarted e:
                    OperationStarted(_accounts, step.Id.Tenant, step.Id.Key, e.Kind, e.Scope, e.Accounts.Length);
                    break;
                case OperationCompleted:
                    OperationDone(_accounts, step.Id.Tenant, step.Id.Key);
                    break;
            }
        }
    }

    private void Tell(string tenant, string recorder, RecorderEvent @event)
    {
        switch (@event)
        {
            case SignalAccepted e:
                SignalAccepted(_signals, tenant, recorder, e.SignalId, e.Number, e.Source, e.Accounts);
                break;
            case SignalRefused e:
                SignalRefused(_signals, tenant, recorder, e.SignalId, e.State, e.Source, e.Reason);
                break;
            case FanOutCompleted e:
                FanOutCompleted(_signals, tenant, recorder, e.FanOut);
                break;
        }
    }

    private void Tell(string tenant, string account, AccountEvent @event, AccountState before)
    {
        switch (@event)
        {
            case SignalTaken { Reason: { } reason } e when IsLimit(reason): // Of a reverse the closing half is carried out all the same.
                EntryDenied(_accounts, tenant, account, e.SignalId, reason);
                break;
            case SignalTaken e:
                SignalTaken(_signals, tenant, account, e.SignalId, e.Outcome, e.Reason);
                break;
            case EntryDropped e when IsLimit(e.Reason):
                EntryDenied(_accounts, tenant, account, e.SignalId, e.Reason);
                break;
            case OrderPlanned e:
                OrderPlanned(_orders, tenant, account, e.ClOrdId, e.Terms.Side, e.Terms.OrderQty, e.Terms.Symbol, e.Terms.OrdType, e.Purpose, e.SignalId);
                break;
            case OrderChanged e:
                Changed(tenant, account, e);
                break;
            case TradeBooked e:
                Booked(tenant, account, e, before.Orders.GetValueOrDefault(e.ClOrdId));
                break;
            case CloseAsked { DownTo: 0m, SignalId: null } e:
                Flattening(_accounts, tenant, account, e.Symbol, e.Owner);
                break;
            case AccountHalted:
                Halted(_accounts, tenant, account);
                break;
            case AccountResumed:
                Resumed(_accounts, tenant, account);
                break;
        }
    }

    private void Changed(string tenant, string account, OrderChanged e)
    {
        switch (e.Status)
        {
            case OrdStatus.Rejected:
                OrderRejected(_orders, tenant, account, e.ClOrdId, e.Reason);
                break;
            case OrdStatus.Canceled:
                OrderCanceled(_orders, tenant, account, e.ClOrdId, e.Reason);
                break;
            case OrdStatus.Expired:
                OrderExpired(_orders, tenant, account, e.ClOrdId, e.Reason);
                break;
            case OrdStatus.Unknown:
                OrderUnknown(_orders, tenant, account, e.ClOrdId, e.Reason);
                break;
            case OrdStatus.Abandoned:
                OrderAbandoned(_orders, tenant, account, e.ClOrdId, e.Reason);
                break;
            default:
                OrderWorks(_orders, tenant, account, e.ClOrdId, e.Status);
                break;
        }
    }

    private void Booked(string tenant, string account, TradeBooked e, AccountOrder? order)
    {
        if (order is null)
        {
            StrayFill(_orders, tenant, account, e.ClOrdId, e.ExecId, e.Side, e.LastQty, e.Symbol, e.LastPx);
        }
        else if (order.CumQty + e.LastQty >= order.Terms.OrderQty)
        {
            OrderFilled(_orders, tenant, account, e.ClOrdId, e.Side, order.Terms.OrderQty, e.Symbol, e.LastPx);
        }
        else
        {
            FillBooked(_orders, tenant, account, e.ClOrdId, e.ExecId, e.Side, e.LastQty, e.Symbol, e.LastPx);
        }
    }

    private static bool IsLimit(string reason) => reason is
        SignalReason.MaxPosition or SignalReason.MaxOrderQuantity or SignalReason.MaxOpenOrders or SignalReason.MaxDailyLoss or SignalReason.NoPrice;

    [LoggerMessage(2001, LogLevel.Information, "Signal {SignalId} of {Tenant}/{Recorder} accepted: number {Number}, from {Source}, to {Accounts} accounts")]
    private static partial void SignalAccepted(ILogger log, string tenant, string recorder, string signalId, long number, string source, int accounts);

    [LoggerMessage(2002, LogLevel.Information, "Signal {SignalId} of {Tenant}/{Recorder} is {State}, from {Source}: {Reason}")]
    private static partial void SignalRefused(
        ILogger log, string tenant, string recorder, string signalId, SignalState state, string source, string reason);

    [LoggerMessage(2003, LogLevel.Debug, "Fan-out {FanOut} of {Tenant}/{Recorder} is stored by every account")]
    private static partial void FanOutCompleted(ILogger log, string tenant, string recorder, long fanOut);

    [LoggerMessage(2004, LogLevel.Debug, "Signal {SignalId} on {Tenant}/{Account}: {Outcome} {Reason}")]
    private static partial void SignalTaken(ILogger log, string tenant, string account, string signalId, SignalOutcome outcome, string? reason);

    [LoggerMessage(2101, LogLevel.Debug,
        "Order {ClOrdId} of {Tenant}/{Account} planned: {Side} {Quantity} {Symbol} {OrdType}, {Purpose}, signal {SignalId}")]
    private static partial void OrderPlanned(
        ILogger log, string tenant, string account, string clOrdId, Side side, decimal quantity, string symbol, OrdType ordType, OrderPurpose purpose,
        string? signalId);

    [LoggerMessage(2102, LogLevel.Debug, "Order {ClOrdId} of {Tenant}/{Account}: its intent is stored, the broker is called")]
    private static partial void IntentStored(ILogger log, string tenant, string account, string clOrdId);

    [LoggerMessage(2103, LogLevel.Debug, "Order {ClOrdId} of {Tenant}/{Account} is {Status}")]
    private static partial void OrderWorks(ILogger log, string tenant, string account, string clOrdId, OrdStatus status);

    [LoggerMessage(2104, LogLevel.Debug, "Order {ClOrdId} of {Tenant}/{Account}: fill {ExecId}, {Side} {Quantity} {Symbol} at {Price}")]
    private static partial void FillBooked(
        ILogger log, string tenant, string account, string clOrdId, string execId, Side side, decimal quantity, string symbol, decimal price);

    [LoggerMessage(2110, LogLevel.Information, "Order {ClOrdId} of {Tenant}/{Account} is filled: {Side} {Quantity} {Symbol}, the last at {Price}")]
    private static partial void OrderFilled(
        ILogger log, string tenant, string account, string clOrdId, Side side, decimal quantity, string symbol, decimal price);

    [LoggerMessage(2111, LogLevel.Information, "Order {ClOrdId} of {Tenant}/{Account} is canceled: {Reason}")]
    private static partial void OrderCanceled(ILogger log, string tenant, string account, string clOrdId, string? reason);

    [LoggerMessage(2112, LogLevel.Information, "Order {ClOrdId} of {Tenant}/{Account} has expired: {Reason}")]
    private static partial void OrderExpired(ILogger log, string tenant, string account, string clOrdId, string? reason);

    [LoggerMessage(2113, LogLevel.Warning, "Order {ClOrdId} of {Tenant}/{Account} is rejected by the broker: {Reason}")]
    private static partial void OrderRejected(ILogger log, string tenant, string account, string clOrdId, string? reason);

    [LoggerMessage(2114, LogLevel.Warning, "Order {ClOrdId} of {Tenant}/{Account} is unknown, the broker is being asked: {Reason}")]
    private static partial void OrderUnknown(ILogger log, string tenant, string account, string clOrdId, string? reason);

    [LoggerMessage(2115, LogLevel.Error, "Order {ClOrdId} of {Tenant}/{Account} is abandoned and waits for a person: look at the broker, then cancel it here. {Reason}")]
    private static partial void OrderAbandoned(ILogger log, string tenant, string account, string clOrdId, string? reason);

    [LoggerMessage(2116, LogLevel.Warning, "Order {ClOrdId} of {Tenant}/{Account}, finished long ago, has filled: {ExecId}, {Side} {Quantity} {Symbol} at {Price}")]
    private static partial void StrayFill(
        ILogger log, string tenant, string account, string clOrdId, string execId, Side side, decimal quantity, string symbol, decimal price);

    [LoggerMessage(2201, LogLevel.Information, "Account {Tenant}/{Account} is halted")]
    private static partial void Halted(ILogger log, string tenant, string account);

    [LoggerMessage(2202, LogLevel.Information, "Account {Tenant}/{Account} is resumed")]
    private static partial void Resumed(ILogger log, string tenant, string account);

    [LoggerMessage(2203, LogLevel.Information, "Account {Tenant}/{Account}: everything that {Owner} holds of {Symbol} is being closed")]
    private static partial void Flattening(ILogger log, string tenant, string account, string symbol, string owner);

    [LoggerMessage(2204, LogLevel.Information, "Account {Tenant}/{Account}: the entry of signal {SignalId} is denied: {Reason}")]
    private static partial void EntryDenied(ILogger log, string tenant, string account, string signalId, string reason);

    [LoggerMessage(2210, LogLevel.Information, "Operation {Tenant}/{Operation} has begun: {Kind} of {Accounts} accounts, scope {Scope}")]
    private static partial void OperationStarted(
        ILogger log, string tenant, string operation, OperationKind kind, OperationScope scope, int accounts);

    [LoggerMessage(2211, LogLevel.Information, "Operation {Tenant}/{Operation} is complete")]
    private static partial void OperationDone(ILogger log, string tenant, string operation);
}

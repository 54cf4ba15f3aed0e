using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

// Asked by the front door. Every one is safe to send again.

/// <param name="Connection">The broker connection that will carry this account's orders.</param>
public sealed record OpenAccount(
    string Name, string Currency, decimal StartingBalance, AccountLimits Limits, EntityId Connection, BrokerSettings Broker, BrokerTraits Traits);

public sealed record ChangeAccountLimits(AccountLimits Limits);

/// <summary>A person's or program's own order, outside any subscription.</summary>
/// <param name="ClOrdId">Null lets the account make one; given, the same id with the same terms answers the same order.</param>
public sealed record PlaceManualOrder(string? ClOrdId, OrderTerms Terms);

public sealed record CancelManually(string ClOrdId);

/// <summary>Cancel everything and close everything. Accepted in any state; stands until it is done.</summary>
public sealed record FlattenAccount;

/// <summary>No new exposure until resumed; what closes goes on.</summary>
public sealed record HaltAccount(string Reason);

public sealed record ResumeAccount;

// Replies.

public sealed record AccountDone;

/// <summary>
/// The halt is stored. The asker goes on to ask the connection to withdraw (<see cref="Connections.WithdrawEntries"/>) and tells the account when it has.
/// </summary>
/// <param name="Halts">How often the account has been halted, this one included.</param>
public sealed record HaltTaken(long Halts, EntityId Connection);

public sealed record AccountRefused(string Code, string Message);

public sealed record ManualOrderTaken(OrderView Order);

/// <summary>An order as the API shows it.</summary>
public sealed record OrderView(
    string ClOrdId, OrderTerms Terms, OrdStatus Status, decimal CumQty, decimal? AvgPx, string? Reason, string? RecorderId, string? SignalId, DateTimeOffset CreatedAt);

/// <summary>What an account may never exceed. Absent members do not limit.</summary>
/// <param name="TradingDayResets">Local time and IANA zone, such as "17:00 America/Chicago" (the default): when a new trading day begins.</param>
public sealed record AccountLimits(
    PositionLimits? MaxPosition = null,
    decimal? MaxOrderQuantity = null,
    decimal? MaxDailyLoss = null,
    int? MaxOpenOrders = null,
    ImmutableArray<string>? AllowedSymbols = null,
    string? TradingDayResets = null)
{
    public static readonly AccountLimits None = new();
}

/// <param name="Default">For every contract without an own entry, in its unit; null for no limit.</param>
/// <param name="PerSymbol">By root (ES) or canonical contract.</param>
public sealed record PositionLimits(decimal? Default, ImmutableSortedDictionary<string, decimal>? PerSymbol = null)
{
    public decimal? For(string symbol, string root) =>
        PerSymbol is { } own && (own.TryGetValue(symbol, out var limit) || own.TryGetValue(root, out limit)) ? limit : Default;
}

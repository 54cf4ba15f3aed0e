using System.Collections.Immutable;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;

namespace TradeActors.Api.Accounts;

/// <param name="Equity">Balance plus what the open positions would bring at the last quotes.</param>
/// <param name="RealizedToday">Of the account's current trading day, after commissions.</param>
public sealed record AccountView(
    string Id, string Name, string Broker, string Currency, decimal Balance, decimal Equity, decimal RealizedToday, decimal Unrealized, string State,
    string? StateReason, IReadOnlyList<PositionView> Positions, AccountLimits Limits, DateTimeOffset CreatedAt)
{
    internal static AccountView Of(AccountRow row, IQuoteBook quotes, DateTimeOffset now)
    {
        PositionView[] positions = [.. row.Positions.Select(position => PositionView.Of(position, quotes))];
        var unrealized = positions.Sum(position => position.Unrealized);
        var today = TradingDay.Of(now, row.Limits.TradingDayResets);
        return new AccountView(
            row.Id, row.Name, row.Broker, row.Currency, row.Balance, row.Balance + unrealized, row.TradingDay == today ? row.RealizedToday : 0m, unrealized,
            row.State, row.StateReason, positions, row.Limits, row.CreatedAt);
    }
}

/// <param name="Quantity">Signed: long above 0.</param>
/// <param name="Unrealized">At the price at which it could be closed now (bid for long, ask for short); 0 while there is no quote.</param>
public sealed record PositionView(string Symbol, decimal Quantity, decimal AveragePrice, decimal Unrealized)
{
    internal static PositionView Of(PositionDoc position, IQuoteBook quotes)
    {
        var pointValue = InstrumentCatalog.FindContract(position.Symbol)?.Instrument.PointValue ?? 1m;
        var unrealized = quotes.Last(position.Symbol) is { } quote
            ? ((position.Quantity > 0m ? quote.Bid : quote.Ask) - position.AveragePrice) * position.Quantity * pointValue
            : 0m;
        return new PositionView(position.Symbol, position.Quantity, position.AveragePrice, unrealized);
    }
}

/// <summary>An order as the API shows it.</summary>
/// <param name="Purpose">entry opens, exit closes, protection rests to close: a stop, a target, or both.</param>
public sealed record OrderReply(
    string Id, string ClOrdId, string Symbol, Side Side, OrdType Type, decimal Quantity, decimal Filled, decimal? LimitPrice, decimal? StopPrice,
    decimal? AveragePrice, TimeInForce TimeInForce, OrderPurpose Purpose, string State, string? Reason, string? RecorderId, string? SubscriptionId,
    string? SignalId, DateTimeOffset CreatedAt)
{
    internal static readonly ImmutableArray<string> WorkingStates = ["planned", "pendingNew", "working", "partiallyFilled", "unknown"];

    internal static OrderReply Of(OrderRow row) => new(
        row.Id, row.ClOrdId, row.Symbol, row.Side, row.Type, row.Quantity, row.Filled, row.LimitPrice, row.StopPrice, row.AveragePrice,
        row.TimeInForce, row.Purpose, row.State, row.Reason, row.RecorderId, row.SubscriptionId, row.SignalId, row.CreatedAt);
}

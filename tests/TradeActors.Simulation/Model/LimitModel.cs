using TradeActors.Domain.Accounts;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.Simulation.Model;

/// <summary>An account's limits, and its profit of the day by its fills alone. A run lies within one trading day.</summary>
internal sealed class LimitModel
{
    private readonly SortedDictionary<string, (decimal Quantity, decimal Average)> _held = new(StringComparer.Ordinal);
    private decimal _realized;

    public AccountLimits Limits { get; set; } = AccountLimits.None;

    public void Book(TradeBooked e)
    {
        var (quantity, average) = _held.GetValueOrDefault(e.Symbol);
        var signed = e.LastQty * e.Side.Sign;
        var closed = Math.Sign(quantity) == -Math.Sign(signed) ? Math.Min(Math.Abs(quantity), Math.Abs(signed)) : 0m;
        _realized += ((e.LastPx - average) * Math.Sign(quantity) * closed * Valuation.PointValueOf(e.Symbol)) - e.Commission;
        var after = quantity + signed;
        _held[e.Symbol] = (after, closed == 0m ? ((average * quantity) + (e.LastPx * signed)) / after
            : Math.Sign(after) == Math.Sign(signed) ? e.LastPx : average);
    }

    /// <summary>Which limit an entry exceeds that has just been planned; null for none. Whatever may still fill counts in full.</summary>
    public string? Broken(OrderPlanned e, AccountModel account, bool isReducing, WorldModel world)
    {
        var others = account.Orders.Where(order => order.Key != e.ClOrdId).Select(order => order.Value).ToArray();
        if (e.Terms.OrderQty > Limits.MaxOrderQuantity)
        {
            return $"no order may be above {Limits.MaxOrderQuantity}";
        }

        if (others.Count(order => !order.IsOver && order.Purpose != OrderPurpose.Protection) >= Limits.MaxOpenOrders)
        {
            return $"{Limits.MaxOpenOrders} orders are open";
        }

        if (isReducing)
        {
            return null;
        }

        var held = account.Shares.Where(share => share.Key.EndsWith($"|{e.Terms.Symbol}", StringComparison.Ordinal) && Math.Sign(share.Value) == e.Terms.Side.Sign)
            .Sum(share => Math.Abs(share.Value));
        var entering = others.Where(order => order.Purpose == OrderPurpose.Entry && order.Terms.Symbol == e.Terms.Symbol && order.Terms.Side == e.Terms.Side)
            .Sum(order => order.Leaves);
        if (held + entering + e.Terms.OrderQty > Limits.MaxPosition?.Default)
        {
            return $"{held} are held and {entering} are being entered, and {Limits.MaxPosition.Default} are allowed";
        }

        return null;
    }
}

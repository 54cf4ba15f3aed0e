using TradeActors.Domain.Accounts;
using TradeActors.Domain.Orders;

namespace TradeActors.Simulation.Model;

/// <summary>An account's limits on orders and positions. What it may lose is looked at by <see cref="LossModel"/>.</summary>
internal sealed class LimitModel
{
    public AccountLimits Limits { get; set; } = AccountLimits.None;

    /// <summary>Which limit an entry exceeds that has just been planned; null for none. Whatever may still fill counts in full.</summary>
    public string? Broken(OrderPlanned e, AccountModel account, bool isReducing)
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

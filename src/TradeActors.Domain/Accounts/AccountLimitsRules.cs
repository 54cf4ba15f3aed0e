using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>Whether an order may be planned that is no close. One that only reduces the account's position is held to neither a halt nor the position limit.</summary>
internal static class AccountLimitsRules
{
    public sealed record Refusal(string Reason, string Detail);

    /// <summary>Null when it may. Everything that could still fill counts at full size, unknown orders included.</summary>
    public static Refusal? CheckEntry(Draft draft, OrderTerms terms, bool isHalted)
    {
        var state = draft.State;
        var isReducing = OnlyReduces(state, terms);
        var limits = state.Limits;
        var root = InstrumentCatalog.FindContract(terms.Symbol)?.Instrument.Root ?? terms.Symbol;
        if (isHalted && !isReducing)
        {
            return new Refusal(SignalReason.Halted, $"The account is halted: {state.HaltedBecause}");
        }

        if (limits.AllowedSymbols is { } allowed && !allowed.Contains(root, StringComparer.OrdinalIgnoreCase)
            && !allowed.Contains(terms.Symbol, StringComparer.OrdinalIgnoreCase))
        {
            return new Refusal(SignalReason.SymbolNotAllowed, $"{terms.Symbol} is not among the account's allowed symbols.");
        }

        if (terms.OrderQty > limits.MaxOrderQuantity)
        {
            return new Refusal(SignalReason.MaxOrderQuantity, $"{terms.OrderQty} is above the account's largest order of {limits.MaxOrderQuantity}.");
        }

        // What protects comes and goes with its position.
        if (state.LiveOrders.Count(order => order.Purpose != OrderPurpose.Protection) >= limits.MaxOpenOrders)
        {
            return new Refusal(SignalReason.MaxOpenOrders, $"The account already has {limits.MaxOpenOrders} open orders.");
        }

        if (isReducing)
        {
            return null;
        }

        if (CheckDailyLoss(draft) is { } loss)
        {
            return loss;
        }

        var reached = Held(state, terms) + Working(state, terms, OrderPurpose.Entry) + terms.OrderQty;
        return reached > limits.MaxPosition?.For(terms.Symbol, root)
            ? new Refusal(SignalReason.MaxPosition, $"The position in {terms.Symbol} could reach {reached}; the account allows {limits.MaxPosition.For(terms.Symbol, root)}.")
            : null;
    }

    /// <summary>Realised in the account's trading day, after commissions, and open together.</summary>
    private static Refusal? CheckDailyLoss(Draft draft)
    {
        var state = draft.State;
        if (state.Limits.MaxDailyLoss is not { } limit)
        {
            return null;
        }

        var realized = state.TradingDay == TradingDay.Of(draft.Now, state.Limits.TradingDayResets) ? state.RealizedToday : 0m;
        return Valuation.Unrealized(state, draft.Context.Quotes) is not { } unrealized
            ? new Refusal(SignalReason.NoPrice, "The account's daily loss is not known: no price has come for something that it holds.")
            : realized + unrealized <= -limit
                ? new Refusal(SignalReason.MaxDailyLoss, $"Today {realized:0.##} is realized and {unrealized:0.##} open; the account stops at a loss of {limit:0.##}.")
                : null;
    }

    /// <summary>What all owners together hold on the order's side. Opposite shares do not count against it: whoever closes one must not lift the others over the limit.</summary>
    private static decimal Held(AccountState state, OrderTerms terms) => state.Shares.Values
        .Where(share => share.Symbol == terms.Symbol && Math.Sign(share.Quantity) == terms.Side.Sign)
        .Sum(share => Math.Abs(share.Quantity));

    private static decimal Working(AccountState state, OrderTerms terms, OrderPurpose? purpose) => state.LiveOrders
        .Where(order => order.Terms.Symbol == terms.Symbol && order.Terms.Side == terms.Side && (purpose is null ? !order.IsOnlyProtecting : order.Purpose == purpose))
        .Sum(order => order.LeavesQty);

    private static bool OnlyReduces(AccountState state, OrderTerms terms) =>
        (state.Net(terms.Symbol) * -terms.Side.Sign) - Working(state, terms, purpose: null) >= terms.OrderQty;
}

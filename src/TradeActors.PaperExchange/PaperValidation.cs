using System.Globalization;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>Why an order is rejected at placement. The texts are for people; nothing else reads them.</summary>
internal static class PaperValidation
{
    /// <returns>Null when the order is acceptable.</returns>
    public static string? Refusal(PaperExchangeState state, OrderTerms terms, PaperContext context) =>
        context.Instruments.Find(terms.Symbol) is not { } instrument
            ? $"Unknown symbol '{terms.Symbol}'."
            : OfKind(terms)
                ?? OfQuantity(terms, instrument)
                ?? OfPrices(terms, instrument)
                ?? OfBracket(terms, instrument)
                ?? OfPosition(state, terms)
                ?? OfDay(terms, context);

    private static string? OfKind(OrderTerms terms) =>
        Enum.IsDefined(terms.Side) && Enum.IsDefined(terms.OrdType) && Enum.IsDefined(terms.TimeInForce)
            ? null : "Unknown Side, OrdType or TimeInForce.";

    private static string? OfQuantity(OrderTerms terms, PaperInstrument instrument) =>
        terms.OrderQty > 0m && terms.OrderQty % instrument.QuantityStep == 0m
            ? null : $"OrderQty {Text(terms.OrderQty)} is not a positive multiple of {Text(instrument.QuantityStep)}.";

    private static string? OfPrices(OrderTerms terms, PaperInstrument instrument) =>
        OfPrice("Price", terms.Price, terms.OrdType is OrdType.Limit or OrdType.StopLimit, terms.OrdType, instrument)
        ?? OfPrice("StopPx", terms.StopPx, terms.OrdType is OrdType.Stop or OrdType.StopLimit, terms.OrdType, instrument);

    private static string? OfPrice(string name, decimal? price, bool isNeeded, OrdType type, PaperInstrument instrument) => (price, isNeeded) switch
    {
        (null, true) => $"{name} is missing: {type} needs it.",
        ({ }, false) => $"{name} is not allowed for {type}.",
        _ => OffTick(name, price, instrument),
    };

    private static string? OffTick(string name, decimal? price, PaperInstrument instrument) =>
        price % instrument.TickSize is null or 0m ? null : $"{name} {Text(price!.Value)} is not a multiple of the tick {Text(instrument.TickSize)}.";

    private static string? OfBracket(OrderTerms terms, PaperInstrument instrument) => terms.Bracket switch
    {
        null => null,
        { TakeProfitPrice: null, StopLossPrice: null } => "The bracket has no price.",
        _ when terms.ReduceOnly => "A reduce-only order opens nothing that a bracket could close.",
        { } bracket => OffTick("TakeProfitPrice", bracket.TakeProfitPrice, instrument)
            ?? OffTick("StopLossPrice", bracket.StopLossPrice, instrument)
            ?? OfSides(terms, bracket),
    };

    // Target and stop must enclose the entry, as far as its price is known beforehand.
    private static string? OfSides(OrderTerms terms, Bracket bracket)
    {
        var sign = terms.Side.Sign;
        var entry = terms.Price ?? terms.StopPx;
        var isOrdered = !(sign * (bracket.TakeProfitPrice - bracket.StopLossPrice) <= 0m)
            && !(sign * (bracket.TakeProfitPrice - entry) <= 0m)
            && !(sign * (entry - bracket.StopLossPrice) <= 0m);
        return isOrdered ? null : "The bracket's target and stop are not on either side of the entry.";
    }

    private static string? OfPosition(PaperExchangeState state, OrderTerms terms) =>
        terms.ReduceOnly && state.ReducibleBy(terms) == 0m ? $"Reduce-only: there is no position in {terms.Symbol} that it could reduce." : null;

    private static string? OfDay(OrderTerms terms, PaperContext context) =>
        terms.TimeInForce == TimeInForce.Day && context.Instruments.DayEnd(terms.Symbol, context.Now) <= context.Now
            ? "The trading day is over." : null;

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}

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
                ?? OfOneCancelsOther(terms)
                ?? OfPosition(state, terms)
                ?? OfDay(terms, context)
                ?? OfSession(terms, context);

    private static string? OfKind(OrderTerms terms) =>
        Enum.IsDefined(terms.Side) && Enum.IsDefined(terms.OrdType) && Enum.IsDefined(terms.TimeInForce)
            ? null : "Unknown Side, OrdType or TimeInForce.";

    private static string? OfQuantity(OrderTerms terms, PaperInstrument instrument) =>
        terms.OrderQty > 0m && terms.OrderQty % instrument.QuantityStep == 0m
            ? null : $"OrderQty {Text(terms.OrderQty)} is not a positive multiple of {Text(instrument.QuantityStep)}.";

    private static string? OfPrices(OrderTerms terms, PaperInstrument instrument) =>
        OfPrice("Price", terms.Price, terms.OrdType is OrdType.Limit or OrdType.StopLimit or OrdType.OneCancelsOther, terms.OrdType, instrument)
        ?? OfPrice("StopPx", terms.StopPx, terms.OrdType is OrdType.Stop or OrdType.StopLimit or OrdType.OneCancelsOther, terms.OrdType, instrument);

    private static string? OfPrice(string name, decimal? price, bool isNeeded, OrdType type, PaperInstrument instrument) => (price, isNeeded) switch
    {
        (null, true) => $"{name} is missing: {type} needs it.",
        ({ }, false) => $"{name} is not allowed for {type}.",
        _ => OffTick(name, price, instrument),
    };

    private static string? OffTick(string name, decimal? price, PaperInstrument instrument) =>
        price % instrument.TickSize is null or 0m ? null : $"{name} {Text(price!.Value)} is not a multiple of the tick {Text(instrument.TickSize)}.";

    // Price and StopPx are set: OfPrices came before.
    private static string? OfOneCancelsOther(OrderTerms terms) => terms switch
    {
        { OrdType: not OrdType.OneCancelsOther } => null,
        { TimeInForce: TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill } => "A one-cancels-other order rests; it cannot be immediate.",
        { Side: Side.Sell } when terms.Price <= terms.StopPx => $"Price {Text(terms.Price!.Value)} must be above StopPx {Text(terms.StopPx!.Value)} to sell.",
        { Side: Side.Buy } when terms.Price >= terms.StopPx => $"Price {Text(terms.Price!.Value)} must be below StopPx {Text(terms.StopPx!.Value)} to buy.",
        _ => null,
    };

    private static string? OfPosition(PaperExchangeState state, OrderTerms terms) =>
        terms.ReduceOnly && state.ReducibleBy(terms) == 0m ? $"Reduce-only: there is no position in {terms.Symbol} that it could reduce." : null;

    private static string? OfDay(OrderTerms terms, PaperContext context) =>
        terms.TimeInForce == TimeInForce.Day && context.Instruments.DayEnd(terms.Symbol, context.Now) <= context.Now
            ? "The trading day is over." : null;

    // What could only trade now is refused; what can rest waits for the session.
    private static string? OfSession(OrderTerms terms, PaperContext context)
    {
        var tradesAtOnce = terms.OrdType == OrdType.Market || terms.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        return tradesAtOnce && context.Instruments.ClosedUntil(terms.Symbol, context.Now) is { } opens
            ? string.Create(CultureInfo.InvariantCulture, $"The market is closed until {opens.UtcDateTime:yyyy-MM-dd HH:mm} UTC.") : null;
    }

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json.Serialization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>A working order as its events leave it.</summary>
/// <remarks>
/// CumQty never exceeds Terms.OrderQty, whichever side of a one-cancels-other filled it: one quantity, one order.
/// </remarks>
/// <param name="Number">Rises by one per order; orders of one price are filled in this sequence.</param>
/// <param name="ExpireAt">UTC; null unless a Day order.</param>
public sealed record PaperOrder(long Number, string ClOrdId, OrderTerms Terms, PaperInstrument Instrument, DateTimeOffset? ExpireAt)
{
    public decimal CumQty { get; init; }

    /// <summary>The sum of price times quantity over its fills.</summary>
    public decimal FilledValue { get; init; }

    public int Fills { get; init; }

    /// <summary>UTC: it is on its way until then; null once it has arrived.</summary>
    public DateTimeOffset? WorksFrom { get; init; }

    /// <summary>It had no price when it was placed: margin is judged at its first fill. Until then it counts for nothing.</summary>
    public bool IsMarginDue { get; init; }

    /// <summary>A stop whose price was reached. Never undone.</summary>
    public bool IsTriggered { get; init; }

    [JsonIgnore]
    public string OrderId => IdOf(Number);

    [JsonIgnore]
    public decimal LeavesQty => Terms.OrderQty - CumQty;

    [JsonIgnore]
    public bool HasArrived => WorksFrom is null;

    /// <summary>It may fill now: it has arrived and has no stop, a triggered one, or the limit of a one-cancels-other.</summary>
    [JsonIgnore]
    public bool IsLive => HasArrived && (IsTriggered || Terms.OrdType is not (OrdType.Stop or OrdType.StopLimit));

    /// <summary>It has arrived with a stop that was not reached yet.</summary>
    [JsonIgnore]
    public bool AwaitsTrigger => HasArrived && !IsTriggered && Terms.OrdType is OrdType.Stop or OrdType.StopLimit or OrdType.OneCancelsOther;

    /// <summary>Fills at the touch whatever it is: its limit, if any, has no say.</summary>
    [JsonIgnore]
    public bool IsMarketLike => Terms.OrdType is OrdType.Market or OrdType.Stop || (IsTriggered && Terms.OrdType == OrdType.OneCancelsOther);

    [JsonIgnore]
    public bool IsImmediate => Terms.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"P{number}");

    /// <returns>0, which is no order's number, for a text that is no OrderID of ours.</returns>
    public static long NumberOf(string orderId) =>
        orderId is ['P', .. var digits] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public BrokerOrder Show(OrdStatus? end = null) => new(
        ClOrdId,
        OrderId,
        Terms.Symbol,
        Terms.Side,
        Terms.OrderQty,
        end ?? (CumQty > 0m ? OrdStatus.PartiallyFilled : OrdStatus.Working),
        CumQty,
        CumQty > 0m ? FilledValue / CumQty : null);
}

/// <summary>The net position in one symbol. A flat one is not kept.</summary>
/// <param name="Quantity">Above 0 long, below 0 short.</param>
/// <param name="Cost">Price times quantity of what is open, signed like the quantity. Kept instead of the average, so that a full close is exact.</param>
/// <param name="Instrument">Of the order that filled last.</param>
public sealed record PaperPosition(decimal Quantity, decimal Cost, PaperInstrument Instrument)
{
    // Beyond any price's digits. Only a partial close is rounded, and the last close takes all that is left.
    private const int CostDigits = 12;

    [JsonIgnore]
    public decimal AveragePrice => Cost / Quantity;

    /// <summary>Books a fill; null when flat afterwards.</summary>
    /// <param name="signedQty">Above 0 for a buy.</param>
    /// <param name="realized">Price difference times quantity of what was closed, before the point value.</param>
    internal static PaperPosition? Book(PaperPosition? held, PaperInstrument instrument, decimal signedQty, decimal price, out decimal realized)
    {
        var quantity = held?.Quantity ?? 0m;
        var cost = held?.Cost ?? 0m;
        var closed = quantity * signedQty < 0m ? Math.Sign(quantity) * Math.Min(Math.Abs(quantity), Math.Abs(signedQty)) : 0m;
        var closedCost = closed == quantity ? (closed == 0m ? 0m : cost) : Math.Round(cost * closed / quantity, CostDigits);
        realized = (closed * price) - closedCost;
        var left = quantity + signedQty;
        return left == 0m ? null : new PaperPosition(left, cost - closedCost + ((signedQty + closed) * price), instrument);
    }
}

/// <summary>How much of the displayed size of a traded quote is gone.</summary>
public sealed record PaperTouch(Quote Quote, decimal BidUsed, decimal AskUsed)
{
    /// <summary>The same quote: conflation adds to the volume of what it hands on, and to nothing else.</summary>
    public bool IsOf(Quote quote) => Quote == quote with { Volume = Quote.Volume };
}

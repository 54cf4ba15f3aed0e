namespace TradeActors.Domain.Orders;

/// <summary>FIX Side (54).</summary>
public enum Side { Buy = 1, Sell = 2 }

/// <summary>FIX OrdType (40).</summary>
public enum OrdType
{
    Market = 1,
    Limit = 2,
    Stop = 3,
    StopLimit = 4,

    /// <summary>
    /// One cancels the other: a limit at Price and a stop at StopPx that share one quantity, held by the broker as one order. Ours; FIX has no value for it.
    /// </summary>
    OneCancelsOther = 100,
}

/// <summary>FIX TimeInForce (59).</summary>
public enum TimeInForce { Day = 0, GoodTillCancel = 1, ImmediateOrCancel = 3, FillOrKill = 4 }

/// <summary>FIX OrdStatus (39), reduced to what every broker can tell. <see cref="Unknown"/> is ours: sent, outcome not known.</summary>
public enum OrdStatus
{
    /// <summary>Decided and stored by the account, not yet taken up by its broker connection.</summary>
    Planned,
    /// <summary>The intent is stored and the broker is being called.</summary>
    PendingNew,
    Working,
    PartiallyFilled,
    PendingCancel,
    /// <summary>Sent, but neither accepted nor refused as far as we know. Settled by asking the broker, never by sending again.</summary>
    Unknown,
    Filled,
    Canceled,
    Rejected,
    Expired,
    /// <summary>Not found at a broker that cannot promise it never will be: counts against limits until a reconciliation or a person settles it.</summary>
    Abandoned,
}

/// <summary>Why an order exists; decides what may be done when it is late, unknown or over a limit.</summary>
public enum OrderPurpose
{
    /// <summary>Opens or adds. Never sent when late; refused while halted.</summary>
    Entry,
    /// <summary>Reduces a position. Always accepted, never larger than the position.</summary>
    Exit,
    /// <summary>Rests at the broker to reduce a position later: a stop, a target, or both. Together with exits never larger than the position.</summary>
    Protection,
}

/// <summary>The terms of one order request. Immutable: a replace is a new request with a new ClOrdID.</summary>
/// <param name="Symbol">The contract by its canonical name (ESZ2026, AAPL, BTCUSDT).</param>
/// <param name="OrderQty">FIX 38, in the instrument's own unit (contracts, shares, coins), above 0.</param>
/// <param name="Price">FIX 44, the limit price; set exactly for Limit, StopLimit and OneCancelsOther.</param>
/// <param name="StopPx">FIX 99, the trigger; set exactly for Stop, StopLimit and OneCancelsOther.</param>
/// <param name="ReduceOnly">The broker must not let it open or turn a position, where it can promise that.</param>
public sealed record OrderTerms(
    string Symbol,
    Side Side,
    OrdType OrdType,
    decimal OrderQty,
    decimal? Price = null,
    decimal? StopPx = null,
    TimeInForce TimeInForce = TimeInForce.Day,
    bool ReduceOnly = false);

public static class OrderExtensions
{
    extension(Side side)
    {
        public Side Opposite => side == Side.Buy ? Side.Sell : Side.Buy;
        /// <summary>+1 for Buy, -1 for Sell.</summary>
        public int Sign => side == Side.Buy ? 1 : -1;
    }

    extension(OrdStatus status)
    {
        /// <summary>No further report is expected. A late fill may still come and is booked (FIX: a fill can cross a cancel).</summary>
        public bool IsTerminal => status is OrdStatus.Filled or OrdStatus.Canceled or OrdStatus.Rejected or OrdStatus.Expired;
    }
}

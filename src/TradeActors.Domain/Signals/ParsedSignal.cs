using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>What a signal asks for, in its own word. The recorder judges it on the position it holds.</summary>
public enum SignalAction
{
    /// <summary>buy or long.</summary>
    Buy,
    /// <summary>sell or short.</summary>
    Sell,
    /// <summary>close, exit or flat.</summary>
    Close,
    /// <summary>reverse: close, then enter the other side.</summary>
    Reverse,
    /// <summary>add: enlarge what is held, on the side on which it is held.</summary>
    Add,
    /// <summary>cancel: withdraw what is not filled. Understood, not carried out yet.</summary>
    Cancel,
}

/// <summary>Which side a position is on.</summary>
public enum SignalStance { Long, Short, Flat }

/// <summary>A size that is no number of contracts.</summary>
/// <param name="Unit">Not <see cref="SizingUnit.Contracts"/>: that is <see cref="ParsedSignal.Quantity"/>.</param>
/// <param name="Value">Above 0, in the unit: percent, or account currency.</param>
public sealed record SignalSize(SizingUnit Unit, decimal Value);

/// <summary>The order type a signal names.</summary>
public enum SignalOrderType { Market, Limit, Stop, StopLimit }

/// <summary>What the body of a signal says, before any rule is applied: symbols are not resolved, prices and quantities not rounded.</summary>
/// <remarks>
/// Exactly one of <see cref="Action"/> and <see cref="TargetPosition"/> is set: where a body gives both, the target wins, since it also says where
/// the action was to lead. <see cref="Quantity"/> is set only beside an action, and is above 0. No price is 0; one may be negative (spreads, crude
/// oil in 2020). Limit and StopLimit have a <see cref="LimitPrice"/>, Stop and StopLimit a <see cref="StopPrice"/>. Texts are trimmed, not empty,
/// and free of control characters.
/// </remarks>
public sealed record ParsedSignal
{
    /// <summary>The dialect that was read, one of <see cref="SignalSource"/>; of a recorder's own close, <see cref="Recorders.Recorder.WindowSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Null when the signal is a target.</summary>
    public SignalAction? Action { get; init; }

    /// <summary>The signed position to reach (long above 0, 0 is flat), in the source's units. Null when the signal is an action.</summary>
    public decimal? TargetPosition { get; init; }

    /// <summary>As written (<c>ES1!</c>, <c>CME_MINI:ESZ2026</c>), at most 64 characters. Null: the recorder's default applies.</summary>
    public string? Symbol { get; init; }

    /// <summary>Null: the recorder's own size, and for a close everything held.</summary>
    public decimal? Quantity { get; init; }

    /// <summary>The source's reference price, such as the bar's close. Not an instruction.</summary>
    public decimal? Price { get; init; }

    /// <summary>Null: not said, so a market order.</summary>
    public SignalOrderType? OrderType { get; init; }

    /// <summary>The limit of the order; taken from <see cref="Price"/> where a limit order gives no other.</summary>
    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    /// <summary>An absolute price.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>An absolute price.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Beside an action that enters; <see cref="Quantity"/> is then null.</summary>
    public SignalSize? Size { get; init; }

    /// <summary>For <see cref="SignalAction.Close"/>: percent of what is held, above 0 and at most 100; <see cref="Quantity"/> is then null.</summary>
    public decimal? ClosePercent { get; init; }

    /// <summary>The signal counts only while the recorder's own position is this: <c>exit_long</c> closes no short.</summary>
    public SignalStance? Only { get; init; }

    /// <summary>Beside Buy or Sell: whatever is held is closed first, also on the same side.</summary>
    public bool ClosesFirst { get; init; }

    /// <summary>From the entry's price; null where <see cref="TakeProfit"/> is set.</summary>
    public Distance? TakeProfitDistance { get; init; }

    /// <summary>From the entry's price; null where <see cref="StopLoss"/> is set.</summary>
    public Distance? StopLossDistance { get; init; }

    /// <summary>Beside Buy or Sell: nothing is added to a position that is on this side already.</summary>
    public bool IgnoreSameDirection { get; init; }

    /// <summary>
    /// What the body asks of an entry and is not built yet, as a sentence for the sender; null for nothing. The entry is refused, a close is carried out.
    /// </summary>
    public string? NotBuilt { get; init; }

    /// <summary>The source says that this is a test: judged and stored, never traded.</summary>
    public bool IsTest { get; init; }

    /// <summary>The source's own key for deduplication, at most 128 characters. Null: it gave none that is unique per signal.</summary>
    public string? Id { get; init; }

    /// <summary>When the source sent it, by the source's clock, UTC. Null where it names no send time; a bar's time is none.</summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>The values of <see cref="ParsedSignal.Source"/>. They are stored, so a name is never changed.</summary>
public static class SignalSource
{
    public const string Json = "json";
    public const string TradingView = "tradingview";
    public const string TradersPost = "traderspost";
    public const string OpenAlgo = "openalgo";
    public const string ThreeCommas = "3commas";
    public const string PickMyTrade = "pickmytrade";
    public const string CrossTrade = "crosstrade";
    public const string Autoview = "autoview";
    public const string OctoBot = "octobot";
    public const string MetaApi = "metaapi";
    public const string WunderTrading = "wundertrading";
}

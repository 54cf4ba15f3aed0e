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
}

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
    /// <summary>The dialect that was read: <see cref="SignalSource.Json"/> or <see cref="SignalSource.TradingView"/>.</summary>
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
}

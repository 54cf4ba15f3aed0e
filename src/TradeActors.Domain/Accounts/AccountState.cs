using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>A trading account as its events leave it.</summary>
/// <remarks>
/// After every event: a position's quantity is the sum of its fills and of the shares in its symbol; an order's CumQty is the sum of its fills.
/// </remarks>
/// <param name="Balance">Starting balance plus realised profit less commissions, account currency.</param>
/// <param name="Shares">By <see cref="Share.Key"/>: what each subscription (or "manual") holds of each contract.</param>
/// <param name="Orders">All that are not finished, and the <see cref="FinishedKept"/> that finished last.</param>
/// <param name="OpenSignals">By subscription and signal: what is not settled yet.</param>
/// <param name="Tallies">By subscription: what its filters count.</param>
/// <param name="LiveSeq">Number of events so far: the sequence of the account's live topic.</param>
public sealed record AccountState(
    AccountOpened? Opened,
    AccountLimits Limits,
    string? HaltedBecause,
    decimal Balance,
    decimal RealizedToday,
    string TradingDay,
    ImmutableSortedDictionary<string, Position> Positions,
    ImmutableSortedDictionary<string, Share> Shares,
    ImmutableSortedDictionary<string, AccountOrder> Orders,
    ImmutableList<string> Finished,
    bool HasForgotten,
    ImmutableSortedDictionary<string, SubscriptionSet> Subscriptions,
    ImmutableSortedDictionary<string, OpenSignal> OpenSignals,
    long LastOrderNumber,
    long LastFillNumber,
    long LiveSeq,
    ImmutableSortedDictionary<string, EntryTally> Tallies)
{
    public const int FinishedKept = 100;

    public const string Manual = "manual";

    public static readonly AccountState Empty = new(
        null, AccountLimits.None, null, 0m, 0m, "", Sorted<Position>(), Sorted<Share>(), Sorted<AccountOrder>(), [], false,
        Sorted<SubscriptionSet>(), Sorted<OpenSignal>(), 0, 0, 0, Sorted<EntryTally>());

    public bool IsHalted => HaltedBecause is not null;

    /// <summary>How often the account has been halted; every planned order carries it.</summary>
    public long Halts { get; init; }

    /// <summary>The latest halt for which the connection has withdrawn what was not sent.</summary>
    public long ConfirmedHalts { get; init; }

    /// <summary>By the operation's entity id: what has not come true yet, and so has not been reported.</summary>
    public ImmutableSortedDictionary<string, OpenOperation> Operations { get; init; } = Sorted<OpenOperation>();

    public IEnumerable<AccountOrder> LiveOrders => Orders.Values.Where(order => order.IsLive);

    public IEnumerable<AccountOrder> LiveOrdersOf(string owner, string symbol) =>
        LiveOrders.Where(order => order.Owner == owner && order.Terms.Symbol == symbol);

    public decimal Net(string symbol) => Positions.TryGetValue(symbol, out var position) ? position.Quantity : 0m;

    private static ImmutableSortedDictionary<string, T> Sorted<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <param name="Quantity">Signed: long above 0. Flat positions are not kept.</param>
public sealed record Position(string Symbol, decimal Quantity, decimal AveragePrice);

/// <summary>What one owner (a subscription, or "manual") holds of one contract, and what it is meant to become.</summary>
/// <param name="Quantity">Signed sum of the owner's fills.</param>
/// <param name="Goal">Stands until the share has come down to it and nothing is in flight.</param>
/// <param name="Next">Entered when the goal is reached.</param>
/// <param name="AveragePrice">Of what is open; 0 when flat.</param>
/// <param name="Protection">Null when nothing protects it.</param>
/// <param name="FlattenAt">When it is closed whatever happens; null for never.</param>
public sealed record Share(
    string Owner, string Symbol, decimal Quantity, CloseGoal? Goal, QueuedEntry? Next, decimal AveragePrice = 0m, Protection? Protection = null,
    DateTimeOffset? FlattenAt = null)
{
    public static string Key(string owner, string symbol) => $"{owner}|{symbol}";
}

public sealed record CloseGoal(decimal DownTo, string? SignalId, int Refusals, DateTimeOffset? RetryAt);

/// <param name="Number">1 for the account's first order.</param>
/// <param name="AvgPx">FIX 6, of what is filled.</param>
/// <param name="Guard">For an entry: what its fills are protected by.</param>
/// <param name="Level">For protection: the target that it closes at; null for the stop alone.</param>
public sealed record AccountOrder(
    string ClOrdId, long Number, string Owner, string? RecorderId, string? SignalId, OrderPurpose Purpose, OrderTerms Terms, OrdStatus Status,
    decimal CumQty, decimal? AvgPx, string? Reason, bool CancelAsked, bool CanceledForClose, DateTimeOffset CreatedAt, EntryGuard? Guard = null,
    int? Level = null)
{
    /// <summary>It may still fill as far as we know; an unknown or abandoned one counts at full size.</summary>
    public bool IsLive => !Status.IsTerminal;

    /// <summary>It rests to protect, and the broker lets it only reduce: it fills with what is left of the position or not at all.</summary>
    public bool IsOnlyProtecting => Purpose == OrderPurpose.Protection && Terms.ReduceOnly;

    /// <summary>FIX LeavesQty (151).</summary>
    public decimal LeavesQty => IsLive ? Math.Max(0m, Terms.OrderQty - CumQty) : 0m;

    public OrderView View => new(ClOrdId, Terms, Status, CumQty, AvgPx, Reason, RecorderId, SignalId, CreatedAt);
}

/// <inheritdoc cref="OperationTaken"/>
public sealed record OpenOperation(EntityId Operation, OperationKind Kind, ImmutableArray<string> Waiting, long Halts);

/// <summary>A signal with something outstanding on this account.</summary>
public sealed record OpenSignal(SignalTaken Taken, ImmutableArray<string> Orders)
{
    public static string Key(string subscriptionId, string signalId) => $"{subscriptionId}|{signalId}";
}

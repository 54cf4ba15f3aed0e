using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange;

/// <summary>One book: the orders, positions and money of one paper connection, and the reports that nobody has stored yet.</summary>
/// <remarks>
/// After every event: a position is the sum of the fills of its symbol; the balance is the starting balance plus realized profit less commissions;
/// the numbers of <see cref="Reports"/> are gapless and end with <see cref="LastReport"/>; an order is in exactly one of <see cref="Working"/>,
/// <see cref="Finished"/> and the stored rows. Memory is bounded by the working orders, <see cref="KeptFinished"/>, the symbols ever traded, and the
/// reports since the reader last said what it has stored.
/// </remarks>
public sealed record PaperExchangeState
{
    /// <summary>
    /// Finished orders that are kept here; older ones are found in the stored rows. A row is read only when committed, so an id could be missed only
    /// if this many orders of one book finished within one uncommitted append.
    /// </summary>
    public const int KeptFinished = 256;

    public static readonly PaperExchangeState Empty = new();

    /// <summary>The entity's key; empty before the book was opened.</summary>
    public string ExchangeKey { get; init; } = "";

    /// <summary>As first opened; null before.</summary>
    public PaperSettings? Settings { get; init; }

    /// <summary>What is in force: at first those of the settings.</summary>
    public PaperFaults? Faults { get; init; }

    /// <summary>Cash, account currency: without the open profit.</summary>
    public decimal Balance { get; init; }

    public decimal RealizedPnl { get; init; }

    public decimal Commissions { get; init; }

    /// <summary>The highest order number given.</summary>
    public long LastOrder { get; init; }

    public long LastReport { get; init; }

    /// <summary>Some order has left <see cref="Finished"/>: an unknown ClOrdID must be looked up before it counts as new.</summary>
    public bool HasEvicted { get; init; }

    /// <summary>By order number.</summary>
    public ImmutableSortedDictionary<long, PaperOrder> Working { get; init; } = ImmutableSortedDictionary<long, PaperOrder>.Empty;

    /// <summary>By order number.</summary>
    public ImmutableSortedDictionary<long, BrokerOrder> Finished { get; init; } = ImmutableSortedDictionary<long, BrokerOrder>.Empty;

    /// <summary>The numbers of <see cref="Finished"/>, the longest finished first.</summary>
    public ImmutableList<long> FinishedInSequence { get; init; } = [];

    /// <summary>The newest order of every ClOrdID among <see cref="Working"/> and <see cref="Finished"/>. Ordinal, also when read from a snapshot.</summary>
    public ImmutableSortedDictionary<string, long> ByClOrdId { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>
    /// Where duplicates are let in: the request (its ArriveBefore) behind every name of <see cref="ByClOrdId"/>. One request is one order, however often it
    /// is judged: a decision whose commit was not heard of runs again.
    /// </summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Requests { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>By symbol; flat ones are left out.</summary>
    public ImmutableSortedDictionary<string, PaperPosition> Positions { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        ImmutableSortedDictionary.Create<string, PaperPosition>(StringComparer.Ordinal);

    /// <summary>
    /// So many traded quotes of a symbol are kept whatever their times: more than a slow reader is handed at once. An order comes with the newest quote, and
    /// those that wait for the book come after it, that one last and once more.
    /// </summary>
    public const int KeptTouches = 8;

    /// <summary>Further ones are kept while a quote of their time may still be under way, overtaken by others (simulation seed 79577721509).</summary>
    public static readonly TimeSpan KeepTouchesFor = TimeSpan.FromSeconds(10);

    /// <summary>At most so many are kept, however busy the book.</summary>
    public const int MostTouches = 128;

    /// <summary>By symbol, in the sequence in which they were last traded on.</summary>
    public ImmutableSortedDictionary<string, ImmutableList<PaperTouch>> Touches { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        ImmutableSortedDictionary.Create<string, ImmutableList<PaperTouch>>(StringComparer.Ordinal);

    /// <summary>Oldest first.</summary>
    public ImmutableList<BrokerReport> Reports { get; init; } = [];

    /// <summary>Reports up to this number have been dropped.</summary>
    [JsonIgnore]
    public long LastDropped => LastReport - Reports.Count;

    /// <summary>The newest order of that name; null when it is not in this state.</summary>
    public BrokerOrder? Find(string clOrdId) => ByClOrdId.TryGetValue(clOrdId, out var number) ? Find(number) : null;

    public BrokerOrder? Find(long number) => Working.TryGetValue(number, out var order) ? order.Show() : Finished.GetValueOrDefault(number);

    /// <summary>
    /// By symbol, once an order was on its way: the last quote, in the sequence of their coming, that such an order waited by or any order filled on.
    /// </summary>
    public ImmutableSortedDictionary<string, Quote> Seen { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        ImmutableSortedDictionary.Create<string, Quote>(StringComparer.Ordinal);

    /// <summary>The newest quote of a symbol that the book remembers: seen while an order was on its way, or traded on. Null for none.</summary>
    public Quote? LastKnown(string symbol) => Seen.GetValueOrDefault(symbol) ?? Touches.GetValueOrDefault(symbol)?[^1].Quote;

    /// <summary>What of this quote is gone; null when nothing was traded on it.</summary>
    public PaperTouch? TouchOf(Quote quote) => Touches.GetValueOrDefault(quote.Symbol)?.Find(touch => touch.IsOf(quote));

    public decimal PositionIn(string symbol) => Positions.TryGetValue(symbol, out var position) ? position.Quantity : 0m;

    /// <summary>How much of the position an order of this side can close; 0 when it would open.</summary>
    public decimal ReducibleBy(OrderTerms terms) => Math.Max(0m, -terms.Side.Sign * PositionIn(terms.Symbol));
}

using System.Collections.Immutable;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>One order in the broker's book.</summary>
internal sealed class BookedOrder(string clOrdId, string brokerOrderId, OrderTerms terms, DateTimeOffset acceptedAt)
{
    public string ClOrdId { get; } = clOrdId;
    public string BrokerOrderId { get; } = brokerOrderId;
    public OrderTerms Terms { get; } = terms;
    public DateTimeOffset AcceptedAt { get; } = acceptedAt;
    public decimal CumQty { get; set; }
    public OrdStatus Status { get; set; } = OrdStatus.Working;
    public bool IsWorking => !Status.IsTerminal;
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>Its request took longer than the broker's promise: it may have been taken for never placed.</summary>
    public bool IsUnforeseen { get; init; }

    /// <summary>The broker has restarted since it ended: it is in no list any more.</summary>
    public bool IsUnlisted { get; set; }
}

/// <summary>One trade in the broker's book.</summary>
/// <param name="ClOrdId">Null for a trade by hand.</param>
/// <param name="IsUnforeseen">After its order was told as over, by hand, or of an order that arrived when nobody could reckon with it: no limit can count it beforehand.</param>
internal sealed record BookedFill(string ExecId, string? ClOrdId, string Symbol, decimal SignedQty, bool IsUnforeseen);

/// <summary>A session as the broker sees it.</summary>
internal sealed class BrokerToken
{
    public bool IsValid { get; set; } = true;

    public static BrokerToken Valid() => new();
}

/// <summary>
/// The book of one connection at a simulated broker. Written without a look at the system under test: what is in here has happened, whatever the
/// system believes.
/// </summary>
internal sealed class SimBroker(EntityId connection, BrokerProfile profile, SimWorld world, Pcg32 random) : IBrokerBook
{
    public static readonly BrokerSettings Settings = new("simulated");

    private readonly SortedDictionary<string, decimal> _positions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _answered = new(StringComparer.Ordinal);
    private readonly List<BrokerToken> _tokens = [];
    private DateTimeOffset _downUntil;
    private int _lastExec;

    public EntityId Connection { get; } = connection;

    public BrokerProfile Profile { get; } = profile;

    public BrokerTraits Traits => Profile.Traits;

    public List<BookedOrder> Orders { get; } = [];

    IReadOnlyList<BookedOrder> IBrokerBook.Orders => Orders;

    IReadOnlyList<BrokerReport> IBrokerBook.Reports => Reports;

    public List<BookedFill> Fills { get; } = [];

    IReadOnlyList<BookedFill> IBrokerBook.Fills => Fills;

    /// <summary>The stream of reports; the cursor of a report is its place, from 1.</summary>
    public List<BrokerReport> Reports { get; } = [];

    public IEnumerable<KeyValuePair<string, decimal>> Positions => _positions;

    /// <summary>Streams that wait for more.</summary>
    public List<Action> Listeners { get; } = [];

    public bool IsDown => world.Now < _downUntil;

    /// <summary>How often the whole day's reports have been sent again to whoever listens.</summary>
    public int Replays { get; private set; }

    /// <summary>Something is still to come that nobody has asked for.</summary>
    public bool HasMore { get; private set; }

    public enum Taken { Accepted, Rejected, Duplicate }

    public BrokerToken LogOn()
    {
        var token = new BrokerToken();
        _tokens.RemoveAll(old => !old.IsValid);
        _tokens.Add(token);
        world.Trace.Add("log-on", Connection.Key, _tokens.Count);
        return token;
    }

    /// <summary>Whether a request under this session is worked on. Sessions run out and the broker restarts at just such moments.</summary>
    public bool Takes(BrokerToken token)
    {
        if (world.Faults.Fire(Fault.BrokerTokenExpires))
        {
            world.Trace.Add("token-expires", Connection.Key);
            token.IsValid = false;
            Ring();
        }

        if (world.Faults.Fire(Fault.BrokerRestarts))
        {
            Restart();
        }

        return token.IsValid && !IsDown;
    }

    public bool LosesRequest() => world.Faults.Fire(Fault.BrokerLosesRequest);

    public bool LosesAnswer(Fault fault) => world.Faults.Fire(fault) || Sometimes(Profile.LostAnswers);

    /// <summary>Milliseconds until a request arrives, at most. Within the time-out, as the traits promise; a network promises nothing.</summary>
    public double TimeOnTheWay() => Sometimes(Profile.LateRequests) ? 20_000 : random.Chance(0.1) ? Traits.RequestTimeout.TotalMilliseconds : 5;

    public double TimeToAnswer() =>
        world.Faults.Fire(Fault.BrokerAnswersLate) || Sometimes(Profile.LateAnswers) ? Traits.RequestTimeout.TotalMilliseconds * 2 : 5;

    /// <summary>An order's request is out and has no answer.</summary>
    public bool IsUnanswered(string clOrdId) => !_answered.Contains(clOrdId);

    public void Answered(string clOrdId) => _answered.Add(clOrdId);

    public (Taken Taken, string BrokerOrderId) Submit(string clOrdId, OrderTerms terms, DateTimeOffset sentAt)
    {
        if (!_names.Add(clOrdId) && Traits.RefusesDuplicates)
        {
            world.Trace.Add("broker-duplicate", Connection.Key, clOrdId);
            return (Taken.Duplicate, "");
        }

        var isTurning = Profile.HonorsReduceOnly && terms.ReduceOnly
            && (_positions.GetValueOrDefault(terms.Symbol) * -terms.Side.Sign) < terms.OrderQty;
        if (isTurning || world.Faults.Fire(Fault.BrokerRejects))
        {
            // A name that was refused is free again: no such order exists.
            _names.Remove(clOrdId);
            world.Trace.Add("broker-rejects", Connection.Key, clOrdId, isTurning ? "not reducing" : "");
            return (Taken.Rejected, "");
        }

        var order = new BookedOrder(clOrdId, $"B{Orders.Count + 1}", terms, world.Now) { IsUnforeseen = world.Now > sentAt + Traits.RequestTimeout };
        Orders.Add(order);
        world.Model.BrokerTook(Connection, order);
        world.Trace.Add("broker-accepts", Connection.Key, clOrdId, $"{terms.Side} {terms.OrderQty} {terms.Symbol} {terms.OrdType}");
        world.After(random, 0.2, 20, () => Report(order, ExecType.New, 0m, null));
        PlanFills(order);
        if (Traits.StandingSession && world.Faults.Fire(Fault.BrokerTradedByHand))
        {
            world.After(random, 1, 5_000, () => TradeByHand(terms.Symbol));
        }

        return (Taken.Accepted, order.BrokerOrderId);
    }

    /// <summary>True when the request is taken; the order may still fill.</summary>
    public bool Cancel(string clOrdId)
    {
        var order = Orders.LastOrDefault(order => order.ClOrdId == clOrdId);
        if (order is not { IsWorking: true })
        {
            return false;
        }

        var isCrossed = world.Faults.Fire(Fault.BrokerFillCrossesCancel);
        if (isCrossed)
        {
            world.After(random, 0.1, 30, () => Fill(order, order.Terms.OrderQty - order.CumQty));
        }

        world.After(random, 0.2, isCrossed ? 60 : 20, () => End(order, OrdStatus.Canceled, ExecType.Canceled));
        return true;
    }

    /// <summary>The order as the lists show it now; null when they do not.</summary>
    public BrokerOrder? Find(string clOrdId) =>
        Orders.LastOrDefault(order => order.ClOrdId == clOrdId) is { } order && IsListed(order) ? Show(order) : null;

    public BrokerSnapshot Snapshot() => new(
        [.. Orders.Where(order => order.IsWorking && IsListed(order)).Select(Show)],
        [.. _positions.Where(position => position.Value != 0m).Select(position => new BrokerPosition(position.Key, position.Value, 100m))], null);

    private bool IsListed(BookedOrder order) => order.AcceptedAt + (Traits.ListingLag * 0.9) <= world.Now && !order.IsUnlisted
        && (order.IsWorking || Profile.ListsFinished || order.EndedAt + TimeSpan.FromSeconds(1) > world.Now);

    private static BrokerOrder Show(BookedOrder order) => new(
        order.ClOrdId, order.BrokerOrderId, order.Terms.Symbol, order.Terms.Side, order.Terms.OrderQty,
        order.Status == OrdStatus.Working && order.CumQty > 0m ? OrdStatus.PartiallyFilled : order.Status, order.CumQty, 100m);

    /// <summary>Down for a while; sessions are gone, and what had finished is in no list any more. The book and the day's reports are kept.</summary>
    private void Restart()
    {
        world.Trace.Add("broker-restarts", Connection.Key);
        _downUntil = world.Now.AddMilliseconds(random.Next(3_000));
        foreach (var order in Orders)
        {
            order.IsUnlisted |= !order.IsWorking;
        }

        foreach (var token in _tokens)
        {
            token.IsValid = false;
        }

        Ring();
    }

    /// <summary>
    /// What rests expires, streams send the whole day again, and somewhat later, when nobody has an order here any more, somebody trades by hand.
    /// </summary>
    public void EndDay(Pcg32 drawn)
    {
        if (!Traits.StandingSession || !drawn.Chance(0.5))
        {
            return;
        }

        world.Trace.Add("day-ends", Connection.Key);
        foreach (var order in Orders.Where(order => order.Terms.OrdType != OrdType.Market && drawn.Chance(0.8)).ToArray())
        {
            End(order, OrdStatus.Expired, ExecType.Expired);
        }

        Replays++;
        Ring();
        HasMore = true;
        world.After(drawn, 8_000, 40_000, () =>
        {
            HasMore = false;
            TradeByHand("ESH2026");
        });
    }

    private void PlanFills(BookedOrder order)
    {
        if (world.Faults.Fire(Fault.BrokerCancelsUnasked))
        {
            world.After(random, 1, 2_000, () => End(order, OrdStatus.Canceled, ExecType.Canceled));
        }

        var isMarket = order.Terms.OrdType == OrdType.Market;
        if (!isMarket && random.Chance(0.4))
        {
            return; // Rests until somebody cancels it.
        }

        var parts = random.Next(3) + 1;
        var slowest = isMarket ? (random.Chance(0.2) ? 4_000 : 60) : 20_000;
        for (var i = 0; i < parts; i++)
        {
            var isLast = i == parts - 1;
            world.After(random, 0.3, slowest, () => Fill(order, isLast ? order.Terms.OrderQty : Part(order)));
        }

        // Whatever of a market order the parts have left.
        if (isMarket)
        {
            world.After(random, slowest, slowest + 50, () => Fill(order, order.Terms.OrderQty - order.CumQty));
        }
    }

    private decimal Part(BookedOrder order) => order.Terms.OrderQty % 1m != 0m ? order.Terms.OrderQty / 4m
        : order.Terms.OrderQty >= 2m ? random.Next((int)order.Terms.OrderQty - 1) + 1
        : 1m;

    private void Fill(BookedOrder order, decimal quantity)
    {
        quantity = Math.Min(quantity, order.Terms.OrderQty - order.CumQty);
        if (order.IsWorking && quantity > 0m)
        {
            Trade(order, quantity);
        }
    }

    private void Trade(BookedOrder order, decimal quantity)
    {
        var isLate = order.IsUnforeseen || order.Status.IsTerminal || world.Model.IsOver(Connection, order.ClOrdId);
        order.CumQty += quantity;
        if (order.CumQty == order.Terms.OrderQty)
        {
            order.EndedAt = order.Status.IsTerminal ? order.EndedAt : world.Now;
            order.Status = OrdStatus.Filled;
        }

        world.Trace.Add("broker-fills", Connection.Key, order.ClOrdId, $"{quantity} of {order.Terms.OrderQty}");
        var execId = Report(order, ExecType.Trade, quantity, null);
        Book(new BookedFill(execId, order.ClOrdId, order.Terms.Symbol, quantity * order.Terms.Side.Sign, isLate));
    }

    private void TradeByHand(string symbol)
    {
        var side = random.Chance(0.5) ? Side.Buy : Side.Sell;
        world.Trace.Add("by-hand", Connection.Key, symbol, side);
        var hand = new BookedOrder("", $"H{_lastExec + 1}", new OrderTerms(symbol, side, OrdType.Market, 1m), world.Now);
        var execId = Report(hand, ExecType.Trade, 1m, null);
        Book(new BookedFill(execId, null, symbol, side.Sign, IsUnforeseen: true));
    }

    private void Book(BookedFill fill)
    {
        Fills.Add(fill);
        _positions[fill.Symbol] = _positions.GetValueOrDefault(fill.Symbol) + fill.SignedQty;
        world.Model.BrokerTraded(this, fill, _positions[fill.Symbol]);
    }

    private void End(BookedOrder order, OrdStatus status, ExecType execType)
    {
        if (!order.IsWorking)
        {
            return;
        }

        order.Status = status;
        order.EndedAt = world.Now;
        world.Trace.Add("broker-ends", Connection.Key, order.ClOrdId, status);
        Report(order, execType, 0m, null);
        if (Traits.StandingSession && order.CumQty < order.Terms.OrderQty && world.Faults.Fire(Fault.BrokerFillsAfterCancel))
        {
            world.After(random, 1, 3_000, () => Trade(order, order.Terms.OrderQty - order.CumQty));
        }
    }

    /// <returns>The execution's id. The report may be published after later ones.</returns>
    private string Report(BookedOrder order, ExecType execType, decimal lastQty, string? reason)
    {
        var report = new BrokerReport(
            "", $"{Connection.Key}-e{++_lastExec}", execType, order.ClOrdId.Length == 0 ? null : order.ClOrdId, order.BrokerOrderId, order.Terms.Symbol,
            order.Terms.Side, lastQty, lastQty == 0m ? 0m : 100m + (random.Next(40) * 0.25m), lastQty == 0m ? 0m : 0.5m, reason, null, world.Now);
        if (world.Faults.Fire(Fault.BrokerReportsOutOfOrder))
        {
            world.After(random, 1, 2_000, () => Publish(report));
        }
        else
        {
            Publish(report);
        }

        return report.ExecId;
    }

    private void Publish(BrokerReport report)
    {
        Reports.Add(report with { Cursor = (Reports.Count + 1).ToString("D8") });
        Ring();
    }

    private void Ring()
    {
        foreach (var listener in Listeners.ToArray())
        {
            listener();
        }
    }

    private bool Sometimes(double probability) => world.Faults.Active && probability > 0 && random.Chance(probability);
}

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
}

/// <summary>
/// The book of one connection at a simulated broker. Written without a look at the system under test: what is in here has happened, whatever the
/// system believes.
/// </summary>
internal sealed class SimBroker(EntityId connection, BrokerTraits traits, bool listsFinished, bool honorsReduceOnly, SimWorld world, Pcg32 random) : IBrokerBook
{
    public static readonly BrokerSettings Settings = new("simulated");

    private readonly SortedDictionary<string, decimal> _positions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _strays = new(StringComparer.Ordinal);

    public EntityId Connection { get; } = connection;

    public BrokerTraits Traits { get; } = traits;

    public List<BookedOrder> Orders { get; } = [];

    IReadOnlyList<BookedOrder> IBrokerBook.Orders => Orders;

    IReadOnlyList<BrokerReport> IBrokerBook.Reports => Reports;

    /// <summary>The stream of reports; the cursor of a report is its place, from 1.</summary>
    public List<BrokerReport> Reports { get; } = [];

    public IEnumerable<KeyValuePair<string, decimal>> Positions => _positions;

    /// <summary>Sessions that wait for more.</summary>
    public List<Action> Listeners { get; } = [];

    public enum Taken { Accepted, Rejected, Duplicate }

    public (Taken Taken, string BrokerOrderId) Submit(string clOrdId, OrderTerms terms)
    {
        if (!_names.Add(clOrdId) && Traits.RefusesDuplicates)
        {
            world.Trace.Add("broker-duplicate", Connection.Key, clOrdId);
            return (Taken.Duplicate, "");
        }

        var isTurning = honorsReduceOnly && terms.ReduceOnly
            && (_positions.GetValueOrDefault(terms.Symbol) * -terms.Side.Sign) < terms.OrderQty;
        if (isTurning || world.Faults.Fire(Fault.BrokerRejects))
        {
            // A name that was refused is free again: no such order exists.
            _names.Remove(clOrdId);
            world.Trace.Add("broker-rejects", Connection.Key, clOrdId, isTurning ? "not reducing" : "");
            return (Taken.Rejected, "");
        }

        var order = new BookedOrder(clOrdId, $"B{Orders.Count + 1}", terms, world.Now);
        Orders.Add(order);
        world.Model.BrokerTook(Connection, order);
        world.Trace.Add("broker-accepts", Connection.Key, clOrdId, $"{terms.Side} {terms.OrderQty} {terms.Symbol} {terms.OrdType}");
        world.After(random, 0.2, 20, () => Report(order, ExecType.New, 0m, null));
        PlanFills(order);
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
    public BrokerOrder? Find(string clOrdId)
    {
        var order = Orders.LastOrDefault(order => order.ClOrdId == clOrdId);
        var isShown = order is not null && order.AcceptedAt + (Traits.ListingLag * 0.9) <= world.Now
            && (order.IsWorking || listsFinished || order.EndedAt + TimeSpan.FromSeconds(1) > world.Now);
        return isShown
            ? new BrokerOrder(
                order!.ClOrdId, order.BrokerOrderId, order.Terms.Symbol, order.Terms.Side, order.Terms.OrderQty,
                order.Status == OrdStatus.Working && order.CumQty > 0m ? OrdStatus.PartiallyFilled : order.Status, order.CumQty, 100m)
            : null;
    }

    /// <summary>A fill after its order was told as over. Brokers do it, rarely.</summary>
    public bool IsStray(BrokerReport report) => _strays.Contains(report.ExecId);

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
        if (!order.IsWorking || quantity <= 0m)
        {
            return;
        }

        Trade(order, quantity);
    }

    private void Trade(BookedOrder order, decimal quantity)
    {
        order.CumQty += quantity;
        _positions[order.Terms.Symbol] = _positions.GetValueOrDefault(order.Terms.Symbol) + (quantity * order.Terms.Side.Sign);
        if (order.CumQty == order.Terms.OrderQty)
        {
            order.EndedAt = order.Status.IsTerminal ? order.EndedAt : world.Now;
            order.Status = OrdStatus.Filled;
        }

        world.Trace.Add("broker-fills", Connection.Key, order.ClOrdId, $"{quantity} of {order.Terms.OrderQty}");
        if (order.EndedAt != default && order.EndedAt < world.Now)
        {
            _strays.Add($"{Connection.Key}-e{Reports.Count + 1}");
        }

        Report(order, ExecType.Trade, quantity, null);
        world.Model.BrokerTraded(Connection, order, _positions[order.Terms.Symbol]);
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
        if (order.CumQty < order.Terms.OrderQty && world.Faults.Fire(Fault.BrokerFillsAfterCancel))
        {
            world.After(random, 1, 3_000, () => Trade(order, order.Terms.OrderQty - order.CumQty));
        }
    }

    private void Report(BookedOrder order, ExecType execType, decimal lastQty, string? reason)
    {
        var place = Reports.Count + 1;
        Reports.Add(new BrokerReport(
            place.ToString("D8"), $"{Connection.Key}-e{place}", execType, order.ClOrdId, order.BrokerOrderId, order.Terms.Symbol, order.Terms.Side,
            lastQty, lastQty == 0m ? 0m : 100m + (random.Next(40) * 0.25m), lastQty == 0m ? 0m : 0.5m, reason, null, world.Now));
        foreach (var listener in Listeners.ToArray())
        {
            listener();
        }
    }
}

using System.Globalization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>What the model adds to an order in a paper book.</summary>
internal sealed class PaperOrderModel(BookedOrder booked, long number, DateTimeOffset? worksFrom, DateTimeOffset? expireAt)
{
    public BookedOrder Booked { get; } = booked;
    public OrderTerms Terms => Booked.Terms;
    public long Number { get; } = number;
    public DateTimeOffset? WorksFrom { get; } = worksFrom;
    public DateTimeOffset? ExpireAt { get; } = expireAt;
    public bool HasArrived { get; set; } = worksFrom is null;
    public bool IsTriggered { get; set; }
    public int Fills { get; set; }
    public decimal FilledValue { get; set; }
    public decimal Leaves => Terms.OrderQty - Booked.CumQty;
    public bool HasStop => Terms.OrdType is OrdType.Stop or OrdType.StopLimit or OrdType.OneCancelsOther;
    public bool IsAtMarket => Terms.OrdType is OrdType.Market or OrdType.Stop || (Terms.OrdType == OrdType.OneCancelsOther && IsTriggered);
}

/// <summary>
/// One paper book by its stored events, judged by what an honest exchange may do: nothing is forgotten, every fill stands on a quote that somebody had, at a
/// price and in a size that it shows, what was drawn for it depends on nothing else, and once the market has been through an order it does not stay as it was.
/// </summary>
internal sealed class PaperBook(EntityId connection, PaperSettings settings, SimWorld world) : IBrokerBook
{
    /// <summary>How old a quote may be when it meets an order: as long as a request, a slow reader and a late commit together may take.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(12);

    /// <summary>After it, everything that was started again is there and nothing late is on its way.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(8);

    /// <summary>How long resting orders are watched while nothing goes wrong any more.</summary>
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(25);

    private readonly List<BookedOrder> _orders = [];
    private readonly SortedDictionary<long, PaperOrderModel> _working = [];
    private readonly List<BrokerReport> _reports = [];
    private readonly List<BookedFill> _fills = [];
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, decimal> _positions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<(Quote Quote, decimal Bought, decimal Sold)>> _used = new(StringComparer.Ordinal);
    private bool _isOpen;
    private long _lastOrder;
    private decimal _commissions;
    private decimal _cash; // Signed value of every fill, by its point value: what the balance would be if all positions were worth nothing.

    public EntityId Connection { get; } = connection;

    public EntityId ExchangeId { get; } = connection with { Kind = EntityKind.PaperExchange };

    public BrokerTraits Traits { get; } = PaperBrokerAdapter.TraitsOf(settings);

    public IReadOnlyList<BookedOrder> Orders => _orders;

    public IReadOnlyList<BrokerReport> Reports => _reports;

    public IEnumerable<KeyValuePair<string, decimal>> Positions => _positions;

    public IReadOnlyList<BookedFill> Fills => _fills;

    public bool HasMore => false;

    public void Stored(object @event)
    {
        switch (@event)
        {
            case PaperBookOpened e:
                Require("PaperBookSurvives", !_isOpen && e.Settings == settings, "is opened a second time, or with other settings");
                _isOpen = true;
                break;
            case PaperOrderAccepted e:
                Accept(e);
                break;
            case PaperOrderRejected e:
                Number(e.Order, e.ReportsSeen);
                Name(e.ClOrdId);
                Report(e.Report, ExecType.Rejected, e.ClOrdId, e.Order, e.Terms, e.Reason, e.At);
                break;
            case PaperOrderArrived e:
                var due = Working(e.Order);
                Require("PaperLatencyKept", !due.HasArrived && due.WorksFrom <= e.At, $"lets {due.Booked.ClOrdId} arrive at {e.At:O}, due {due.WorksFrom:O}");
                due.HasArrived = true;
                break;
            case PaperQuoteSeen e:
                Require("FillsNeedQuotes", IsKnown(e.Quote, e.At - Slack, e.At), $"has seen {e.Quote}, and no node ever had it");
                break;
            case PaperOrderTriggered e:
                Trigger(e);
                break;
            case PaperOrderFilled e:
                Fill(e);
                break;
            case PaperOrderCanceled e:
                End(e.Report, e.Order, OrdStatus.Canceled, ExecType.Canceled, e.Reason, e.At);
                break;
            case PaperOrderExpired e:
                Require("PaperLatencyKept", Working(e.Order).ExpireAt <= e.At, $"lets order {e.Order} expire at {e.At:O}");
                End(e.Report, e.Order, OrdStatus.Expired, ExecType.Expired, "The trading day ended.", e.At);
                break;
            case PaperReportsSeen e:
                CheckSeen(e.Seen);
                break;
        }
    }

    /// <summary>What is not as it should be in the end.</summary>
    public string? Unsettled()
    {
        if (world.Elapsed < world.SettlesSince + Watch && _working.Count > 0)
        {
            return $"{ExchangeId}: {_working.Count} orders rest, and the market has not gone on for long enough.";
        }

        foreach (var order in _working.Values)
        {
            if (!order.HasArrived && order.WorksFrom + TimeSpan.FromSeconds(5) < world.Now)
            {
                return $"{ExchangeId}: {order.Booked.ClOrdId} was to arrive at {order.WorksFrom:O}.";
            }

            if (order.HasArrived && world.OwnerOf(ExchangeId)?.Quotes?.Last(order.Terms.Symbol) is { } quote && IsMet(order, quote)
                && !(quote.At < _used.GetValueOrDefault(order.Terms.Symbol)?[^1].Quote.At))
            {
                return $"{ExchangeId}: {order.Booked.ClOrdId} ({order.Terms}) works, and the market stands at {quote}.";
            }
        }

        return null;
    }

    /// <summary>A quote has reached a node. Once nothing goes wrong any more, the orders that it meets must not stay as they are.</summary>
    public void MarketMoved(int node, Quote quote)
    {
        if (!(world.Elapsed > world.SettlesSince + Calm) || world.OwnerOf(ExchangeId)?.Number != node)
        {
            return;
        }

        foreach (var order in _working.Values.Where(order => order.Terms.Symbol == quote.Symbol && order.HasArrived
            && order.Booked.AcceptedAt + TimeSpan.FromSeconds(1) < world.Now && IsMet(order, quote)))
        {
            var before = (order.Fills, order.IsTriggered);
            // Hundreds of accounts may have to store what they were told meanwhile, one at a time.
            world.At(world.Now + TimeSpan.FromSeconds(world.Profile == Profile.FanOut ? 30 : 1), () =>
            {
                if (_working.ContainsKey(order.Number) && before == (order.Fills, order.IsTriggered) && IsMet(order, quote))
                {
                    throw new SimulationFailure(
                        "MarketIsMet", $"{ExchangeId}: {order.Booked.ClOrdId} ({order.Terms}) is as it was before {quote} came.");
                }
            });
        }
    }

    /// <summary>The exchange's own state at the end, read back from its stream.</summary>
    public void Check(PaperExchangeState state)
    {
        Require("PaperBookSurvives", state.Working.Keys.SequenceEqual(_working.Keys), $"works on {string.Join(' ', state.Working.Keys)}, not on {string.Join(' ', _working.Keys)}");
        Require(
            "PaperPositionIsItsFills",
            state.Positions.Select(held => (held.Key, held.Value.Quantity)).SequenceEqual(_positions.Where(held => held.Value != 0m).Select(held => (held.Key, held.Value))),
            "has other positions than its fills make");

        // Money: the balance holds what was realised; with the cost of what is open it is what all fills have paid and brought.
        var start = _isOpen ? settings.StartingBalance : 0m;
        var open = state.Positions.Values.Sum(held => held.Cost * held.Instrument.PointValue);
        Require(
            "PaperPositionIsItsFills", Math.Abs(state.Balance - open - (start + _cash - _commissions)) < 0.0001m,
            $"has a balance of {state.Balance} and {open} in positions; its fills made {_cash} and cost {_commissions}");
    }

    private void Accept(PaperOrderAccepted e)
    {
        Number(e.Order, e.ReportsSeen);
        Name(e.ClOrdId);
        var jitter = (int)settings.LatencyJitter.TotalMilliseconds;
        var latency = settings.Latency + TimeSpan.FromMilliseconds(jitter > 0 ? Draw(e.ClOrdId, "latency", jitter + 1) : 0);
        Require(
            "PaperDrawsAreTheirOwn", e.WorksFrom == (latency > TimeSpan.Zero ? e.At + latency : null),
            $"lets {e.ClOrdId}, accepted at {e.At:O}, work from {e.WorksFrom:O}; its latency is {latency}");
        Require("FillsNeedQuotes", e.Quote is null || IsKnown(e.Quote, e.At - Slack, e.At), $"has accepted {e.ClOrdId} on {e.Quote}, and no node ever had it");

        var booked = new BookedOrder(e.ClOrdId, $"P{e.Order}", e.Terms, e.At);
        _orders.Add(booked);
        _working.Add(e.Order, new PaperOrderModel(booked, e.Order, e.WorksFrom, e.ExpireAt));
        world.Model.BrokerTook(Connection, booked);
        Report(e.Report, ExecType.New, e.ClOrdId, e.Order, e.Terms, null, e.At);
    }

    private void Trigger(PaperOrderTriggered e)
    {
        var order = Working(e.Order);
        Require("StopsTriggerTruly", order is { HasStop: true, HasArrived: true, IsTriggered: false }, $"triggers {order.Booked.ClOrdId} ({order.Terms}) once more, or has nothing to trigger");
        Require(
            "StopsTriggerTruly", world.Model.Market.Known(order.Terms.Symbol, order.Booked.AcceptedAt - Slack, e.At).Any(quote => IsReached(order.Terms, quote)),
            $"triggers {order.Booked.ClOrdId} ({order.Terms}), and no quote has reached it since {order.Booked.AcceptedAt:O}");
        order.IsTriggered = true;
    }

    private void Fill(PaperOrderFilled e)
    {
        var order = Working(e.Order);
        var (terms, name) = (order.Terms, $"{order.Booked.ClOrdId} ({order.Terms})");
        Require("FillsNeedQuotes", IsKnown(e.Quote, order.Booked.AcceptedAt - Slack, e.At), $"fills {name} on {e.Quote}, which no node had then");
        Require("FillsNeedQuotes", order.HasArrived && e.Quote.Symbol == terms.Symbol, $"fills {name}, which has not arrived, on {e.Quote}");
        Require("StopsTriggerTruly", order.IsTriggered || terms.OrdType is not (OrdType.Stop or OrdType.StopLimit), $"fills {name}, and its trigger is not stored");
        Require("FillsNeedQuotes", order.IsAtMarket || IsWithin(terms, e.Quote), $"fills {name} at {e.LastPx} on {e.Quote}");
        Require("PaperFillsAreWhole", e.LastQty > 0m && e.LastQty <= order.Leaves, $"fills {e.LastQty} of {name}, and {order.Leaves} are left");
        Require("PaperDrawsAreTheirOwn", e.LastPx == PriceOf(order, e.Quote), $"fills {name} at {e.LastPx}, and {PriceOf(order, e.Quote)} was drawn for fill {order.Fills + 1} on {e.Quote}");
        Use(e.Quote, terms, e.LastQty);

        var signed = e.LastQty * terms.Side.Sign;
        var held = _positions.GetValueOrDefault(terms.Symbol);
        Require("PaperFillsAreWhole", !terms.ReduceOnly || held * -terms.Side.Sign >= e.LastQty, $"fills {e.LastQty} of {name}, which may only reduce, and {held} is held");
        var points = InstrumentCatalog.FindContract(terms.Symbol)!.Instrument.PointValue;
        var commission = e.LastQty * (settings.CommissionPerUnit + (e.LastPx * points * settings.CommissionRate));
        Require("PaperFillsAreWhole", e.Commission == commission, $"takes {e.Commission} for a fill of {name}, not {commission}");

        _positions[terms.Symbol] = held + signed;
        _commissions += e.Commission;
        _cash -= signed * e.LastPx * points;
        order.Booked.CumQty += e.LastQty;
        order.FilledValue += e.LastQty * e.LastPx;
        order.Fills++;
        Report(e.Report, ExecType.Trade, order.Booked.ClOrdId, order.Number, terms, null, e.At, e);
        var fill = new BookedFill(_reports[^1].ExecId, order.Booked.ClOrdId, terms.Symbol, signed, IsUnforeseen: false);
        _fills.Add(fill);
        if (order.Leaves == 0m)
        {
            Close(order, OrdStatus.Filled, e.At);
        }

        world.Model.BrokerTraded(this, fill, _positions[terms.Symbol]);
    }

    private void End(long report, long number, OrdStatus status, ExecType how, string reason, DateTimeOffset at)
    {
        var order = Working(number);
        Close(order, status, at);
        Report(report, how, order.Booked.ClOrdId, number, order.Terms, reason, at);
    }

    private void Close(PaperOrderModel order, OrdStatus status, DateTimeOffset at)
    {
        _working.Remove(order.Number);
        order.Booked.Status = status;
        order.Booked.EndedAt = at;
    }

    private void Number(long order, long seen)
    {
        Require("PaperBookSurvives", order == ++_lastOrder, $"numbers an order {order} where {_lastOrder} must stand");
        CheckSeen(seen);
    }

    private void Name(string clOrdId) => Require(
        "PaperBookSurvives", _names.Add(clOrdId) || !settings.RefusesDuplicates, $"refuses duplicates and takes {clOrdId} twice");

    /// <summary>Only what the connection has stored may be let go.</summary>
    private void CheckSeen(long seen)
    {
        var stored = world.Model.Connection(Connection).LastReport;
        Require("PaperReportsKept", seen <= stored, $"lets reports go up to {seen}; the connection has stored {stored}");
    }

    private void Report(
        long number, ExecType how, string clOrdId, long order, OrderTerms terms, string? reason, DateTimeOffset at, PaperOrderFilled? fill = null)
    {
        Require("PaperBookSurvives", number == _reports.Count + 1, $"numbers a report {number} where {_reports.Count + 1} must stand");
        var cursor = number.ToString(CultureInfo.InvariantCulture);
        _reports.Add(new BrokerReport(
            cursor, $"{ExchangeId.Key}-{cursor}", how, clOrdId, $"P{order}", terms.Symbol, terms.Side, fill?.LastQty ?? 0m, fill?.LastPx ?? 0m,
            fill?.Commission ?? 0m, reason, null, at));
    }

    private PaperOrderModel Working(long number) => _working.GetValueOrDefault(number)
        ?? throw new SimulationFailure("PaperBookSurvives", $"{ExchangeId} speaks of order {number}, which does not work there.");

    /// <summary>The displayed size of a quote is given out once.</summary>
    private void Use(Quote quote, OrderTerms terms, decimal quantity)
    {
        if (!_used.TryGetValue(quote.Symbol, out var all))
        {
            _used.Add(quote.Symbol, all = []);
        }

        var used = UsedOf(quote);
        used = terms.Side == Side.Buy ? used with { Bought = used.Bought + quantity } : used with { Sold = used.Sold + quantity };
        all.RemoveAll(other => MarketModel.IsSame(other.Quote, quote));
        all.Add(used);
        var shown = terms.Side == Side.Buy ? quote.AskSize : quote.BidSize;
        Require(
            "PaperSizeGivenOnce", !settings.UsesDisplayedSize || shown is null || (terms.Side == Side.Buy ? used.Bought : used.Sold) <= shown,
            $"has given out {used.Bought} and {used.Sold} of {quote}, after {string.Join(", ", all.TakeLast(3))}");
    }

    private (Quote Quote, decimal Bought, decimal Sold) UsedOf(Quote quote)
    {
        var all = _used.GetValueOrDefault(quote.Symbol) ?? [];
        return all.FindIndex(used => MarketModel.IsSame(used.Quote, quote)) is >= 0 and var i ? all[i] : (quote, 0m, 0m);
    }

    private decimal PriceOf(PaperOrderModel order, Quote quote)
    {
        var touch = order.Terms.Side == Side.Buy ? quote.Ask : quote.Bid;
        var ticks = order.IsAtMarket && settings.SlippageTicks > 0
            ? Draw(order.Booked.ClOrdId, $"fill{(order.Fills + 1).ToString(CultureInfo.InvariantCulture)}", settings.SlippageTicks + 1)
            : 0;
        return touch + (order.Terms.Side.Sign * ticks * InstrumentCatalog.FindContract(order.Terms.Symbol)!.Instrument.TickSize);
    }

    /// <summary>PROTOCOL 10: from the seed, the ClOrdID and the number of the fill, and from nothing else.</summary>
    private int Draw(string clOrdId, string purpose, int bound) => new Pcg32(settings.Seed, StableHash.Fnv1a64($"{clOrdId}/{purpose}")).Next(bound);

    /// <summary>The quote cannot leave this order as it is.</summary>
    private bool IsMet(PaperOrderModel order, Quote quote)
    {
        var terms = order.Terms;
        if (world.Instruments.ClosedUntil(terms.Symbol, world.Now) is not null || world.Instruments.ClosedUntil(terms.Symbol, quote.At) is not null)
        {
            return false;
        }

        var mayTrade = order.IsAtMarket || (terms.OrdType is OrdType.Limit or OrdType.OneCancelsOther && IsWithin(terms, quote))
            || (terms.OrdType == OrdType.StopLimit && order.IsTriggered && IsWithin(terms, quote));
        return (order is { HasStop: true, IsTriggered: false } && IsReached(terms, quote)) || (mayTrade && (order.IsTriggered || terms.OrdType != OrdType.Stop) && IsShown(terms, quote));
    }

    private bool IsShown(OrderTerms terms, Quote quote)
    {
        var used = UsedOf(quote);
        var (shown, gone) = terms.Side == Side.Buy ? (quote.AskSize, used.Bought) : (quote.BidSize, used.Sold);
        return !settings.UsesDisplayedSize || shown is null || shown - gone >= InstrumentCatalog.FindContract(terms.Symbol)!.Instrument.QuantityStep;
    }

    private static bool IsWithin(OrderTerms terms, Quote quote) => terms.Side == Side.Buy ? quote.Ask <= terms.Price : quote.Bid >= terms.Price;

    private static bool IsReached(OrderTerms terms, Quote quote) => terms.Side == Side.Buy ? quote.Ask >= terms.StopPx : quote.Bid <= terms.StopPx;

    private bool IsKnown(Quote quote, DateTimeOffset from, DateTimeOffset until) =>
        world.Model.Market.Known(quote.Symbol, from, until).Any(known => MarketModel.IsSame(known, quote));

    private void Require(string promise, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure(promise, $"{ExchangeId} {otherwise}.");
        }
    }
}

using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Metrics;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Recorders;

namespace TradeActors.Node.Telemetry;

/// <summary>
/// What an operator counts of the trade itself, from what has been stored and what brokers have answered. docs/metrics.md lists it. Tags are words of
/// the program, never a tenant's: their number is bounded.
/// </summary>
internal sealed class TradeMetrics
{
    public const string MeterName = "TradeActors.Trading";

    private readonly Meter _meter;
    private readonly Counter<long> _signals;
    private readonly Counter<long> _refused;
    private readonly Histogram<int> _fanOutAccounts;
    private readonly Histogram<double> _fanOutDuration;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _intentDuration;
    private readonly Counter<long> _orders;
    private readonly Counter<long> _fills;
    private readonly Counter<long> _halts;
    private readonly Histogram<double> _brokerCalls;
    private readonly Counter<long> _lostSteps;

    private readonly Recent<string, DateTimeOffset> _signalReceived = new(10_000);
    private readonly Recent<(EntityId Account, string ClOrdId), DateTimeOffset> _orderReceived = new(50_000);

    public TradeMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _signals = _meter.CreateCounter<long>("tradeactors.signals", "{signal}", "Signals judged by their recorders.");
        _refused = _meter.CreateCounter<long>("tradeactors.signals.refused", "{signal}", "Signals that their recorders did not trade, by reason.");
        _fanOutAccounts = _meter.CreateHistogram<int>("tradeactors.fanout.accounts", "{account}", "Subscriptions that take part in an accepted signal.");
        _fanOutDuration = _meter.CreateDuration(
            "tradeactors.fanout.duration", "From the receipt of a signal until every account has stored its decision and its orders.");
        _decisions = _meter.CreateCounter<long>("tradeactors.accounts.decisions", "{decision}", "What accounts made of signals.");
        _intentDuration = _meter.CreateDuration(
            "tradeactors.orders.intent.duration", "From the receipt of a signal until the intent of one of its orders is stored and the broker may be called.");
        _orders = _meter.CreateCounter<long>("tradeactors.orders", "{order}", "Orders that have come to a state.");
        _fills = _meter.CreateCounter<long>("tradeactors.fills", "{fill}", "Fills booked by accounts.");
        _halts = _meter.CreateCounter<long>("tradeactors.accounts.halts", "{halt}", "Accounts halted.");
        _brokerCalls = _meter.CreateDuration("tradeactors.broker.call.duration", "Calls to brokers about orders.");
        _lostSteps = _meter.CreateCounter<long>("tradeactors.traces.dropped", "{step}", "Stored steps and broker calls left out of the traces because too many waited.");
    }

    public void Observe(Func<int> ordersAskedFor, Func<int> waitingWrites)
    {
        _meter.CreateObservableGauge("tradeactors.orders.unknown", ordersAskedFor, "{order}", "Orders whose fate at the broker is not known and is being asked for.");
        _meter.CreateObservableGauge("tradeactors.journal.waiting", waitingWrites, "{call}", "Writes that wait for the store.");
    }

    public void TraceDropped() => _lostSteps.Add(1);

    public void Called(in BrokerCall call)
    {
        if (_brokerCalls.Enabled)
        {
            _brokerCalls.Record(
                call.Duration.TotalSeconds, new("broker", call.Broker), new("call", BrokerWords.Of(call.Kind)), new("outcome", BrokerWords.Of(call.Outcome)));
        }
    }

    public void Stored(in StoredStep step)
    {
        foreach (var @event in step.Events)
        {
            switch (@event)
            {
                case SignalAccepted e:
                    _signals.Add(1, new("state", "accepted"), new("source", e.Source));
                    _fanOutAccounts.Record(e.Accounts);
                    _signalReceived.Put(e.SignalId, e.ReceivedAt);
                    break;
                case SignalRefused e:
                    _signals.Add(1, new("state", SignalStates.Word(e.State)), new("source", e.Source));
                    _refused.Add(1, new KeyValuePair<string, object?>("reason", e.Reason));
                    break;
                case FanOutCompleted e when ((RecorderState)step.Before).FanOuts.TryGetValue(e.FanOut, out var fanOut):
                    _fanOutDuration.Record(Seconds(e.At - fanOut.Signal.CountedAt));
                    break;
                case SignalTaken e:
                    _decisions.Add(1, new("outcome", SignalOutcomes.Word(e.Outcome)), new("reason", e.Reason ?? "none"));
                    break;
                case OrderPlanned e:
                    Planned(step.Id, e);
                    break;
                case OrderChanged e:
                    Changed(e.ClOrdId, e.Status, step);
                    break;
                case TradeBooked e:
                    Booked(e, step);
                    break;
                case AccountHalted:
                    _halts.Add(1);
                    break;
                case IntentStored e when _orderReceived.TryGet((e.Account, e.ClOrdId), out var receivedAt):
                    _intentDuration.Record(Seconds(e.At - receivedAt));
                    break;
            }
        }
    }

    private void Planned(EntityId account, OrderPlanned e)
    {
        _orders.Add(1, new("state", OrderStates.Word(OrdStatus.Planned)), new("purpose", PurposeWords.Of(e.Purpose)));
        // What protects is planned when something has filled: that tells nothing about the way of the signal.
        if (e.SignalId is not null && e.Purpose != OrderPurpose.Protection && _intentDuration.Enabled && _signalReceived.TryGet(e.SignalId, out var receivedAt))
        {
            _orderReceived.Put((account, e.ClOrdId), receivedAt);
        }
    }

    private void Changed(string clOrdId, OrdStatus status, in StoredStep step)
    {
        var purpose = ((AccountState)step.Before).Orders.GetValueOrDefault(clOrdId)?.Purpose;
        _orders.Add(1, new("state", status == OrdStatus.Abandoned ? "abandoned" : OrderStates.Word(status)), new("purpose", PurposeWords.Of(purpose)));
    }

    private void Booked(TradeBooked e, in StoredStep step)
    {
        var before = ((AccountState)step.Before).Orders.GetValueOrDefault(e.ClOrdId);
        var purpose = PurposeWords.Of(before?.Purpose);
        _fills.Add(1, new KeyValuePair<string, object?>("purpose", purpose));
        if (before is not null && before.CumQty + e.LastQty >= before.Terms.OrderQty)
        {
            _orders.Add(1, new("state", OrderStates.Word(OrdStatus.Filled)), new("purpose", purpose));
        }
    }

    /// <summary>Two nodes' clocks may differ by a moment.</summary>
    private static double Seconds(TimeSpan span) => Math.Max(0, span.TotalSeconds);
}

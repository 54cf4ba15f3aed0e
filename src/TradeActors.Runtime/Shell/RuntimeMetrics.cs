using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Metrics;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

internal enum AskOutcome { Answered, Left, Unavailable, Parked }

/// <summary>What a node's loops measure, under <see cref="EntityNode.MeterName"/>. docs/metrics.md lists it.</summary>
internal sealed class RuntimeMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<double> _asks;
    private readonly Histogram<double> _appends;
    private readonly Histogram<int> _batches;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _failedDecisions;
    private readonly Counter<long> _failedLoads;
    private readonly Counter<long> _reloads;

    public RuntimeMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(EntityNode.MeterName);
        _asks = _meter.CreateDuration("tradeactors.asks.duration", "From asking an entity to its answer, everything it rests on being stored.");
        _appends = _meter.CreateDuration("tradeactors.journal.append.duration", "From handing a batch to the journal to its outcome.");
        _batches = _meter.CreateHistogram<int>("tradeactors.journal.append.events", "{event}", "Events in one batch.");
        _parked = _meter.CreateCounter<long>("tradeactors.messages.parked", "{message}", "Messages set aside because an entity failed on them again and again.");
        _failedDecisions = _meter.CreateCounter<long>(
            "tradeactors.decisions.failed", "{attempt}", "Attempts at a message on which an entity failed; it is tried again.");
        _failedLoads = _meter.CreateCounter<long>("tradeactors.loads.failed", "{attempt}", "Attempts to load an entity that failed; they are made again.");
        _reloads = _meter.CreateCounter<long>(
            "tradeactors.entities.reloaded", "{entity}", "Entities read back because their append failed or its outcome is not known.");
    }

    public void Observe(Func<long> waitingInputs, Func<int> asksOut, Func<int> loadedEntities)
    {
        _meter.CreateObservableGauge("tradeactors.loops.waiting", waitingInputs, "{input}", "Inputs that wait for the loops.");
        _meter.CreateObservableGauge("tradeactors.asks.waiting", asksOut, "{ask}", "Asks that wait for their answer.");
        _meter.CreateObservableGauge("tradeactors.entities.loaded", loadedEntities, "{entity}", "Entities in memory.");
    }

    public void ObserveCluster(Func<int> ownedShards, Func<bool> isConnected)
    {
        _meter.CreateObservableGauge("tradeactors.cluster.shards", ownedShards, "{shard}", "Shards that this node owns, as it last read the board.");
        _meter.CreateObservableGauge("tradeactors.cluster.connected", () => isConnected() ? 1 : 0, "{connection}", "1 while the message broker can be reached.");
    }

    public void Asked(string kind, object message, AskOutcome outcome, TimeSpan duration)
    {
        if (_asks.Enabled)
        {
            _asks.Record(
                duration.TotalSeconds, new("entity", kind), new("message", message.GetType().Name),
                new("outcome", outcome switch
                {
                    AskOutcome.Answered => "answered",
                    AskOutcome.Left => "left",
                    AskOutcome.Parked => "parked",
                    _ => "unavailable",
                }));
        }
    }

    public void Appended(ImmutableArray<EntityAppend> parts, TimeSpan duration, bool hasFailed)
    {
        if (_appends.Enabled)
        {
            _appends.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", hasFailed ? "failed" : "stored"));
        }

        if (_batches.Enabled)
        {
            _batches.Record(parts.Sum(part => part.Events.Length));
        }
    }

    public void Noticed(CoreNotice notice)
    {
        switch (notice)
        {
            case CoreNotice.MessageParked n:
                _parked.Add(1, new KeyValuePair<string, object?>("entity", n.Id.Kind));
                break;
            case CoreNotice.DecisionFailed n:
                _failedDecisions.Add(1, new KeyValuePair<string, object?>("entity", n.Id.Kind));
                break;
            case CoreNotice.LoadFailed n:
                _failedLoads.Add(1, new KeyValuePair<string, object?>("entity", n.Id.Kind));
                break;
            case CoreNotice.Reloading n:
                _reloads.Add(1, new KeyValuePair<string, object?>("entity", n.Id.Kind));
                break;
        }
    }
}

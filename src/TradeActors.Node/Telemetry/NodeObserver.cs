using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;

namespace TradeActors.Node.Telemetry;

/// <summary>Turns what has been stored, and what brokers have answered, into counters, log lines and traces.</summary>
internal sealed class NodeObserver(TradeMetrics metrics, TradeLog log, SignalTracer traces) : IEntityObserver, IBrokerCallObserver
{
    public void Stored(in StoredStep step)
    {
        metrics.Stored(step);
        log.Stored(step);
        traces.Stored(step);
    }

    public void Called(in BrokerCall call)
    {
        metrics.Called(call);
        traces.Called(call);
    }
}

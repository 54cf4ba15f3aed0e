using System.Diagnostics.Metrics;

namespace TradeActors.Api.Common;

/// <summary>What only the front door sees. docs/metrics.md lists it; requests are counted by the framework's own meters.</summary>
internal sealed class ApiMetrics
{
    public const string MeterName = "TradeActors.Api";

    private readonly Counter<long> _denied;
    private readonly Counter<long> _left;

    public ApiMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _denied = meter.CreateCounter<long>("tradeactors.orders.denied", "{order}", "Orders of persons and programs that a rule refused, by reason.");
        _left = meter.CreateCounter<long>(
            "tradeactors.webhook.left", "{signal}", "Signals stored in an inbox because their recorders could not be reached in time.");
    }

    public void SignalLeft() => _left.Add(1);

    public void OrderDenied(string reason) => _denied.Add(1, new KeyValuePair<string, object?>("reason", reason));
}

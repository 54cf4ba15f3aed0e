using System.Diagnostics.Metrics;

namespace TradeActors.Api.Common;

/// <summary>What only the front door sees. docs/metrics.md lists it; requests are counted by the framework's own meters.</summary>
internal sealed class ApiMetrics
{
    public const string MeterName = "TradeActors.Api";

    private readonly Counter<long> _denied;

    public ApiMetrics(IMeterFactory meters) =>
        _denied = meters.Create(MeterName).CreateCounter<long>("tradeactors.orders.denied", "{order}", "Orders of persons and programs that a rule refused, by reason.");

    public void OrderDenied(string reason) => _denied.Add(1, new KeyValuePair<string, object?>("reason", reason));
}

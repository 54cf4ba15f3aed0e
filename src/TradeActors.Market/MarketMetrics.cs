using System.Diagnostics.Metrics;

namespace TradeActors.Market;

/// <summary>What a pipeline counts, under <see cref="MarketPipeline.MeterName"/>.</summary>
internal sealed class MarketMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _published;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _conflated;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failedDeliveries;
    private readonly Counter<long> _failedSaves;

    public MarketMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MarketPipeline.MeterName);
        _published = _meter.CreateCounter<long>("tradeactors.market.published", "{quote}", "Quotes that the pipeline has taken.");
        _dropped = _meter.CreateCounter<long>("tradeactors.market.dropped", "{quote}", "Quotes refused as invalid, by reason.");
        _conflated = _meter.CreateCounter<long>("tradeactors.market.conflated", "{quote}", "Quotes left out for a slow consumer.");
        _delivered = _meter.CreateCounter<long>("tradeactors.market.delivered", "{quote}", "Quotes that the consumer has taken over.");
        _failedDeliveries = _meter.CreateCounter<long>("tradeactors.market.failed_deliveries", "{delivery}", "Deliveries the consumer failed on.");
        _failedSaves = _meter.CreateCounter<long>("tradeactors.market.failed_saves", "{save}", "Times the last quotes could not be stored.");
    }

    public void Observe(Func<int> queueDepth, Func<int> interests)
    {
        _meter.CreateObservableGauge("tradeactors.market.queue_depth", queueDepth, "{quote}", "Published quotes that wait for the loop.");
        _meter.CreateObservableGauge("tradeactors.market.interests", interests, "{contract}", "Contracts that somebody here has an interest in.");
    }

    public void Published() => _published.Add(1);

    public void Dropped(QuoteDefect defect) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", ReasonOf(defect)));

    public void Delivered(int quotes, int leftOut)
    {
        _delivered.Add(quotes);
        _conflated.Add(leftOut);
    }

    public void DeliveryFailed() => _failedDeliveries.Add(1);

    public void SaveFailed() => _failedSaves.Add(1);

    private static string ReasonOf(QuoteDefect defect) => defect switch
    {
        QuoteDefect.UnknownSymbol => "unknown_symbol",
        QuoteDefect.Crossed => "crossed",
        QuoteDefect.Price => "price",
        QuoteDefect.Size => "size",
        QuoteDefect.Time => "time",
        QuoteDefect.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(defect), defect, "Not a reason to drop a quote."),
    };
}

using System.Diagnostics.Metrics;

namespace TradeActors.Abstractions.Metrics;

/// <summary>Durations as this program measures them: histograms in seconds.</summary>
public static class Durations
{
    /// <summary>From a millisecond to the longest ask. A collector's own bounds would put everything below 5 seconds into one bucket.</summary>
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    public static Histogram<double> CreateDuration(this Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, Buckets);
}

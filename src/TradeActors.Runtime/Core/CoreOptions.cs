namespace TradeActors.Runtime.Core;

/// <summary>Bounds and delays of the runtime core.</summary>
public sealed record CoreOptions
{
    /// <value>128. Fixed for an installation at its first start.</value>
    public int ShardCount { get; init; } = 128;

    /// <summary>An entity without work leaves memory after this.</summary>
    /// <value>2 minutes.</value>
    public TimeSpan PassivateAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Events between two snapshots of an entity; more where its state is so large that each event would cost over 1 KiB of them. It is what a load has to decode at
    /// most, and so bounds how long a fail-over takes: the entities of a dead node are loaded all at once.
    /// </summary>
    /// <value>25.</value>
    public int SnapshotEvery { get; init; } = 25;

    /// <summary>Events in one append; what is beyond waits for the next one.</summary>
    /// <value>4,000.</value>
    public int MaxBatchEvents { get; init; } = 4_000;

    /// <summary>Messages that may wait for one entity before asks are refused.</summary>
    /// <value>10,000.</value>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>First repeat of an unacknowledged send; doubles up to <see cref="ResendAtMost"/>.</summary>
    /// <value>500 ms.</value>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <value>10 s.</value>
    public TimeSpan ResendAtMost { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Acknowledgements ride on the next append; without one they are stored after this.</summary>
    /// <value>200 ms.</value>
    public TimeSpan AckFlushAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a message that makes its entity fail is tried before it is parked.</summary>
    /// <value>3.</value>
    public int AttemptsBeforeParking { get; init; } = 3;

    /// <summary>Wait before the second attempt or load; doubles each time, up to 30 s.</summary>
    /// <value>100 ms.</value>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    internal TimeSpan BackOffFor(int attempt)
    {
        var delay = BackOff * (1 << Math.Min(attempt - 1, 16));
        return delay < TimeSpan.FromSeconds(30) ? delay : TimeSpan.FromSeconds(30);
    }
}

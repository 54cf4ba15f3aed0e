namespace TradeActors.Market;

public enum MarketFeedKind
{
    /// <summary>A seeded, made-up market: <see cref="Feeds.SimulatedFeed"/>.</summary>
    Simulated,
    /// <summary>Nothing but the quotes posted to the ticks endpoint: <see cref="Feeds.ManualFeed"/>.</summary>
    Manual,
    /// <summary>The quotes of a file: <see cref="Feeds.ReplayFeed"/>.</summary>
    Replay,
}

/// <summary>The settings under <c>tradeactors:market</c>.</summary>
public sealed record MarketOptions
{
    /// <value><see cref="MarketFeedKind.Simulated"/>.</value>
    public MarketFeedKind Feed { get; init; } = MarketFeedKind.Simulated;

    /// <summary>Of the simulated market: the same seed, starting prices and clock give the same quotes.</summary>
    /// <value>1.</value>
    public ulong Seed { get; init; } = 1;

    /// <summary>Of the simulated market, over all contracts together; 1 to 100,000.</summary>
    /// <value>20.</value>
    public int QuotesPerSecond { get; init; } = 20;

    /// <summary>Keep the instruments' sessions: simulated quotes pause while a market is closed, and posted ones are refused.</summary>
    /// <value>false.</value>
    public bool SessionHours { get; init; }

    /// <summary>Published quotes that may wait for the pipeline's loop; publishers beyond it wait. At least 1.</summary>
    /// <value>4096.</value>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Needed with <see cref="MarketFeedKind.Replay"/>, else not looked at.</summary>
    /// <value>null.</value>
    public Feeds.ReplayOptions? Replay { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(QuotesPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QuotesPerSecond, 100_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        if (!Enum.IsDefined(Feed))
        {
            throw new ArgumentOutOfRangeException(nameof(Feed), Feed, "Feeds are simulated, manual and replay.");
        }

        if (Feed == MarketFeedKind.Replay)
        {
            (Replay ?? throw new ArgumentOutOfRangeException(nameof(Replay), "A replay needs a file.")).Validate();
        }
    }
}

using TradeActors.Abstractions.Market;

namespace TradeActors.Market.Feeds;

/// <summary>A source of quotes.</summary>
public interface IMarketFeed
{
    /// <summary>As in the settings: <c>simulated</c>, <c>manual</c>, <c>replay</c>.</summary>
    string Name { get; }

    /// <summary>The ticks endpoint may publish beside this feed. If not, it answers that the feed is the one source of prices.</summary>
    bool AcceptsManualQuotes { get; }

    /// <summary>Publishes until cancelled or until it has no more to publish, then returns normally.</summary>
    Task RunAsync(IQuoteQueue queue, CancellationToken ct);
}

/// <summary>A publisher whose quotes can be waited for.</summary>
public interface IQuoteQueue : IQuotePublisher
{
    /// <summary>Completes when the consumers have taken over, or failed on, every quote published before the call.</summary>
    Task DrainedAsync(CancellationToken ct);
}

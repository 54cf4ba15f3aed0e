using TradeActors.Abstractions.Market;

namespace TradeActors.Market.Feeds;

/// <summary>A source of quotes.</summary>
public interface IMarketFeed
{
    /// <summary>As in the settings: <c>simulated</c>, <c>manual</c>.</summary>
    string Name { get; }

    /// <summary>The ticks endpoint may publish beside this feed. If not, it answers that the feed is the one source of prices.</summary>
    bool AcceptsManualQuotes { get; }

    /// <summary>Publishes until cancelled, then returns normally.</summary>
    Task RunAsync(IQuotePublisher publisher, CancellationToken ct);
}

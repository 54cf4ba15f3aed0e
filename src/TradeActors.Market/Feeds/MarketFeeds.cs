using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Market;

namespace TradeActors.Market.Feeds;

public static class MarketFeeds
{
    /// <summary>The feed that the settings name.</summary>
    /// <param name="book">Started, so that it knows the stored quotes: simulated prices go on from there.</param>
    /// <exception cref="ArgumentOutOfRangeException">See <see cref="MarketOptions.Validate"/>.</exception>
    public static IMarketFeed Create(MarketOptions options, IQuoteBook book, TimeProvider time, ILoggerFactory loggers)
    {
        options.Validate();
        return options.Feed switch
        {
            MarketFeedKind.Manual => new ManualFeed(),
            _ => new SimulatedFeed(options, book, time, loggers.CreateLogger<SimulatedFeed>()),
        };
    }
}

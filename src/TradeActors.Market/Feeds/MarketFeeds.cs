using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Market;

namespace TradeActors.Market.Feeds;

public static class MarketFeeds
{
    /// <summary>The feed that the settings name.</summary>
    /// <param name="book">Started, so that it knows the stored quotes: simulated prices go on from there.</param>
    /// <exception cref="ArgumentOutOfRangeException">See <see cref="MarketOptions.Validate"/>.</exception>
    /// <exception cref="FormatException">The file of a replay: see <see cref="ReplayFile.Open"/>, also for further exceptions.</exception>
    public static IMarketFeed Create(MarketOptions options, IQuoteBook book, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers)
    {
        options.Validate();
        return options.Feed switch
        {
            MarketFeedKind.Manual => new ManualFeed(),
            MarketFeedKind.Replay => new ReplayFeed(options.Replay!, time, meters, loggers.CreateLogger<ReplayFeed>()),
            _ => new SimulatedFeed(options, book, time, loggers.CreateLogger<SimulatedFeed>()),
        };
    }
}

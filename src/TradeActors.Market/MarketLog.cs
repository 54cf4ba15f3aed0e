using Microsoft.Extensions.Logging;

namespace TradeActors.Market;

/// <summary>Event ids 4000 to 4099.</summary>
internal static partial class MarketLog
{
    [LoggerMessage(4000, LogLevel.Information, "Market pipeline started with {Quotes} stored quotes.")]
    public static partial void PipelineStarted(this ILogger logger, int quotes);

    [LoggerMessage(4001, LogLevel.Debug, "Quote dropped ({Defect}). {Error}")]
    public static partial void QuoteDropped(this ILogger logger, QuoteDefect defect, string error);

    [LoggerMessage(4002, LogLevel.Error, "The consumer of {Symbol} failed on {Quotes} quotes; they are not delivered again.")]
    public static partial void DeliveryFailed(this ILogger logger, Exception e, string symbol, int quotes);

    [LoggerMessage(4003, LogLevel.Error, "A subscriber failed on a quote of {Symbol}; it gets the next ones.")]
    public static partial void SubscriberFailed(this ILogger logger, Exception e, string symbol);

    [LoggerMessage(4004, LogLevel.Warning, "The last quotes of {Contracts} contracts could not be stored; tried again while the node runs.")]
    public static partial void SaveFailed(this ILogger logger, Exception e, int contracts);

    [LoggerMessage(4005, LogLevel.Information, "The last quotes are stored again.")]
    public static partial void SaveRecovered(this ILogger logger);

    [LoggerMessage(4006, LogLevel.Warning, "{Candles} candles could not be stored; tried again while the node runs.")]
    public static partial void CandlesFailed(this ILogger logger, Exception e, int candles);

    [LoggerMessage(4007, LogLevel.Information, "Candles are stored again.")]
    public static partial void CandlesRecovered(this ILogger logger);

    [LoggerMessage(4010, LogLevel.Information, "Simulated market: {Contracts} contracts, {QuotesPerSecond} quotes a second, seed {Seed}.")]
    public static partial void SimulationStarted(this ILogger logger, int contracts, int quotesPerSecond, ulong seed);

    [LoggerMessage(4011, LogLevel.Information, "Simulated market: the contracts are now {Symbols}.")]
    public static partial void SimulationRolled(this ILogger logger, string symbols);

    [LoggerMessage(4012, LogLevel.Information, "Replay of {File} at speed {Speed}.")]
    public static partial void ReplayStarted(this ILogger logger, string file, double speed);

    [LoggerMessage(4013, LogLevel.Information, "The replay of {File} has ended: {Quotes} quotes published, {BadLines} lines skipped.")]
    public static partial void ReplayEnded(this ILogger logger, string file, long quotes, long badLines);

    [LoggerMessage(4014, LogLevel.Warning, "Line skipped: {Error} Further ones are counted.")]
    public static partial void ReplayLineSkipped(this ILogger logger, string error);
}

using TradeActors.Runtime.Core;

namespace TradeActors.Node.Hosting;

/// <summary>Log lines of the node and its runtime.</summary>
internal static partial class NodeLog
{
    public static void Notice(ILogger log, CoreNotice notice)
    {
        switch (notice)
        {
            case CoreNotice.DecisionFailed n:
                DecisionFailed(log, n.Error, n.Id.ToString(), n.MessageName, n.Attempt);
                break;
            case CoreNotice.MessageParked n:
                MessageParked(log, n.Error, n.Id.ToString(), n.MessageName);
                break;
            case CoreNotice.LoadFailed n:
                LoadFailed(log, n.Id.ToString(), n.Error, n.RetryIn);
                break;
            case CoreNotice.Reloading n:
                Reloading(log, n.Id.ToString(), n.Outcome?.ToString() ?? "not known");
                break;
            case CoreNotice.AppendFailed n:
                AppendFailed(log, n.Error, n.Entities);
                break;
            case CoreNotice.Warned n:
                Warned(log, n.Id.ToString(), n.Text);
                break;
            case CoreNotice.ShardRefused n:
                ShardRefused(log, n.Shard);
                break;
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "{Entity} failed on {Message}, attempt {Attempt}; it is tried again")]
    private static partial void DecisionFailed(ILogger log, Exception error, string entity, string message, int attempt);

    [LoggerMessage(1002, LogLevel.Error, "{Entity} failed on {Message} for the last time: the message is parked, later ones go on")]
    private static partial void MessageParked(ILogger log, Exception error, string entity, string message);

    [LoggerMessage(1003, LogLevel.Error, "{Entity} cannot be loaded: {Error}; next try in {RetryIn}")]
    private static partial void LoadFailed(ILogger log, string entity, string error, TimeSpan retryIn);

    [LoggerMessage(1004, LogLevel.Warning, "{Entity} is read back from the journal, append outcome {Outcome}")]
    private static partial void Reloading(ILogger log, string entity, string outcome);

    [LoggerMessage(1005, LogLevel.Error, "An append of {Entities} entities failed")]
    private static partial void AppendFailed(ILogger log, Exception error, int entities);

    [LoggerMessage(1006, LogLevel.Warning, "Shard {Shard} has been taken by another node")]
    private static partial void ShardRefused(ILogger log, int shard);

    [LoggerMessage(1007, LogLevel.Warning, "{Entity}: {Warning}")]
    private static partial void Warned(ILogger log, string entity, string warning);

    [LoggerMessage(1010, LogLevel.Information, "Node {Node} serves on {Address}, data in {Place}")]
    public static partial void Started(ILogger log, string node, string address, string place);

    [LoggerMessage(1011, LogLevel.Information, "Node {Node} has stopped")]
    public static partial void Stopped(ILogger log, string node);

    [LoggerMessage(1014, LogLevel.Error, "What has been kept long enough could not be removed; it is tried again in an hour")]
    public static partial void TidyFailed(ILogger log, Exception error);

    [LoggerMessage(1015, LogLevel.Warning, "The equity of accounts cannot be read or stored; tried again every second")]
    public static partial void EquityFailed(ILogger log, Exception error);

    [LoggerMessage(1016, LogLevel.Warning, "PostgreSQL cannot be reached ({Trouble}). The node waits for it and tries again every {Seconds} s: is the server up, and ConnectionStrings:Postgres right?")]
    public static partial void WaitingForStore(ILogger log, string trouble, double seconds);

    [LoggerMessage(1017, LogLevel.Information, "PostgreSQL is there: the node starts")]
    public static partial void StoreIsThere(ILogger log);

    [LoggerMessage(1018, LogLevel.Error, "PostgreSQL does not answer ({Trouble}): nothing is taken in until it does")]
    public static partial void StoreLost(ILogger log, string trouble);

    [LoggerMessage(1019, LogLevel.Information, "PostgreSQL answers again")]
    public static partial void StoreBack(ILogger log);

    [LoggerMessage(1020, LogLevel.Error, "A span could not be made; the next ones are")]
    public static partial void SpanFailed(ILogger log, Exception error);

    [LoggerMessage(1021, LogLevel.Information, "Traces, metrics and log lines go to {Collector}, {Ratio:P0} of the traces")]
    public static partial void TelemetryStarted(ILogger log, string collector, double ratio);

    [LoggerMessage(1022, LogLevel.Warning, "Traces, metrics or log lines could not be sent ({Trouble}); trading goes on. Is the collector at {Collector} up?")]
    public static partial void TelemetryTrouble(ILogger log, string trouble, string collector);

    [LoggerMessage(1013, LogLevel.Critical, "A loop of the runtime has failed: the node stops. Everything stored is safe; start it again")]
    public static partial void LoopFailed(ILogger log, Exception? error);

    [LoggerMessage(1012, LogLevel.Error, "The market feed {Feed} has ended unexpectedly")]
    public static partial void FeedEnded(ILogger log, Exception error, string feed);
}

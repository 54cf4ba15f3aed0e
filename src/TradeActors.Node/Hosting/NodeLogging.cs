using Microsoft.Extensions.Logging.Console;
using TradeActors.Node.Telemetry;

namespace TradeActors.Node.Hosting;

/// <summary>Where log lines go, and which ones never do.</summary>
internal static class NodeLogging
{
    private const string Framework = "Microsoft.AspNetCore";

    public static void Configure(ILoggingBuilder logging, bool asJson, TelemetrySettings telemetry, string node)
    {
        if (asJson)
        {
            logging.ClearProviders().AddJsonConsole();
        }

        // The loops log: a reader of the output that has stopped must not stop them. What is left out is counted in the output.
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        TelemetryExport.AddLogs(logging, telemetry, node);
        logging.AddFilter(Framework, LogLevel.Warning);
        logging.AddFilter($"{Framework}.DataProtection", LogLevel.Error); // The key ring is sealed, or lies in the data directory, which is the owner's alone.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // A failed start is told in one sentence instead.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.Services.PostConfigure<LoggerFilterOptions>(HoldTheFrameworkDown);
    }

    /// <summary>
    /// The framework's request lines hold paths and queries, and so webhook tokens and access tokens: no setting (<c>Logging:LogLevel:…</c>) can turn
    /// them on.
    /// </summary>
    private static void HoldTheFrameworkDown(LoggerFilterOptions options)
    {
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            if (rule.CategoryName?.StartsWith(Framework, StringComparison.OrdinalIgnoreCase) == true && (rule.LogLevel ?? LogLevel.Trace) < LogLevel.Warning)
            {
                options.Rules[i] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, LogLevel.Warning, rule.Filter);
            }
        }
    }
}

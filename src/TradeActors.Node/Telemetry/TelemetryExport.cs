using System.Diagnostics.Tracing;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TradeActors.Node.Hosting;

namespace TradeActors.Node.Telemetry;

/// <summary>Sends traces and metrics of this process to a collector, in batches and behind everything else's back: trading never waits for it.</summary>
/// <remarks>
/// Only this program's own activity sources are listened to. The framework's would record request paths, and a webhook's path is its secret.
/// </remarks>
internal sealed class TelemetryExport : IDisposable
{
    /// <summary>Spans that wait to be sent. The SDK's 2,048 would not hold one signal to 1,000 accounts.</summary>
    private const int SpansWaiting = 65_536;

    /// <summary>The framework's meters: requests, connections, limits, and the runtime itself. Their tags hold route templates, never paths.</summary>
    private static readonly string[] FrameworkMeters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.RateLimiting", "System.Runtime",
    ];

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;
    private readonly TroubleListener _trouble;

    private TelemetryExport(TelemetrySettings settings, string node, ILogger log)
    {
        var resource = ResourceOf(node);
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            // By the trace's id and not by the parent: what a caller sends along decides nothing, and all stages of a signal decide alike.
            .SetSampler(new TraceIdRatioBasedSampler(settings.SampleRatio))
            .AddSource("TradeActors.*")
            .AddOtlpExporter(options => Configure(options, settings, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("TradeActors.*")
            .AddMeter(FrameworkMeters)
            .AddOtlpExporter(options => Configure(options, settings, "v1/metrics"))
            .Build();
        _trouble = new TroubleListener(log, CollectorOf(settings));
        NodeLog.TelemetryStarted(log, CollectorOf(settings), settings.SampleRatio);
    }

    /// <returns>Null when no collector is set.</returns>
    public static TelemetryExport? Start(TelemetrySettings settings, string node, ILoggerFactory loggers) =>
        settings.IsOn ? new TelemetryExport(settings, node, loggers.CreateLogger<TelemetryExport>()) : null;

    /// <summary>Adds the collector to the places that log lines go to.</summary>
    public static void AddLogs(ILoggingBuilder logging, TelemetrySettings settings, string node)
    {
        if (settings.IsOn)
        {
            logging.AddOpenTelemetry(options =>
            {
                options.SetResourceBuilder(ResourceOf(node));
                options.IncludeFormattedMessage = true;
                options.IncludeScopes = false; // The framework's scopes hold request paths.
                options.AddOtlpExporter(exporter => Configure(exporter, settings, "v1/logs"));
            });
        }
    }

    /// <summary>Sends what waits, for at most some seconds, and ends.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _trouble.Dispose();
    }

    private static ResourceBuilder ResourceOf(string node) => ResourceBuilder.CreateEmpty()
        .AddService("tradeactors", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: node)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector(); // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.

    private static void Configure(OtlpExporterOptions options, TelemetrySettings settings, string path)
    {
        if (settings.Protocol is { } protocol)
        {
            options.Protocol = protocol;
        }

        if (settings.EndpointOf(path) is { } endpoint)
        {
            options.Endpoint = endpoint;
        }

        if (options.BatchExportProcessorOptions is { } batches)
        {
            batches.MaxQueueSize = Math.Max(batches.MaxQueueSize, SpansWaiting);
        }
    }

    private static string CollectorOf(TelemetrySettings settings) => settings.Endpoint?.AbsoluteUri ?? "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The exporter keeps its failures to itself, except for whoever listens: one log line a minute at most, without what it says beside the name.</summary>
    private sealed class TroubleListener(ILogger log, string collector) : EventListener
    {
        private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
        private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

        private long? _lastTold;

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == Exporter)
            {
                EnableEvents(eventSource, EventLevel.Error);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (_lastTold is not { } last || TimeProvider.System.GetElapsedTime(last) >= Pause)
            {
                _lastTold = TimeProvider.System.GetTimestamp();
                NodeLog.TelemetryTrouble(log, eventData.EventName ?? "no reason given", collector);
            }
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Api.Tests.Support;
using TradeActors.Node.Hosting;
using TradeActors.Node.Telemetry;

namespace TradeActors.Api.Tests.Telemetry;

/// <summary>Nodes whose traces, metrics and log lines are sent as Program.cs has them sent, and whose log lines are kept beside.</summary>
internal sealed class Watched : IDisposable
{
    private readonly TelemetrySettings _settings;
    private readonly TelemetryExport _export;

    public Watched(Uri collector, bool overGrpc)
    {
        _settings = TelemetrySettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["tradeactors:telemetry:otlp-endpoint"] = collector.AbsoluteUri,
            ["tradeactors:telemetry:protocol"] = overGrpc ? "grpc" : "http",
        }).Build());
        _export = TelemetryExport.Start(_settings, "watched", NullLoggerFactory.Instance)!;
    }

    public CapturedLog Log { get; } = new();

    public Task<TestNode> StartNodeAsync(string dataDirectory) => TestNode.StartAsync(dataDirectory, build: Build);

    /// <summary>Sends what waits.</summary>
    public void Dispose()
    {
        _export.Dispose();
        Log.Dispose();
    }

    // An operator who wants to see everything.
    private void Build(WebApplicationBuilder builder)
    {
        builder.Configuration["Logging:LogLevel:Default"] = "Trace";
        builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace";
        builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace";
        builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore.Routing"] = "Trace";
        NodeLogging.Configure(builder.Logging, asJson: false, _settings, "watched");
        builder.Logging.AddProvider(Log);
    }
}

using OpenTelemetry.Exporter;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Telemetry;

/// <summary>Where traces, metrics and log lines are sent, checked. The standard OTEL_* variables fill in what is not set here.</summary>
/// <param name="Endpoint">The collector's address, the same for all three; null leaves it to OTEL_EXPORTER_OTLP_ENDPOINT.</param>
/// <param name="Protocol">Null leaves it to OTEL_EXPORTER_OTLP_PROTOCOL, and without that to gRPC.</param>
/// <param name="SampleRatio">Of the traces, 0 to 1. Decided by the trace's id, so every node keeps the same ones.</param>
internal sealed record TelemetrySettings(bool IsOn, Uri? Endpoint, OtlpExportProtocol? Protocol, double SampleRatio)
{
    private const string StandardEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <exception cref="SettingException">A value is not understood.</exception>
    public static TelemetrySettings Read(IConfigurationRoot configuration) => Read(SettingValues.Read(configuration, KnownSettings.All), configuration);

    /// <param name="configuration">For the standard variables.</param>
    public static TelemetrySettings Read(SettingValues values, IConfiguration configuration)
    {
        var endpoint = values.Of(KnownSettings.OtlpEndpoint) is { } address ? new Uri(address) : null;
        var isOn = (endpoint is not null || !string.IsNullOrEmpty(configuration[StandardEndpoint]))
            && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        OtlpExportProtocol? protocol = values.Of(KnownSettings.OtlpProtocol) switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http" => OtlpExportProtocol.HttpProtobuf,
            _ => null,
        };
        return new TelemetrySettings(isOn, endpoint, protocol, values.Of(KnownSettings.SampleRatio));
    }

    /// <summary>The address of one signal: over HTTP each has a path of its own.</summary>
    /// <param name="path">v1/traces, v1/metrics or v1/logs.</param>
    public Uri? EndpointOf(string path) => Endpoint is { } endpoint && Protocol == OtlpExportProtocol.HttpProtobuf
        ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}")
        : Endpoint;
}

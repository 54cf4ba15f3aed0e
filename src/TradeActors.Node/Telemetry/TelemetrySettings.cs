using System.Globalization;
using OpenTelemetry.Exporter;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Telemetry;

/// <summary>Where traces, metrics and log lines are sent, checked. The standard OTEL_* variables fill in what is not set here.</summary>
/// <param name="Endpoint">The collector's address, the same for all three; null leaves it to OTEL_EXPORTER_OTLP_ENDPOINT.</param>
/// <param name="Protocol">Null leaves it to OTEL_EXPORTER_OTLP_PROTOCOL, and without that to gRPC.</param>
/// <param name="SampleRatio">Of the traces, 0 to 1. Decided by the trace's id, so every node keeps the same ones.</param>
internal sealed record TelemetrySettings(bool IsOn, Uri? Endpoint, OtlpExportProtocol? Protocol, double SampleRatio)
{
    private const string EndpointKey = "tradeactors:telemetry:otlp-endpoint";
    private const string ProtocolKey = "tradeactors:telemetry:protocol";
    private const string RatioKey = "tradeactors:telemetry:sample-ratio";
    private const string StandardEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <exception cref="SettingException">A value is not understood.</exception>
    public static TelemetrySettings Read(IConfiguration configuration)
    {
        var endpoint = ReadEndpoint(configuration[EndpointKey]);
        var isOn = (endpoint is not null || !string.IsNullOrEmpty(configuration[StandardEndpoint]))
            && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new TelemetrySettings(isOn, endpoint, ReadProtocol(configuration[ProtocolKey]), ReadRatio(configuration[RatioKey]));
    }

    /// <summary>The address of one signal: over HTTP each has a path of its own.</summary>
    /// <param name="path">v1/traces, v1/metrics or v1/logs.</param>
    public Uri? EndpointOf(string path) => Endpoint is { } endpoint && Protocol == OtlpExportProtocol.HttpProtobuf
        ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}")
        : Endpoint;

    // The address is repeated in log lines, so a secret may not be part of it; and neither is it repeated here.
    private static Uri? ReadEndpoint(string? text) => string.IsNullOrEmpty(text) ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address is { UserInfo: "", Query: "", Fragment: "" } ? address
        : throw new SettingException(
            $"{EndpointKey} must be an address such as http://127.0.0.1:4317, without user, password or query. Credentials go into OTEL_EXPORTER_OTLP_HEADERS.");

    private static OtlpExportProtocol? ReadProtocol(string? text) => text?.ToLowerInvariant() switch
    {
        null => null,
        "grpc" => OtlpExportProtocol.Grpc,
        "http" => OtlpExportProtocol.HttpProtobuf,
        _ => throw new SettingException($"{ProtocolKey} = '{text}' is not known. Use grpc or http."),
    };

    private static double ReadRatio(string? text) => text is null ? 1
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio
        : throw new SettingException($"{RatioKey} = '{text}' must be a number from 0 to 1, such as 0.1.");
}

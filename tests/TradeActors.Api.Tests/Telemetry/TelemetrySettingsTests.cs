using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using TradeActors.Node.Configuration;
using TradeActors.Node.Telemetry;
using Xunit;

namespace TradeActors.Api.Tests.Telemetry;

public sealed class TelemetrySettingsTests
{
    [Fact]
    public void Off_without_an_endpoint() => Assert.False(Read().IsOn);

    [Fact]
    public void The_standard_variable_turns_it_on_and_leaves_the_address_to_the_exporter()
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"));
        Assert.Equal((true, null, null, 1d), (settings.IsOn, settings.Endpoint, settings.Protocol, settings.SampleRatio));
    }

    [Fact]
    public void The_standard_switch_turns_everything_off() =>
        Assert.False(Read(("tradeactors:telemetry:otlp-endpoint", "http://127.0.0.1:4317"), ("OTEL_SDK_DISABLED", "true")).IsOn);

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http", "http://127.0.0.1:4318/v1/traces")]
    [InlineData("https://collect.example/otlp/", "http", "https://collect.example/otlp/v1/traces")]
    [InlineData("http://127.0.0.1:4317", "grpc", "http://127.0.0.1:4317/")]
    public void Over_http_each_signal_has_its_path(string endpoint, string protocol, string expected)
    {
        var settings = Read(("tradeactors:telemetry:otlp-endpoint", endpoint), ("tradeactors:telemetry:protocol", protocol));
        Assert.Equal(expected, settings.EndpointOf("v1/traces")!.AbsoluteUri);
        Assert.Equal(protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, settings.Protocol);
    }

    [Theory]
    [InlineData("tradeactors:telemetry:otlp-endpoint", "127.0.0.1:4317")]
    [InlineData("tradeactors:telemetry:otlp-endpoint", "ftp://127.0.0.1")]
    [InlineData("tradeactors:telemetry:otlp-endpoint", "http://user:hidden@127.0.0.1:4317")]
    [InlineData("tradeactors:telemetry:otlp-endpoint", "http://127.0.0.1:4317?key=hidden")]
    [InlineData("tradeactors:telemetry:protocol", "udp")]
    [InlineData("tradeactors:telemetry:sample-ratio", "1.5")]
    [InlineData("tradeactors:telemetry:sample-ratio", "NaN")]
    [InlineData("tradeactors:telemetry:sample-ratio", "some")]
    public void A_value_that_cannot_be_used_is_refused_by_name(string key, string value)
    {
        var error = Assert.Throws<SettingException>(() => Read((key, value)));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error.Message, StringComparison.Ordinal);
    }

    private static TelemetrySettings Read(params (string Key, string Value)[] settings) => TelemetrySettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
}

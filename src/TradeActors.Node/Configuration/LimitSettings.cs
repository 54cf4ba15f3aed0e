using System.Net;
using TradeActors.Api.Common;

namespace TradeActors.Node.Configuration;

/// <summary>The keys below <c>tradeactors:limits</c>.</summary>
internal static class LimitSettings
{
    private const string Root = "tradeactors:limits";

    /// <exception cref="SettingException">A value is not understood.</exception>
    public static void Apply(IConfiguration configuration, LimitOptions limits)
    {
        limits.Enabled = NodeSettings.Flag(configuration, $"{Root}:enabled", limits.Enabled);
        limits.SignalsPerSecond = NodeSettings.Number(configuration, $"{Root}:signals-per-second", limits.SignalsPerSecond, 1, 1_000_000);
        limits.SignalBurst = NodeSettings.Number(configuration, $"{Root}:signal-burst", limits.SignalBurst, 1, 1_000_000);
        limits.RequestsPerSecond = NodeSettings.Number(configuration, $"{Root}:requests-per-second", limits.RequestsPerSecond, 1, 1_000_000);
        limits.RequestBurst = NodeSettings.Number(configuration, $"{Root}:request-burst", limits.RequestBurst, 1, 1_000_000);
        limits.LogInsPerMinute = NodeSettings.Number(configuration, $"{Root}:log-ins-per-minute", limits.LogInsPerMinute, 1, 1_000_000);
        limits.LargestBody = NodeSettings.Number(configuration, $"{Root}:largest-body", (int)limits.LargestBody, 65_536, 1_073_741_824);
        limits.LargestHeader = NodeSettings.Number(configuration, $"{Root}:largest-header", limits.LargestHeader, 1_024, 1_048_576);
        limits.Connections = NodeSettings.Number(configuration, $"{Root}:connections", limits.Connections, 10, 1_000_000);
        limits.HeaderTimeout = Seconds(configuration, $"{Root}:header-seconds", limits.HeaderTimeout);
        limits.WebhookTimeout = Seconds(configuration, $"{Root}:webhook-seconds", limits.WebhookTimeout);
        limits.TrustedProxies = Proxies(configuration.GetSection($"{Root}:trusted-proxies"));
    }

    private static TimeSpan Seconds(IConfiguration configuration, string key, TimeSpan standard) =>
        TimeSpan.FromSeconds(NodeSettings.Number(configuration, key, (int)standard.TotalSeconds, 1, 3600));

    /// <summary>A list, or one text with commas; an address alone stands for itself.</summary>
    private static IPNetwork[] Proxies(IConfigurationSection setting)
    {
        var texts = setting.Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [.. setting.GetChildren().Select(child => child.Value ?? "")];
        return [.. texts.Select(text => Proxy(text, setting.Path))];
    }

    private static IPNetwork Proxy(string text, string key) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new SettingException($"{key} holds '{text}', which is neither an address nor a network. Write 10.0.0.7 or 10.0.0.0/24.");
}

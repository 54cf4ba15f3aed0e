using System.Net;
using TradeActors.Api.Common;

namespace TradeActors.Node.Configuration;

/// <summary>The keys below <c>tradeactors:limits</c>.</summary>
internal static class LimitSettings
{
    public static void Apply(SettingValues values, LimitOptions limits)
    {
        limits.Enabled = values.Of(KnownSettings.LimitsEnabled);
        limits.SignalsPerSecond = values.Of(KnownSettings.SignalsPerSecond);
        limits.SignalBurst = values.Of(KnownSettings.SignalBurst);
        limits.RequestsPerSecond = values.Of(KnownSettings.RequestsPerSecond);
        limits.RequestBurst = values.Of(KnownSettings.RequestBurst);
        limits.LogInsPerMinute = values.Of(KnownSettings.LogInsPerMinute);
        limits.LargestBody = values.Of(KnownSettings.LargestBody);
        limits.LargestHeader = values.Of(KnownSettings.LargestHeader);
        limits.Connections = values.Of(KnownSettings.Connections);
        limits.HeaderTimeout = TimeSpan.FromSeconds(values.Of(KnownSettings.HeaderSeconds));
        limits.WebhookTimeout = TimeSpan.FromSeconds(values.Of(KnownSettings.WebhookSeconds));
        limits.TrustedProxies = [.. values.Of(KnownSettings.TrustedProxies).Select(NetworkOf)];
    }

    /// <summary>An address alone stands for itself.</summary>
    private static IPNetwork NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network : new IPNetwork(IPAddress.Parse(text), IPAddress.Parse(text).GetAddressBytes().Length * 8);
}

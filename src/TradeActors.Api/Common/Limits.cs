using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TradeActors.Api.Common;

/// <summary>What one sender, user or connection may take up. A node counts for itself.</summary>
public sealed class LimitOptions
{
    /// <summary>Whether the rates below are kept. Sizes and time-outs always are.</summary>
    /// <value>true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Per webhook token.</summary>
    /// <value>50.</value>
    public int SignalsPerSecond { get; set; } = 50;

    /// <value>200.</value>
    public int SignalBurst { get; set; } = 200;

    /// <summary>Per user or API key; per address where nobody is logged in.</summary>
    /// <value>100.</value>
    public int RequestsPerSecond { get; set; } = 100;

    /// <value>500.</value>
    public int RequestBurst { get; set; } = 500;

    /// <summary>Log-ins, registrations and the like, per address, and per user for passwords and codes. As many at once as in a minute.</summary>
    /// <value>20.</value>
    public int LogInsPerMinute { get; set; } = 20;

    /// <summary>Largest body of a request, bytes. Webhooks have their own, 64 KiB.</summary>
    /// <value>4 MiB.</value>
    public long LargestBody { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest header of a request, bytes.</summary>
    /// <value>16 KiB.</value>
    public int LargestHeader { get; set; } = 16 * 1024;

    /// <summary>Connections that are open at one time.</summary>
    /// <value>10,000.</value>
    public int Connections { get; set; } = 10_000;

    /// <summary>How long a client may take for the header of a request.</summary>
    /// <value>10 s.</value>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a sender may take for the body of a webhook.</summary>
    /// <value>10 s.</value>
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Addresses and networks (CIDR) of proxies whose X-Forwarded-For, -Proto and -Host are believed.</summary>
    /// <value>None: the address is that of the connection.</value>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; set; } = [];
}

/// <summary>Rates, sizes and time-outs, by the framework's own parts.</summary>
internal static class Limits
{
    public const string Webhook = "webhook";
    public const string Caller = "caller";
    public const string LogIn = "log-in";

    public static void AddTo(IServiceCollection services)
    {
        services.AddRateLimiter(options =>
        {
            options.AddPolicy(Webhook, context => Bucket(
                context, context.Request.RouteValues["token"]?.ToString() ?? "", limits => (limits.SignalBurst, limits.SignalsPerSecond, TimeSpan.FromSeconds(1))));
            options.AddPolicy(Caller, context => Bucket(
                context, CallerOf(context), limits => (limits.RequestBurst, limits.RequestsPerSecond, TimeSpan.FromSeconds(1))));
            options.AddPolicy(LogIn, context => Bucket(
                context, CallerOf(context), limits => (limits.LogInsPerMinute, limits.LogInsPerMinute, TimeSpan.FromMinutes(1))));
            options.OnRejected = (context, _) => new ValueTask(RejectAsync(context));
        });
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<ApiOptions>>((timeouts, api) => timeouts.AddPolicy(
            Webhook, new RequestTimeoutPolicy
            {
                Timeout = api.Value.Limits.WebhookTimeout,
                TimeoutStatusCode = StatusCodes.Status408RequestTimeout,
                WriteTimeoutResponse = context => BareStatus.ProblemOf(StatusCodes.Status408RequestTimeout).WriteAsync(context),
            }));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ApiOptions>>((server, api) => Apply(api.Value.Limits, server));
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ApiOptions>>((forwarded, api) => Apply(api.Value.Limits, forwarded));
    }

    /// <summary>First of all, so that whatever looks at the address sees the client's.</summary>
    public static void UseProxies(IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<IOptions<ApiOptions>>().Value.Limits.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }
    }

    private static void Apply(LimitOptions limits, KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = limits.LargestBody;
        server.Limits.MaxRequestHeadersTotalSize = limits.LargestHeader;
        server.Limits.MaxRequestHeaderCount = 64;
        server.Limits.MaxConcurrentConnections = limits.Connections;
        server.Limits.MaxConcurrentUpgradedConnections = limits.Connections;
        server.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
    }

    private static void Apply(LimitOptions limits, ForwardedHeadersOptions forwarded)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        forwarded.ForwardLimit = null; // As many proxies as are trusted; the first that is not is the client.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in limits.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(proxy);
        }
    }

    private static RateLimitPartition<string> Bucket(HttpContext context, string key, Func<LimitOptions, (int Burst, int Tokens, TimeSpan Period)> rate)
    {
        var limits = context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.Limits;
        if (!limits.Enabled)
        {
            return RateLimitPartition.GetNoLimiter("");
        }

        var (burst, tokens, period) = rate(limits);
        return RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = period,
            QueueLimit = 0,
        });
    }

    private static string CallerOf(HttpContext context) =>
        Common.Caller.Of(context.User) is { } caller ? caller.KeyId ?? caller.UserId : context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static Task RejectAsync(OnRejectedContext context)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, Math.Ceiling(after.TotalSeconds)) : 1;
        context.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        return new ApiProblemException(
            StatusCodes.Status429TooManyRequests, "TooManyRequests", "Too many requests",
            string.Create(CultureInfo.InvariantCulture, $"Send it again in {wait} s, and fewer at once from then on.")).WriteAsync(context.HttpContext);
    }
}

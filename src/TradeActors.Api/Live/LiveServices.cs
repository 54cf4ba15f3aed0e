using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;

namespace TradeActors.Api.Live;

/// <summary>Live updates: the hub and the tickers.</summary>
internal static class LiveServices
{
    private const string HubPath = "/hubs/live";
    internal const string TokenParameter = "access_token";

    /// <summary>Largest message of a client, bytes: a subscription to everything that one may watch, positions included, has about 60,000.</summary>
    private const int MostReceived = 128 * 1024;

    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        services.AddSingleton<LiveTopics>();
        services.AddSingleton<QuoteFeeds>();
        services.AddSingleton<Snapshots>();
        services.AddSingleton<LiveConnections>();
        services.AddSingleton<LiveMetrics>();
        services.AddSingleton<LiveParts>();
        services.AddHostedService<LiveHeartbeat>();
        services.AddSingleton<HubLifetimeManager<LiveHub>, LiveLifetimes>();
        services.AddSignalR(options => options.MaximumReceiveMessageSize = MostReceived)
            .AddHubOptions<LiveHub>(options => options.AddFilter<LiveErrors>())
            .AddJsonProtocol(options => ApiServices.Configure(options.PayloadSerializerOptions));
        services.PostConfigure<BearerTokenOptions>(BearerTokenDefaults.AuthenticationScheme, TakeTokenFromQuery);
        return services;
    }

    public static WebApplication MapLive(this WebApplication app)
    {
        app.UseWebSockets();
        app.Use(CheckOriginAsync);
        app.MapHub<LiveHub>(HubPath, options =>
        {
            options.CloseOnAuthenticationExpiration = true;
            options.TransportSendTimeout = TimeSpan.FromMinutes(1); // A slow client is given up later than it would be by default: what waits for it is bounded.
            options.WebSockets.CloseTimeout = TimeSpan.FromSeconds(1); // Of the node's six seconds to stop.
        });
        TickerRoutes.Map(app);
        return app;
    }

    /// <summary>A browser cannot give a WebSocket a header, so there the token may stand in the address. It is taken out at once: nothing later can log it.</summary>
    private static void TakeTokenFromQuery(BearerTokenOptions options)
    {
        var before = options.Events.OnMessageReceived;
        options.Events.OnMessageReceived = async context =>
        {
            await before(context).ConfigureAwait(false);
            var request = context.Request;
            if (IsLive(request) && request.Query[TokenParameter] is [{ } token])
            {
                request.QueryString = new QueryBuilder(request.Query.Where(parameter => parameter.Key != TokenParameter)).ToQueryString();
                context.Token ??= request.Headers.Authorization.Count == 0 ? token : null;
            }
        };
    }

    /// <summary>WebSockets know no same-origin rule: a strange page must not speak with the cookies of whoever looks at it. A program sends no Origin.</summary>
    private static Task CheckOriginAsync(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        var options = context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value;
        return origin.Length == 0 || !IsLive(context.Request) || Origins.IsOurs(origin, context.Request, options)
            ? next(context)
            : throw new ApiProblemException(
                StatusCodes.Status403Forbidden, "OriginNotAllowed", "Not allowed", $"Pages of '{origin}' may not connect. The operator can add it to tradeactors:allowed-origins.");
    }

    internal static bool IsLive(HttpRequest request) => request.Path.StartsWithSegments("/hubs") || request.Path.StartsWithSegments("/ws");
}

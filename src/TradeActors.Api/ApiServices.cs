using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Accounts;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;
using TradeActors.Api.Health;
using TradeActors.Api.Live;
using TradeActors.Api.Market;
using TradeActors.Api.OpenApi;
using TradeActors.Api.Operators;
using TradeActors.Api.Recorders;
using TradeActors.Api.Udf;
using TradeActors.Api.Webhooks;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api;

/// <summary>Settings of the front door.</summary>
public sealed class ApiOptions
{
    /// <summary>Who may make a new tenant.</summary>
    /// <value>Open.</value>
    public Registration Registration { get; set; } = Registration.Open;

    /// <summary>The address under which the world reaches this front door, for webhook URLs; null takes the request's own.</summary>
    /// <value>null.</value>
    public string? PublicAddress { get; set; }

    /// <summary>Origins, besides this front door's own, whose pages may open live connections: <c>https://desk.example</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    public LimitOptions Limits { get; } = new();
}

public enum Registration
{
    Open,
    /// <summary>Anybody, but nobody of the tenant can log in until the operator has let it in. The installation's first user needs no approval.</summary>
    Approval,
    Closed,
}

/// <summary>
/// The front door: routes, authentication, errors. The host supplies the ports of the abstractions that endpoints ask for, <c>INodeReadiness</c>,
/// <c>IClusterStatus</c> and <c>TimeProvider</c>.
/// </summary>
public static class ApiServices
{
    public static IServiceCollection AddTradeActorsApi(this IServiceCollection services, Action<ApiOptions> configure)
    {
        services.Configure(configure);
        services.AddSingleton<IIdSource, RandomIds>();
        services.AddSingleton<Audit>();
        services.AddSingleton<WebhookGuard>();
        services.AddSingleton<ApiMetrics>();
        services.ConfigureHttpJsonOptions(options => Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddDataProtection().SetApplicationName("TradeActors");
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(
            options => options.XmlRepository = provider.GetRequiredService<KeyRing>()));
        Authentication.AddTo(services);
        Policies.Add(services.AddAuthorizationBuilder());
        Limits.AddTo(services);
        services.AddLive();
        services.AddTradeActorsOpenApi();
        return services;
    }

    public static WebApplication UseTradeActorsApi(this WebApplication app)
    {
        Limits.UseProxies(app);
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => BareStatus.ProblemOf(context.HttpContext.Response.StatusCode).WriteAsync(context.HttpContext));
        // Before authorization, which would ask a reader of the page for a token: it is no endpoint that could be anonymous.
        app.UseSwaggerUI(options =>
        {
            options.SwaggerEndpoint("/openapi/v1.json", "TradeActors API v1");
            options.RoutePrefix = "openapi";
        });
        KeyRing.Use(app);
        app.UseAuthentication();
        Authentication.Use(app);
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseRequestTimeouts();
        app.MapOpenApi().AllowAnonymous();
        app.MapLive();
        WebhookRoutes.Map(app);
        HealthRoutes.Map(app);
        var api = app.MapGroup("/api/v1").RequireRateLimiting(Limits.Caller).AddEndpointFilter(app.Services.GetRequiredService<Audit>());
        AuthRoutes.Map(api);
        MeRoutes.Map(api);
        UserRoutes.Map(api);
        ApiKeyRoutes.Map(api);
        Audit.Map(api);
        AccountRoutes.Map(api);
        RecorderRoutes.Map(api);
        MarketRoutes.Map(api);
        OperatorRoutes.Map(api);
        OperationRoutes.Map(api);
        TenantRoutes.Map(api);
        UdfRoutes.Map(app);
        return app;
    }

    internal static void Configure(JsonSerializerOptions json)
    {
        json.Converters.Add(new CamelCaseEnumConverter());
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.RespectNullableAnnotations = false;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(DropDerived);
    }

    /// <summary>What settings come down to is no setting: a client that sends back what it was shown would be refused for it.</summary>
    private static void DropDerived(JsonTypeInfo type)
    {
        foreach (var derived in type.Type == typeof(Settings) ? type.Properties.Where(property => property.Set is null).ToArray() : [])
        {
            type.Properties.Remove(derived);
        }
    }
}

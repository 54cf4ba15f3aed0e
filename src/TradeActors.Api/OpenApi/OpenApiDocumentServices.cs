using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.OpenApi;

/// <summary>The OpenAPI document: plain numbers, the bearer scheme, and the reason codes.</summary>
internal static class OpenApiDocumentServices
{
    private const string Bearer = "bearer";

    public static void AddTradeActorsOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) => Describe(document));
        options.AddSchemaTransformer((schema, _, _) => PlainNumbers(schema));
        options.AddSchemaTransformer((schema, context, _) => Optional(schema, context));
        options.AddOperationTransformer((operation, context, _) => Secure(operation, context));
    });

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "TradeActors",
            Version = "v1",
            Description = "Signals in, orders out. Reasons why a signal or an order was not carried out: "
                + string.Join(", ", SignalReason.All) + ". Errors are application/problem+json.",
        };
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "The accessToken of POST /api/v1/auth/login.",
        };
        return Task.CompletedTask;
    }

    /// <summary>Requests accept numeric strings, but a client generated from this document shall send and read numbers.</summary>
    private static Task PlainNumbers(OpenApiSchema schema)
    {
        if (schema.Type is { } type && (type & (JsonSchemaType.Number | JsonSchemaType.Integer)) != 0)
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        return Task.CompletedTask;
    }

    /// <summary>A member that may be null may be left out: requests may, and replies do.</summary>
    private static Task Optional(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        foreach (var member in schema.Required is null ? [] : context.JsonTypeInfo.Properties.Where(member => member.IsGetNullable))
        {
            schema.Required!.Remove(member.Name);
        }

        return Task.CompletedTask;
    }

    private static Task Secure(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }

        return Task.CompletedTask;
    }
}

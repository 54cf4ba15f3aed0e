using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace TradeActors.Api.Common;

/// <summary>Refuses query parameters that an endpoint does not have: a filter that is misspelt would otherwise answer everything.</summary>
internal static class KnownQuery
{
    public static RouteHandlerBuilder RefuseUnknownQuery(this RouteHandlerBuilder builder) => builder.AddEndpointFilterFactory((factory, next) =>
    {
        string[] known = [.. NamesOf(factory.MethodInfo.GetParameters()).Order(StringComparer.Ordinal)];
        return context =>
        {
            Check(context.HttpContext.Request.Query, known);
            return next(context);
        };
    });

    private static void Check(IQueryCollection query, string[] known)
    {
        var errors = new FieldErrors();
        foreach (var (name, values) in query)
        {
            errors.Require(known.Contains(name, StringComparer.OrdinalIgnoreCase), name, $"There is no such parameter here. There are {string.Join(", ", known)}.")
                .Require(values.Count <= 1, name, "Is given twice.");
        }

        errors.ThrowIfAny();
    }

    private static IEnumerable<string> NamesOf(IEnumerable<ParameterInfo> parameters) => parameters.SelectMany(parameter =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is not null
            ? NamesOf(parameter.ParameterType.GetConstructors().Single().GetParameters())
            : parameter.GetCustomAttribute<FromQueryAttribute>() is { } query ? [query.Name ?? parameter.Name!] : []);
}

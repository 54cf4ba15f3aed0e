using Microsoft.AspNetCore.Http;

namespace TradeActors.Api.Common;

/// <summary>
/// Whether a browser's request comes from our own pages. A cookie goes along with whatever page asks, so where it alone lets a caller in, another
/// site's page could act for its user (SameSite=Strict keeps other sites out, but not other ports and subdomains of ours).
/// </summary>
internal static class Origins
{
    /// <summary>Changes, and WebSockets, which no browser keeps to one origin.</summary>
    public static bool MatterTo(HttpContext context) =>
        !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
        || context.Request.Headers.Upgrade.Count > 0;

    /// <summary>Asks for an Origin of ours, or for the browser's word that there is no other.</summary>
    /// <exception cref="ApiProblemException">403.</exception>
    public static void Require(HttpContext context, ApiOptions options)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 ? context.Request.Headers["Sec-Fetch-Site"] != "same-origin" : !IsOurs(origin, context.Request, options))
        {
            throw new ApiProblemException(
                StatusCodes.Status403Forbidden, "Origin", "Not from here",
                "With a cookie, changes are taken from our own pages alone: send the Origin of this address. Programs use a token or an API key.");
        }
    }

    /// <summary>This address as the caller wrote it, the public one, or one that the operator allows.</summary>
    public static bool IsOurs(string origin, HttpRequest request, ApiOptions options) =>
        Same(origin, $"{request.Scheme}://{request.Host}") || (options.PublicAddress is { } address && Same(origin, address))
        || options.AllowedOrigins.Any(allowed => Same(origin, allowed));

    private static bool Same(string origin, string address) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var left) && Uri.TryCreate(address, UriKind.Absolute, out var right)
        && Uri.Compare(left, right, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}

internal static class PublicAddress
{
    /// <summary>This front door as the world sees it, without a slash at the end.</summary>
    public static string Of(HttpRequest request, ApiOptions options) => options.PublicAddress?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
}

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace TradeActors.Api.Common;

/// <summary>Problems for the refusals that the framework answers with nothing but a status.</summary>
internal static class BareStatus
{
    public static ApiProblemException ProblemOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new(
            status, "Unauthorized", "Not logged in", "Log in and send the access token as 'Authorization: Bearer …', or an API key as X-Api-Key. It may be missing, invalid, expired or revoked."),
        StatusCodes.Status403Forbidden => new(status, "Forbidden", "Not allowed", "Your role, or the scopes of your API key, do not allow this."),
        StatusCodes.Status404NotFound => new(status, "NotFound", "Not found", "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => new(status, "MethodNotAllowed", "Method not allowed", "This address does not take this method."),
        StatusCodes.Status408RequestTimeout => new(status, "RequestTimeout", "Too slow", "The request did not come in time. Send it again, as a whole."),
        StatusCodes.Status415UnsupportedMediaType => new(
            status, "UnsupportedMediaType", "Not JSON", "Send the body as JSON, with 'Content-Type: application/json'."),
        _ => new(status, "Http", ReasonPhrases.GetReasonPhrase(status), $"The server answers {status}."),
    };
}

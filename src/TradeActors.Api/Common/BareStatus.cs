using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace TradeActors.Api.Common;

/// <summary>Problems for the refusals that the framework answers with nothing but a status.</summary>
internal static class BareStatus
{
    public static ApiProblemException ProblemOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new(
            status, "Unauthorized", "Not logged in", "Log in and send the access token as 'Authorization: Bearer …'. It may be missing, invalid or expired."),
        StatusCodes.Status403Forbidden => new(status, "Forbidden", "Not allowed", "Your role does not allow this."),
        StatusCodes.Status404NotFound => new(status, "NotFound", "Not found", "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => new(status, "MethodNotAllowed", "Method not allowed", "This address does not take this method."),
        StatusCodes.Status415UnsupportedMediaType => new(
            status, "UnsupportedMediaType", "Not JSON", "Send the body as JSON, with 'Content-Type: application/json'."),
        _ => new(status, "Http", ReasonPhrases.GetReasonPhrase(status), $"The server answers {status}."),
    };
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Api.Common;

namespace TradeActors.Api.Health;

/// <summary>Whether this node can accept a signal durably.</summary>
public interface INodeReadiness
{
    /// <returns>What stands in the way, in words for an operator; empty when nothing does.</returns>
    IReadOnlyList<string> Problems();

    /// <returns>What is amiss without standing in the way, in words for an operator: signals are still made durable. Empty when nothing is.</returns>
    IReadOnlyList<string> Warnings();
}

/// <param name="Status">live, ready, or degraded: ready too, and something is amiss.</param>
/// <param name="Reasons">What is amiss; only when degraded.</param>
public sealed record HealthReply(string Status, IReadOnlyList<string>? Reasons = null);

internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/health").WithTags("Health").AllowAnonymous();
        group.MapGet("/live", () => new HealthReply("live")).WithSummary("The process answers");
        group.MapGet("/ready", Ready).WithSummary("200 when a signal can be accepted durably, else 503 with reasons")
            .WithDescription("A node that is degraded answers 200 with reasons: it still makes signals durable, so a load balancer must not take it out for that.")
            .Produces<HealthReply>();
    }

    private static IResult Ready(INodeReadiness readiness)
    {
        var problems = readiness.Problems();
        if (problems.Count > 0)
        {
            throw new ApiProblemException(StatusCodes.Status503ServiceUnavailable, "NotReady", "Not ready", string.Join(" ", problems))
            {
                More = new Dictionary<string, object?> { ["reasons"] = problems },
            };
        }

        var warnings = readiness.Warnings();
        return TypedResults.Ok(warnings.Count == 0 ? new HealthReply("ready") : new HealthReply("degraded", warnings));
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;

namespace TradeActors.Api.Operators;

/// <param name="State">active, or pending: it waits to be let in.</param>
public sealed record TenantView(string Id, string Name, string State, int Users, DateTimeOffset CreatedAt);

/// <param name="Email">Of a user of any tenant.</param>
public sealed record EmailRequest(string? Email);

/// <summary>Tenants and operators, for the operators of the installation.</summary>
internal static class TenantRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Operator").RequireAuthorization(Policies.Operate);
        group.MapGet("/tenants", ListAsync).WithSummary("All tenants, newest first");
        group.MapPost("/tenants/{tenantId}/approve", ApproveAsync).WithSummary("Lets a waiting tenant in").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/tenants/{tenantId}/refuse", RefuseAsync).WithSummary("Removes a waiting tenant and its user").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/operators", AddOperatorAsync).WithSummary("Makes a user of any tenant operator").Produces(StatusCodes.Status204NoContent);
        group.MapDelete("/operators/{userId}", RemoveOperatorAsync).WithSummary("Ends a user's being operator").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/password-resets", ResetPasswordAsync).WithSummary("Makes a one-time link with which a user of any tenant sets a new password")
            .Produces<ResetLinkReply>(StatusCodes.Status201Created);
    }

    private static async Task<Page<TenantView>> ListAsync(IUserStore users, CancellationToken ct) => new(
        [
            .. (await users.ListTenantsAsync(ct).ConfigureAwait(false)).Select(summary => new TenantView(
                summary.Tenant.Id, summary.Tenant.Name, summary.Tenant.IsApproved ? "active" : "pending", summary.Users, summary.Tenant.CreatedAt)),
        ],
        null);

    private static async Task<IResult> ApproveAsync(string tenantId, IUserStore users, CancellationToken ct) =>
        await users.ApproveTenantAsync(tenantId, ct).ConfigureAwait(false) ? TypedResults.NoContent() : throw ApiProblemException.NotFound("tenant");

    private static async Task<IResult> RefuseAsync(string tenantId, IUserStore users, CancellationToken ct) =>
        await users.RefuseTenantAsync(tenantId, ct).ConfigureAwait(false) ? TypedResults.NoContent() : throw ApiProblemException.NotFound("waiting tenant");

    private static async Task<IResult> AddOperatorAsync(EmailRequest request, IUserStore users, CancellationToken ct)
    {
        var user = await FindAsync(request, users, ct).ConfigureAwait(false);
        if (!user.IsTenantApproved)
        {
            throw ApiProblemException.Denied("PendingApproval", "Let the user's tenant in first: until then nobody of it can log in.");
        }

        UserRoutes.Require(await users.ChangeOperatorAsync(user.Id, isOperator: true, ct).ConfigureAwait(false));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> RemoveOperatorAsync(string userId, IUserStore users, CancellationToken ct)
    {
        UserRoutes.Require(await users.ChangeOperatorAsync(userId, isOperator: false, ct).ConfigureAwait(false));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ResetPasswordAsync(
        EmailRequest request, HttpRequest http, IUserStore users, Members members, IOptions<ApiOptions> options, CancellationToken ct) =>
        await UserRoutes.ResetLinkAsync(await FindAsync(request, users, ct).ConfigureAwait(false), http, members, options.Value).ConfigureAwait(false);

    private static async Task<UserRecord> FindAsync(EmailRequest request, IUserStore users, CancellationToken ct)
    {
        new FieldErrors().Require(!string.IsNullOrWhiteSpace(request.Email), "email", "Must be the e-mail address of a user.").ThrowIfAny();
        return await users.FindByEmailAsync(request.Email!.Trim(), ct).ConfigureAwait(false) ?? throw ApiProblemException.NotFound("user");
    }
}

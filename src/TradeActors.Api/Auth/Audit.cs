using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;
using TradeActors.Domain.Operations;

namespace TradeActors.Api.Auth;

/// <summary>
/// The audit log: every request that changes something, who sent it and what was answered. Written before the answer goes out; an answer is not held
/// back when it cannot be written, since what was done has been done.
/// </summary>
internal sealed partial class Audit(IAuditLog store, IIdSource ids, TimeProvider time, ILogger<Audit> log) : IEndpointFilter
{
    private static readonly object ByKey = new();

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<NotAudited>() is not null)
        {
            return await next(context).ConfigureAwait(false);
        }

        try
        {
            var result = await next(context).ConfigureAwait(false);
            await WriteAsync(http, (result as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK, reason: null).ConfigureAwait(false);
            return result;
        }
        catch (Exception error)
        {
            // Also what was not answered in time: it may have been done all the same.
            var problem = ProblemExceptionHandler.Foreseen(error);
            await WriteAsync(http, problem?.Status ?? StatusCodes.Status500InternalServerError, problem?.Code ?? "Internal").ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Says who a request without a session concerns: at a log-in, say.</summary>
    public static void By(HttpContext http, UserRecord user) => http.Items[ByKey] = user;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/audit", ListAsync).RequireAuthorization(Policies.Manage).WithTags("Users")
        .WithSummary("What was done by whom, newest first")
        .WithDescription("Every request that changes something, also one that was refused. ?scope=installation (operator): what concerns no tenant.");

    private static Task<Page<AuditRow>> ListAsync(
        [FromQuery(Name = "scope")] string? scope, [AsParameters] Paging paging, Caller caller, IReadStore reads, CancellationToken ct)
    {
        new FieldErrors().Require(scope is null or "tenant" or "installation", "scope", "Must be tenant or installation.").ThrowIfAny();
        if (scope == "installation" && !caller.Roles.Contains(Caller.Operator))
        {
            throw BareStatus.ProblemOf(StatusCodes.Status403Forbidden);
        }

        return reads.PageAsync(
            paging.Query(ReadTable.Audit, scope == "installation" ? Operation.InstallationTenant : caller.Tenant, "", newestFirst: true),
            row => RowJson.Deserialize<AuditRow>(row.Doc), ct);
    }

    private async Task WriteAsync(HttpContext http, int status, string? reason)
    {
        var (caller, by, at) = (Caller.Of(http.User), http.Items[ByKey] as UserRecord, time.GetUtcNow());
        var row = new AuditRow(
            string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds():d14}-{ids.NewId()}"), at, caller?.UserId ?? by?.Id, caller?.Email ?? by?.Email,
            caller?.KeyId, $"{http.Request.Method} {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/')}",
            string.Join(' ', http.Request.RouteValues.Select(value => $"{value.Key}={value.Value}")), status, reason,
            http.Connection.RemoteIpAddress?.ToString());
        try
        {
            await store.WriteAsync(caller?.Tenant ?? by?.Tenant ?? Operation.InstallationTenant, row, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JournalUnavailableException or JournalUnknownOutcomeException)
        {
            NotWritten(log, error, row.Action, row.UserId, status);
        }
    }

    [LoggerMessage(5011, LogLevel.Error, "The audit log could not be written: {Action} by {UserId}, answered {Status}")]
    private static partial void NotWritten(ILogger log, Exception error, string action, string? userId, int status);
}

/// <summary>Marks an endpoint that changes nothing by a person's decision, such as a feed of quotes.</summary>
internal sealed class NotAudited;

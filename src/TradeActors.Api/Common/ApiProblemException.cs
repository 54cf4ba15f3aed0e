using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Api.Common;

/// <summary>A request that is refused, as the RFC 9457 problem that the caller gets.</summary>
public sealed class ApiProblemException(int status, string code, string title, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>PascalCase reason; the problem's type is its kebab-case form.</summary>
    public string Code { get; } = code;

    public string Title { get; } = title;

    /// <summary>What is wrong, by field path.</summary>
    public IDictionary<string, string[]>? Errors { get; init; }

    public IDictionary<string, object?>? More { get; init; }

    public static ApiProblemException Malformed(string detail) => new(StatusCodes.Status400BadRequest, "Malformed", "The request cannot be understood", detail);

    public static ApiProblemException Invalid(FieldErrors errors) =>
        new(StatusCodes.Status422UnprocessableEntity, "Validation", "The request is not valid", errors.First)
        {
            Errors = errors.ToDictionary(),
        };

    public static ApiProblemException NotFound(string what) => new(StatusCodes.Status404NotFound, "NotFound", "Not found", $"There is no such {what}.");

    public static ApiProblemException Denied(string code, string detail) =>
        new(StatusCodes.Status422UnprocessableEntity, code, "Refused by a rule", detail);

    /// <summary>Answers as problem+json, whatever the caller said it would accept: another answer would be none.</summary>
    internal Task WriteAsync(HttpContext context)
    {
        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        return TypedResults.Problem(ToDetails()).ExecuteAsync(context);
    }

    /// <summary>The same as a part of a reply about several things.</summary>
    internal ItemProblem ToItem() => new($"/problems/{Kebab(Code)}", Title, Status, Message, Errors);

    private ProblemDetails ToDetails()
    {
        var details = Errors is null ? new ProblemDetails() : new HttpValidationProblemDetails(Errors);
        (details.Status, details.Type, details.Title, details.Detail) = (Status, $"/problems/{Kebab(Code)}", Title, Message);
        foreach (var (key, value) in More ?? new Dictionary<string, object?>())
        {
            details.Extensions[key] = value;
        }

        return details;
    }

    private static string Kebab(string code) => string.Concat(code.Select((c, i) =>
        char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>Why one of several things was refused, as an RFC 9457 problem.</summary>
/// <param name="Errors">What is wrong, by field of the item.</param>
public sealed record ItemProblem(string Type, string Title, int Status, string Detail, IDictionary<string, string[]>? Errors);

/// <summary>Collects what is wrong with a request, field by field.</summary>
public sealed class FieldErrors
{
    private readonly SortedDictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public string First => _errors.Count == 0 ? "" : $"{_errors.First().Key}: {_errors.First().Value[0]}";

    public FieldErrors Require(bool holds, string field, string message)
    {
        if (!holds)
        {
            Add(field, message);
        }

        return this;
    }

    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var known))
        {
            _errors.Add(field, known = []);
        }

        known.Add(message);
    }

    /// <exception cref="ApiProblemException">Anything was wrong.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
        {
            throw ApiProblemException.Invalid(this);
        }
    }

    internal Dictionary<string, string[]> ToDictionary() => _errors.ToDictionary(error => error.Key, error => error.Value.ToArray());
}

/// <summary>Turns exceptions into problems. Nothing internal is shown; what was not foreseen is logged.</summary>
internal sealed class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var problem = Foreseen(exception) ?? exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } bad => BareStatus.ProblemOf(bad.StatusCode),
            BadHttpRequestException bad => new ApiProblemException(bad.StatusCode, "Malformed", "The request cannot be understood", Explain(bad)),
            _ => null,
        };
        if (problem is null)
        {
            ApiLog.Unexpected(log, exception, context.GetEndpoint()?.DisplayName ?? "unmatched");
            problem = new ApiProblemException(StatusCodes.Status500InternalServerError, "Internal", "Internal error", "An error that was not foreseen. It has been logged.");
        }

        await problem.WriteAsync(context).ConfigureAwait(false);
        return true;
    }

    /// <summary>The problem of a refusal, or of an entity that could not answer; null for anything else.</summary>
    internal static ApiProblemException? Foreseen(Exception exception) => exception switch
    {
        ApiProblemException known => known,
        EntityUnavailableException or JournalUnavailableException or JournalUnknownOutcomeException => new ApiProblemException(
            StatusCodes.Status503ServiceUnavailable, "Unavailable", "Not available now", "The system cannot store this now. Send it again in a moment."),
        MessageParkedException => new ApiProblemException(
            StatusCodes.Status500InternalServerError, "Parked", "Set aside", "The system failed on this request and has set it aside for the operator."),
        _ => null,
    };

    private static string Explain(BadHttpRequestException bad) =>
        bad.InnerException is System.Text.Json.JsonException json ? JsonTrouble.Explain(json) : bad.Message;
}

internal static partial class ApiLog
{
    [LoggerMessage(5001, LogLevel.Error, "Unexpected error in {Endpoint}")]
    public static partial void Unexpected(ILogger log, Exception error, string endpoint);

    [LoggerMessage(5002, LogLevel.Information, "Order {ClOrdId} of {Tenant}/{Account} is denied: {Reason}")]
    public static partial void OrderDenied(ILogger log, string tenant, string account, string clOrdId, string reason);

    [LoggerMessage(5003, LogLevel.Information, "User {UserId} registered tenant {Tenant}")]
    public static partial void Registered(ILogger log, string userId, string tenant);

    [LoggerMessage(5004, LogLevel.Warning, "Log-in refused")]
    public static partial void LoginRefused(ILogger log);
}

using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;

namespace TradeActors.Api.Webhooks;

/// <param name="State">
/// accepted, rejected or duplicate; an expired signal answers <c>rejected</c>, as senders know it. received: stored, and not judged yet, because its recorder
/// could not be reached in time. It will be judged before any later one; the signal log then has it under the same id.
/// </param>
/// <param name="Reason">A PascalCase code when it was not accepted.</param>
public sealed record WebhookReply(string SignalId, string State, string? Reason, string? Detail);

/// <summary>Where signals come in. Answers only when the signal is stored, with its judgement or, where nobody could judge it in time, in an inbox.</summary>
internal static class WebhookRoutes
{
    /// <summary>Largest body, bytes.</summary>
    internal const int LargestBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder app) => app
        .MapPost("/webhook/{token}", TakeAsync)
        .WithTags("Webhooks")
        .WithSummary("Takes one signal; answers when it is durable")
        .WithDescription("state received: stored, but its recorder could not be reached within a second. It is judged as soon as it can be, before any later signal.")
        .Produces<WebhookReply>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .RequireRateLimiting(Limits.Webhook)
        .WithRequestTimeout(Limits.Webhook)
        .AllowAnonymous();

    private static async Task<WebhookReply> TakeAsync(
        string token, HttpRequest request, IReadStore store, WebhookGuard guard, IEntityGateway gateway, IIdSource ids, TimeProvider time, ApiMetrics metrics,
        CancellationToken ct)
    {
        var receivedAt = time.GetUtcNow();
        var tokenHash = Tokens.Hash(token);
        var target = await store.GetAsync(new RowKey(ReadTable.WebhookTokens, "", "", tokenHash), ct).ConfigureAwait(false) ?? throw UnknownToken();
        var recorder = RowJson.Deserialize<WebhookTokenRow>(target.Doc);
        guard.CheckAddress(recorder, request.HttpContext.Connection.RemoteIpAddress);
        var body = await ReadBodyAsync(request, ct).ConfigureAwait(false);
        // The sender has done its part in time. From here on an answer "too slow" would be wrong: the signal may be stored.
        request.HttpContext.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var signature = guard.CheckSignature(recorder, request.Headers, body, receivedAt);
        using var trace = new WebhookTrace(ids.NewId(), recorder.Tenant, recorder.RecorderId, receivedAt);
        var signal = trace.Parse(id => Identify(Read(body, id, receivedAt) with { TokenHash = tokenHash }, request.Headers, signature));
        // The sender's hanging up does not undo what has been received.
        var reply = await trace.AskAsync(() => gateway.AskOrLeaveAsync(
            new EntityId(recorder.Tenant, EntityKind.Recorder, recorder.RecorderId), signal, signal.SignalId, CancellationToken.None)).ConfigureAwait(false);
        if (reply is LeftInInbox)
        {
            metrics.SignalLeft();
            trace.EndLeft();
            return AnswerLeft(signal);
        }

        if (reply is not SignalJudged judged)
        {
            throw UnknownToken(); // Replaced since it was looked up.
        }

        trace.End(judged);
        return Answer(judged);
    }

    /// <summary>What the recorder will make of a signal is open. A body that could not be read it can only refuse: its sender is told so at once.</summary>
    private static WebhookReply AnswerLeft(ReceiveSignal signal) => signal.Parsed is null
        ? Answer(new SignalJudged(signal.SignalId, SignalState.Invalid, SignalReason.Unreadable, signal.Error))
        : new WebhookReply(signal.SignalId, "received", null, null);

    private static WebhookReply Answer(SignalJudged judged) => judged.State switch
    {
        SignalState.Invalid => throw new ApiProblemException(
            StatusCodes.Status400BadRequest, "InvalidSignal", "The signal cannot be understood", judged.Detail ?? "The body could not be read.")
        {
            More = new Dictionary<string, object?> { ["signalId"] = judged.SignalId, ["reason"] = judged.Reason },
        },
        SignalState.Accepted => new WebhookReply(judged.SignalId, "accepted", null, null),
        SignalState.Duplicate => new WebhookReply(judged.SignalId, "duplicate", judged.Reason, judged.Detail),
        _ => new WebhookReply(judged.SignalId, "rejected", judged.Reason, judged.Detail),
    };

    /// <summary>The message id of Standard Webhooks stands in for a key of the source, a time of signing for nothing but itself.</summary>
    private static ReceiveSignal Identify(ReceiveSignal signal, IHeaderDictionary headers, WebhookSignature? signature) => signal with
    {
        Parsed = signal.Parsed is { Id: null } parsed ? parsed with { Id = WebhookSignature.MessageIdOf(headers) } : signal.Parsed,
        SignedAt = signature is { MessageId: null } ? DateTimeOffset.FromUnixTimeSeconds(signature.SignedAt) : null,
    };

    internal static ReceiveSignal Read(byte[] body, string signalId, DateTimeOffset receivedAt)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        return SignalParser.Parse(body) switch
        {
            SignalParse.Parsed parsed => new ReceiveSignal(signalId, receivedAt, parsed.Signal.Source, parsed.Signal, null, hash, SignalRedaction.Redact(body)),
            SignalParse.Invalid invalid => new ReceiveSignal(
                signalId, receivedAt, "webhook", null, invalid.Error, hash, SignalRedaction.Redact(body, SignalRedaction.InvalidBodyMaxBytes)),
            var other => throw new System.Diagnostics.UnreachableException($"No answer for {other.GetType().Name}."),
        };
    }

    /// <exception cref="ApiProblemException">413.</exception>
    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > LargestBody)
        {
            throw TooLarge();
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(ct).ConfigureAwait(false);
            if (read.Buffer.Length > LargestBody)
            {
                // Given back, so that the server can read the rest away; else it would break the connection off before the sender has the answer.
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ApiProblemException UnknownToken() => new(
        StatusCodes.Status404NotFound, RecorderRefused.UnknownToken, "Unknown webhook",
        "No recorder has this webhook address. Copy it again from the recorder; it may have been replaced.");

    internal static ApiProblemException TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, "TooLarge", "The body is too large", $"A signal may have at most {LargestBody:N0} bytes.");
}

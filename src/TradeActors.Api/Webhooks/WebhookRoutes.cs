using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;

namespace TradeActors.Api.Webhooks;

/// <param name="State">accepted, rejected, duplicate, expired: an expired signal answers <c>rejected</c>, as senders know it.</param>
/// <param name="Reason">A PascalCase code when it was not accepted.</param>
public sealed record WebhookReply(string SignalId, string State, string? Reason, string? Detail);

/// <summary>Where signals come in. Answers only when the signal and its judgement are stored.</summary>
internal static class WebhookRoutes
{
    /// <summary>Largest body, bytes.</summary>
    private const int LargestBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder app) => app
        .MapPost("/webhook/{token}", TakeAsync)
        .WithTags("Webhooks")
        .WithSummary("Takes one signal; answers when it is durable")
        .Produces<WebhookReply>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .AllowAnonymous();

    private static async Task<WebhookReply> TakeAsync(
        string token, HttpRequest request, IReadStore store, IEntityGateway gateway, IIdSource ids, TimeProvider time, CancellationToken ct)
    {
        var receivedAt = time.GetUtcNow();
        var target = await store.GetAsync(new RowKey(ReadTable.WebhookTokens, "", "", Tokens.Hash(token)), ct).ConfigureAwait(false)
            ?? throw new ApiProblemException(
                StatusCodes.Status404NotFound, "UnknownToken", "Unknown webhook", "No recorder has this webhook address. Copy it again from the recorder; it may have been replaced.");
        var recorder = RowJson.Deserialize<WebhookTokenRow>(target.Doc);
        var body = await ReadBodyAsync(request, ct).ConfigureAwait(false);
        using var trace = new WebhookTrace(ids.NewId(), recorder.Tenant, recorder.RecorderId, receivedAt);
        var signal = trace.Parse(id => Read(body, id, receivedAt));
        // The sender's hanging up does not undo what has been received.
        var reply = await trace.AskAsync(() => gateway.AskAsync(
            new EntityId(recorder.Tenant, EntityKind.Recorder, recorder.RecorderId), signal, CancellationToken.None)).ConfigureAwait(false);
        if (reply is not SignalJudged judged)
        {
            throw ApiProblemException.NotFound("recorder");
        }

        trace.End(judged);
        return Answer(judged);
    }

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

    private static ReceiveSignal Read(byte[] body, string signalId, DateTimeOffset receivedAt)
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

    private static ApiProblemException TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, "TooLarge", "The body is too large", $"A signal may have at most {LargestBody:N0} bytes.");
}

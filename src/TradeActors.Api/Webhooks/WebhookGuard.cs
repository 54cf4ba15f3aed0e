using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api.Common;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Webhooks;

/// <summary>
/// Who may deliver to a recorder besides whoever knows its token. What is refused here is counted and logged, and leaves nothing in the signal log:
/// it may be anybody's.
/// </summary>
internal sealed class WebhookGuard
{
    public const string MeterName = "TradeActors.Webhooks";

    private readonly ISecretBox _secrets;
    private readonly ILogger<WebhookGuard> _log;
    private readonly Counter<long> _refused;

    public WebhookGuard(ISecretBox secrets, IMeterFactory meters, ILogger<WebhookGuard> log)
    {
        (_secrets, _log) = (secrets, log);
        _refused = meters.Create(MeterName).CreateCounter<long>(
            "tradeactors.webhook.refused", "{delivery}", "Deliveries that were not let in to their recorder, by reason.");
    }

    /// <summary>Before the body is read.</summary>
    /// <param name="client">As seen behind the trusted proxies.</param>
    /// <exception cref="ApiProblemException">403.</exception>
    public void CheckAddress(WebhookTokenRow recorder, IPAddress? client)
    {
        if (recorder.AllowedAddresses is { } allowed && !AddressList.Parse(allowed).Allows(client))
        {
            throw Refuse(
                recorder, StatusCodes.Status403Forbidden, "AddressNotAllowed", "The webhook comes from an address that is not allowed",
                $"It came from {client?.ToString() ?? "an unknown address"}. Send it from elsewhere, or add the address to the recorder's settings.allowedAddresses.");
        }
    }

    /// <summary>Where a signature is required there must be one; where there is one and a secret, it must be right.</summary>
    /// <returns>The signature that was verified; null where none was asked for or could be checked.</returns>
    /// <exception cref="ApiProblemException">401, or 503 when the secret cannot be opened.</exception>
    public WebhookSignature? CheckSignature(WebhookTokenRow recorder, IHeaderDictionary headers, ReadOnlySpan<byte> body, DateTimeOffset receivedAt)
    {
        var isSigned = WebhookSignature.IsIn(headers);
        if (!recorder.RequiresSignature && !(isSigned && recorder.Secrets is not null))
        {
            return null;
        }

        if (!isSigned)
        {
            throw Unauthorized(
                recorder, "SignatureMissing",
                $"This recorder takes signed webhooks only. Send {WebhookSignature.OwnHeader}: t=<unix seconds>,v1=<hex of HMAC-SHA256 over t, a dot and "
                + "the body>, or the three headers of Standard Webhooks.");
        }

        if (WebhookSignature.Read(headers) is not { } signature)
        {
            throw Unauthorized(
                recorder, "SignatureInvalid",
                $"The signature cannot be read. Write {WebhookSignature.OwnHeader}: t=<unix seconds>,v1=<64 hex digits>, or webhook-id, webhook-timestamp and "
                + "webhook-signature: v1,<base64>.");
        }

        if (!Matches(recorder, signature, body, receivedAt))
        {
            throw Unauthorized(
                recorder, "SignatureInvalid",
                "The signature is not of this body with this recorder's secret. Sign the bytes exactly as they are sent, with the present secret.");
        }

        return signature.IsTimely(receivedAt) ? signature : throw Unauthorized(
            recorder, "SignatureExpired",
            $"It was signed {signature.AgeSeconds(receivedAt)} s before it was received, and 300 s either way are allowed. Sign when you send, and check the clock.");
    }

    private bool Matches(WebhookTokenRow recorder, WebhookSignature signature, ReadOnlySpan<byte> body, DateTimeOffset receivedAt)
    {
        try
        {
            foreach (var secret in recorder.Secrets is { IsDefault: false } stored ? stored : [])
            {
                if (!(receivedAt > secret.Until) && signature.Matches(_secrets.Open(secret.Sealed, ContextOf(recorder.Tenant, recorder.RecorderId, secret.Id)), body))
                {
                    return true;
                }
            }

            return false;
        }
        catch (SecretUnreadableException error)
        {
            WebhookLog.SecretUnreadable(_log, error, recorder.Tenant, recorder.RecorderId);
            throw new ApiProblemException(
                StatusCodes.Status503ServiceUnavailable, "SigningUnavailable", "The signature cannot be checked now",
                "The recorder's signing secret cannot be opened; its operator has been told.");
        }
    }

    /// <summary>What a secret is sealed for.</summary>
    public static string ContextOf(string tenant, string recorderId, string secretId) => $"{tenant}/{recorderId}/signing/{secretId}";

    private ApiProblemException Unauthorized(WebhookTokenRow recorder, string reason, string detail) =>
        Refuse(recorder, StatusCodes.Status401Unauthorized, reason, "The webhook is not signed as it must be", detail);

    private ApiProblemException Refuse(WebhookTokenRow recorder, int status, string reason, string title, string detail)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        WebhookLog.Refused(_log, recorder.Tenant, recorder.RecorderId, reason);
        return new ApiProblemException(status, reason, title, detail);
    }
}

internal static partial class WebhookLog
{
    [LoggerMessage(5101, LogLevel.Warning, "A webhook for {Tenant}/{Recorder} was not let in: {Reason}")]
    public static partial void Refused(ILogger log, string tenant, string recorder, string reason);

    [LoggerMessage(5102, LogLevel.Error, "The signing secret of {Tenant}/{Recorder} cannot be opened: its signed webhooks are refused")]
    public static partial void SecretUnreadable(ILogger log, Exception error, string tenant, string recorder);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Webhooks;

/// <summary>The signature that a request carries, read from its headers. Over the raw bytes of the body, before anything is parsed.</summary>
/// <remarks>
/// Two schemes: our own after Stripe's (HMAC-SHA256 of <c>t.body</c>, hex), and Standard Webhooks (specification 1.0: HMAC-SHA256 of
/// <c>id.timestamp.body</c>, base64). Several signatures may stand in one header, so that a sender can change its secret.
/// </remarks>
/// <param name="SignedAt">Unix seconds, the sender's clock.</param>
/// <param name="MessageId">Of Standard Webhooks; null in our own scheme.</param>
/// <param name="Given">What it claims the HMAC to be.</param>
internal sealed record WebhookSignature(long SignedAt, string? MessageId, IReadOnlyList<byte[]> Given)
{
    public const string OwnHeader = "X-TradeActors-Signature";

    private const string IdHeader = "webhook-id";
    private const string TimestampHeader = "webhook-timestamp";
    private const string SignatureHeader = "webhook-signature";
    private const int MostGiven = 10;

    public static bool IsIn(IHeaderDictionary headers) => headers.ContainsKey(OwnHeader) || headers.ContainsKey(SignatureHeader);

    /// <summary>Null when the headers cannot be read as one of the schemes. Our own wins where both are there.</summary>
    public static WebhookSignature? Read(IHeaderDictionary headers) => headers.ContainsKey(OwnHeader) ? ReadOwn(headers) : ReadStandard(headers);

    /// <summary>The message id of Standard Webhooks, also of a request that nobody checks; null for none that can be used.</summary>
    public static string? MessageIdOf(IHeaderDictionary headers) =>
        headers[IdHeader] is [{ Length: > 0 and <= 256 } id] && !id.AsSpan().ContainsAnyExceptInRange('!', '~') ? id : null;

    public bool Matches(string secret, ReadOnlySpan<byte> body)
    {
        var stamp = SignedAt.ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, MessageId is null ? SigningSecret.OwnKey(secret) : SigningSecret.Decode(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(MessageId is null ? $"{stamp}." : $"{MessageId}.{stamp}."));
        hmac.AppendData(body);
        var expected = hmac.GetHashAndReset();
        var matches = false;
        foreach (var given in Given)
        {
            matches |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return matches;
    }

    /// <summary>How long after the signing it was received; negative when the sender's clock is ahead.</summary>
    public long AgeSeconds(DateTimeOffset receivedAt) => receivedAt.ToUnixTimeSeconds() - SignedAt;

    public bool IsTimely(DateTimeOffset receivedAt) => Math.Abs(AgeSeconds(receivedAt)) <= Recorder.SignatureTolerance.TotalSeconds;

    private static WebhookSignature? ReadOwn(IHeaderDictionary headers)
    {
        long? signedAt = null;
        var given = new List<byte[]>();
        foreach (var part in headers[OwnHeader].ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var isSign = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = isSign < 0 ? (part, "") : (part[..isSign], part[(isSign + 1)..]);
            switch (name)
            {
                case "t" when signedAt is null:
                    signedAt = Seconds(value);
                    break;
                case "t":
                    return null;
                case "v1" when value.Length == 64 && value.All(char.IsAsciiHexDigit):
                    given.Add(Convert.FromHexString(value));
                    break;
            }
        }

        return Checked(signedAt, null, given);
    }

    private static WebhookSignature? ReadStandard(IHeaderDictionary headers)
    {
        if (MessageIdOf(headers) is not { } id || headers[TimestampHeader] is not [{ } stamp] || headers[SignatureHeader] is not [{ } signatures])
        {
            return null;
        }

        var given = new List<byte[]>();
        foreach (var part in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            // Others, such as v1a, are of another kind of key.
            var hash = new byte[32];
            if (part.StartsWith("v1,", StringComparison.Ordinal) && Convert.TryFromBase64String(part[3..], hash, out var length) && length == hash.Length)
            {
                given.Add(hash);
            }
        }

        return Checked(Seconds(stamp), id, given);
    }

    private static WebhookSignature? Checked(long? signedAt, string? id, List<byte[]> given) =>
        signedAt is { } seconds && given.Count is > 0 and <= MostGiven ? new WebhookSignature(seconds, id, given) : null;

    // As many digits as a time can have: larger ones mean nothing.
    private static long? Seconds(string text) =>
        text.Length is > 0 and <= 11 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TradeActors.Api.Webhooks;

/// <summary>
/// What webhooks are signed with: <c>whsec_</c> and the base64 of 24 to 64 random bytes, as Standard Webhooks writes it. For our own header the key is
/// this text as it stands, so that a shell can sign with what was copied.
/// </summary>
internal static class SigningSecret
{
    public const string Rule = "Must be whsec_ and the base64 of 24 to 64 random bytes. Leave it out to have one made.";

    private const string Prefix = "whsec_";

    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static bool IsValid(string text) => TryDecode(text, out _);

    /// <summary>The key of Standard Webhooks.</summary>
    public static byte[] Decode(string secret) => TryDecode(secret, out var key) ? key : throw new FormatException("Not a signing secret.");

    public static byte[] OwnKey(string secret) => Encoding.UTF8.GetBytes(secret);

    private static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? key)
    {
        key = null;
        var bytes = new byte[64];
        if (text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length >= 24)
        {
            key = bytes[..length];
        }

        return key is not null;
    }
}

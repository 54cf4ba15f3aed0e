using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Secrets;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Secrets;

/// <summary>AES-256-GCM under keys of the installation.</summary>
/// <remarks>
/// A sealed text is <c>key id.base64url(nonce, tag, cipher)</c>, with a random nonce of 96 bits and the context as associated data.
/// docs/adr/0009-secrets.md.
/// </remarks>
internal sealed class SecretBox(ISecretKeys keys) : ISecretBox
{
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Under the shared keys where some are set, else under those of the data directory.</summary>
    /// <exception cref="StoreOpenException">The key file is there and cannot be read.</exception>
    public static SecretBox Open(NodeSettings settings) =>
        new(settings.Cluster.SecretKeys is { Count: > 0 } shared ? new SharedKeys(shared) : FileKeys.Open(settings.DataDirectory));

    public string Seal(string secret, string context)
    {
        var (id, key) = keys.Active();
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(context));
        return $"{id}.{Base64Url.EncodeToString(box)}";
    }

    public string Open(string sealedSecret, string context)
    {
        var dot = sealedSecret.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || keys.Find(sealedSecret[..dot]) is not { } key)
        {
            throw new SecretUnreadableException(keys.Missing);
        }

        try
        {
            var box = Base64Url.DecodeFromChars(sealedSecret.AsSpan(dot + 1));
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(
                box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(context));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception error) when (error is CryptographicException or FormatException or OverflowException)
        {
            throw new SecretUnreadableException($"A stored secret of '{context}' was altered, or sealed for something else.", error);
        }
    }
}

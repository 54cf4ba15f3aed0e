using System.Security.Cryptography;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Secrets;

/// <summary>Keys that every node of a cluster is given in its settings.</summary>
/// <remarks>A key's id is made from the key itself, so that it has the same one on every node and wherever it stands in the list.</remarks>
internal sealed class SharedKeys : ISecretKeys
{
    private readonly SecretKey _active;
    private readonly SortedDictionary<string, byte[]> _all = new(StringComparer.Ordinal);

    /// <param name="texts">At least one, each without a <see cref="ProblemOf"/>. The first seals, all open.</param>
    public SharedKeys(IReadOnlyList<string> texts)
    {
        var keys = texts.Select(Convert.FromBase64String).Select(key => new SecretKey(IdOf(key), key)).ToArray();
        _active = keys[0];
        foreach (var (id, key) in keys)
        {
            _all[id] = key;
        }
    }

    public string Missing =>
        $"The key of a stored secret is not in {KnownSettings.SecretsKey.Key}. Add the key that sealed it behind the first one, or give the recorder a new signing secret.";

    /// <returns>What is wrong with one key, as the end of a sentence; it does not repeat the key.</returns>
    public static string? ProblemOf(string text)
    {
        Span<byte> key = stackalloc byte[SecretBox.KeyBytes];
        return Convert.TryFromBase64String(text, key, out var length) && length == SecretBox.KeyBytes ? null
            : $"must be {SecretBox.KeyBytes} random bytes in base64, as `openssl rand -base64 {SecretBox.KeyBytes}` prints them, or several such with commas between them.";
    }

    public SecretKey Active() => _active;

    public byte[]? Find(string id) => _all.GetValueOrDefault(id);

    /// <summary>It stands in the store in front of every secret: a change of this makes them all unreadable.</summary>
    private static string IdOf(byte[] key) => Convert.ToHexStringLower(HMACSHA256.HashData(key, "TradeActors secrets-key id"u8))[..16];
}

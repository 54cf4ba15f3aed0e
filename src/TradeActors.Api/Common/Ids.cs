using System.Security.Cryptography;
using System.Text;

namespace TradeActors.Api.Common;

/// <summary>Makes ids and secrets from the system's cryptographic source.</summary>
public interface IIdSource
{
    /// <summary>A new entity key or signal id: 14 lower-case letters and digits (70 bits), short enough to stand inside a ClOrdID.</summary>
    string NewId();

    /// <summary>A webhook token: 32 random bytes, URL-safe. Only its hash is stored.</summary>
    string NewToken();
}

/// <inheritdoc/>
public sealed class RandomIds : IIdSource
{
    public string NewId() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 14);

    public string NewToken() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

internal static class Tokens
{
    /// <summary>SHA-256, lower-case hex: what is stored of a webhook token.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

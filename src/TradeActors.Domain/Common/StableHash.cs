using System.Text;

namespace TradeActors.Domain.Common;

/// <summary>Hashes that are the same in every process, version and machine. Shard placement and seeded draws rest on them.</summary>
public static class StableHash
{
    public const uint Fnv1a32Seed = 2166136261;

    /// <summary>FNV-1a, 32 bit, over the UTF-8 bytes of <paramref name="text"/>, continued from <paramref name="hash"/>.</summary>
    public static uint Fnv1a32(string text, uint hash = Fnv1a32Seed)
    {
        foreach (var c in text)
        {
            if (c < 0x80)
            {
                hash = (hash ^ c) * 16777619;
            }
            else
            {
                return Wide(text, hash);
            }
        }

        return hash;
    }

    /// <summary>FNV-1a, 64 bit, over the UTF-8 bytes.</summary>
    public static ulong Fnv1a64(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }

    // Only reached for non-ASCII text, where the ASCII prefix has been hashed already: start again over all bytes.
    private static uint Wide(string text, uint hash)
    {
        var prefix = 0;
        while (text[prefix] < 0x80)
        {
            prefix++;
        }

        foreach (var b in Encoding.UTF8.GetBytes(text[prefix..]))
        {
            hash = (hash ^ b) * 16777619;
        }

        return hash;
    }
}

using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>
/// A generator of its own for everything that is drawn by name and number: what one thing draws, or that it is left out, changes nothing of the others.
/// Shrinking rests on that.
/// </summary>
/// <param name="within">Before every name; what is the same but for this draws otherwise.</param>
internal sealed class Streams(ulong seed, string within = "")
{
    public Pcg32 For(string name, int number = 0) => new(seed, Mix(((ulong)StableHash.Fnv1a32(within + name) << 32) + (uint)number));

    public Streams Within(string name) => new(seed, $"{within}{name}/");

    /// <summary>SplitMix64's finisher: neighbouring numbers give streams that have nothing in common.</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}

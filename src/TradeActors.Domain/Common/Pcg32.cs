namespace TradeActors.Domain.Common;

/// <summary>PCG-XSH-RR 64/32, a small seeded generator whose sequence is ours to keep (System.Random's may change between .NET versions).</summary>
/// <remarks>Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014. Not for secrets.</remarks>
public sealed class Pcg32
{
    private ulong _state;
    private readonly ulong _increment;

    public Pcg32(ulong seed, ulong sequence = 0)
    {
        _increment = (sequence << 1) | 1;
        NextUInt32();
        _state += seed;
        NextUInt32();
    }

    public uint NextUInt32()
    {
        var old = _state;
        _state = unchecked((old * 6364136223846793005UL) + _increment);
        var shifted = (uint)(((old >> 18) ^ old) >> 27);
        var rotation = (int)(old >> 59);
        return (shifted >> rotation) | (shifted << (-rotation & 31));
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(((ulong)NextUInt32() * (ulong)bound) >> 32);
    }

    /// <summary>Uniform in [0, 1), with 32 bits of resolution.</summary>
    public double NextDouble() => NextUInt32() / 4294967296.0;

    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    public bool Chance(double probability) => NextDouble() < probability;
}

using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Common;

public sealed class Pcg32Tests
{
    [Fact]
    public void Sequence_is_that_of_the_reference_implementation()
    {
        // pcg32-demo of the reference C library: seed 42, sequence 54, first round.
        var random = new Pcg32(42, 54);
        uint[] expected = [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt32()));
    }

    [Fact]
    public void Equal_seeds_draw_equal_numbers_and_other_sequences_draw_others()
    {
        ulong[] Draw(ulong seed, ulong sequence)
        {
            var random = new Pcg32(seed, sequence);
            return [.. Enumerable.Range(0, 20).Select(_ => random.NextUInt64())];
        }

        Assert.Equal(Draw(7, 1), Draw(7, 1));
        Assert.NotEqual(Draw(7, 1), Draw(7, 2));
        Assert.NotEqual(Draw(7, 1), Draw(8, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Bounded_draws_stay_below_the_bound(int bound)
    {
        var random = new Pcg32(1);
        Assert.All(Enumerable.Range(0, 2_000).Select(_ => random.Next(bound)), drawn => Assert.InRange(drawn, 0, bound - 1));
    }

    [Fact]
    public void Bounded_draws_reach_every_value_about_equally_often()
    {
        var random = new Pcg32(3);
        var counts = Enumerable.Range(0, 60_000).CountBy(_ => random.Next(6)).ToDictionary();
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Bound_that_is_not_positive_is_refused(int bound) => Assert.Throws<ArgumentOutOfRangeException>(() => new Pcg32(1).Next(bound));

    [Fact]
    public void Fractions_lie_in_the_half_open_unit_interval()
    {
        var random = new Pcg32(9);
        Assert.All(Enumerable.Range(0, 10_000).Select(_ => random.NextDouble()), drawn => Assert.True(drawn is >= 0 and < 1));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.False(random.Chance(0)));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(random.Chance(1)));
    }
}

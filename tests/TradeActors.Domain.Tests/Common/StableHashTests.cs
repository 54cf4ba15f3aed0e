using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Common;

public sealed class StableHashTests
{
    [Theory]
    // The test vectors of the FNV authors.
    [InlineData("", 0x811c9dc5u)]
    [InlineData("a", 0xe40c292cu)]
    [InlineData("b", 0xe70c2de5u)]
    [InlineData("foobar", 0xbf9cf968u)]
    public void Fnv_of_32_bits_has_the_published_values(string text, uint expected) => Assert.Equal(expected, StableHash.Fnv1a32(text));

    [Theory]
    [InlineData("", 0xcbf29ce484222325ul)]
    [InlineData("a", 0xaf63dc4c8601ec8cul)]
    [InlineData("foobar", 0x85944171f73967e8ul)]
    public void Fnv_of_64_bits_has_the_published_values(string text, ulong expected) => Assert.Equal(expected, StableHash.Fnv1a64(text));

    [Theory]
    [InlineData("é")]
    [InlineData("abcé")]
    [InlineData("éabc")]
    [InlineData("a😀b")]
    public void Text_beyond_ascii_is_hashed_over_its_utf8_bytes(string text)
    {
        var expected = StableHash.Fnv1a32Seed;
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            expected = unchecked((expected ^ b) * 16777619);
        }

        Assert.Equal(expected, StableHash.Fnv1a32(text));
    }

    [Theory]
    [InlineData("acme", "/", "acc-17")]
    [InlineData("é", "", "x")]
    public void Hash_can_be_continued_part_by_part(string first, string second, string third) => Assert.Equal(
        StableHash.Fnv1a32(first + second + third),
        StableHash.Fnv1a32(third, StableHash.Fnv1a32(second, StableHash.Fnv1a32(first))));
}

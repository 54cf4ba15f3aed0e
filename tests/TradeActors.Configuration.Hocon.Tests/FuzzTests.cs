using System.Text;
using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

/// <summary>Whatever the bytes are: either they are read, or a <see cref="HoconException"/> names a place in them.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
    [
        "a", "b", "c", ".", " ", "\n", "\t", "\r\n", "=", ":", "+=", "{", "}", "[", "]", ",", "\"", "\"\"\"", "\\", "\\u00", "${", "${?", "?", "$", "[]",
        "include ", "include \"main.conf\"", "include \"other.conf\"",
        "required(", "file(", ")", "#", "//", "/", "null", "true", "-1", "1e+5", "0", "\uFEFF", "\u00a0", "é",
        "\ud800", "\0", "a = ${a}", "${a}", "${?b}", "${a.b}", "a.b = 1\n", "b += 1\n", "c = [${a}]\n", "{ a = 1 }", "@", "+",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_bytes_are_read_or_refused(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 1_000; run++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            ReadOrRefuse(bytes, seed, run);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_pieces_of_the_language_are_read_or_refused(int seed)
    {
        var random = new Random(seed);
        var read = 0;
        for (var run = 0; run < 4_000; run++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            read += ReadOrRefuse(Encoding.UTF8.GetBytes(text), seed, run);
        }

        Assert.InRange(read, 100, 3_900); // The pieces must reach both ends.
    }

    private static int ReadOrRefuse(byte[] bytes, int seed, int run)
    {
        try
        {
            new Given().File(Given.Root, bytes).File("/conf/other.conf", "a { b = ${?c} }\nb = ${a}").Read();
            return 1;
        }
        catch (HoconException refused)
        {
            Assert.True(refused.At.Line >= 1 && refused.At.Column >= 1, $"seed {seed}, run {run}: no place in '{refused.Message}'");
            return 0;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"seed {seed}, run {run}: {Convert.ToHexString(bytes)}", error);
        }
    }
}

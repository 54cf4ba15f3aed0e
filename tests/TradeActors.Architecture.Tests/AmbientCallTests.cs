using System.Text.RegularExpressions;
using Xunit;

namespace TradeActors.Architecture.Tests;

/// <summary>Clocks, ids and randomness are passed in. Only the node, where everything is wired, may take them from the machine.</summary>
public sealed partial class AmbientCallTests
{
    [Fact]
    public void No_source_file_outside_the_node_reads_an_ambient_clock_or_draws_at_random()
    {
        var found = Repository.SourceFiles("src")
            .Where(file => !file.StartsWith("src/TradeActors.Node/", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file)).Select((line, index) => (file, index, line)))
            .Where(at => Ambient().IsMatch(Comment().Replace(at.line, "")))
            .Select(at => $"{at.file}:{at.index + 1}: {at.line.Trim()}")
            .ToArray();
        Assert.True(found.Length == 0, $"Pass a TimeProvider, a seeded generator or the id in:\n{string.Join('\n', found)}");
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow;", true)]
    [InlineData("var now = DateTimeOffset.Now;", true)]
    [InlineData("var id = System.Guid.NewGuid();", true)]
    [InlineData("await Task.Delay(100, ct);", true)]
    [InlineData("await Task.Delay(wait, _time, ct).ConfigureAwait(false);", false)]
    [InlineData("var now = time.GetUtcNow();", false)]
    [InlineData("// DateTime.UtcNow would differ between nodes.", false)]
    [InlineData("/// <remarks>Not Guid.NewGuid.</remarks>", false)]
    public void Pattern_knows_an_ambient_call_from_a_passed_one(string line, bool expected) =>
        Assert.Equal(expected, Ambient().IsMatch(Comment().Replace(line, "")));

    [GeneratedRegex(
        @"\b(DateTime|DateTimeOffset)\.(UtcNow|Now|Today)\b|\bGuid\.(NewGuid|CreateVersion7)\b|\bRandom\.Shared\b|\bnew Random\(|\bEnvironment\.TickCount"
        + @"|\bThread\.Sleep\(|\bStopwatch\.(StartNew|GetTimestamp)\b|\bTask\.Delay\((?!.*[tT]ime\b)")]
    private static partial Regex Ambient();

    [GeneratedRegex(@"(^|\s)//.*$")]
    private static partial Regex Comment();
}

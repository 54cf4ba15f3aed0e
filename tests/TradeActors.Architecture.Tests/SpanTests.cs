using System.Text.RegularExpressions;
using Xunit;

namespace TradeActors.Architecture.Tests;

/// <summary>Rules and the runtime's core neither log nor measure nor trace: the shells do, from what has been stored.</summary>
public sealed partial class SpanTests
{
    private static readonly string[] Silent =
        ["src/TradeActors.Domain", "src/TradeActors.Entities", "src/TradeActors.PaperExchange", "src/TradeActors.Runtime/Core"];

    [Fact]
    public void Rules_and_runtime_core_start_no_spans_count_nothing_and_log_nothing()
    {
        var found = Silent.SelectMany(Repository.SourceFiles).Where(file => Watching().IsMatch(Repository.Read(file))).ToArray();
        Assert.True(found.Length == 0, $"Tell it to an observer in the shell instead:\n{string.Join('\n', found)}");
    }

    [Theory]
    [InlineData("using var span = Source.StartActivity();", true)]
    [InlineData("private static readonly ActivitySource Source;", true)]
    [InlineData("Activity? span = null;", true)]
    [InlineData("ILogger<Account> log", true)]
    [InlineData("new Meter(\"x\")", true)]
    [InlineData("StageSpans.Start(", true)]
    [InlineData("long activation", false)]
    public void Pattern_knows_what_watches(string line, bool expected) => Assert.Equal(expected, Watching().IsMatch(line));

    [GeneratedRegex(@"\bActivity(Source)?\b(?!\s*is)|\bStartActivity\b|\bStageSpans\b|\bILogger\b|\bMeter\b|\bIMeterFactory\b")]
    private static partial Regex Watching();
}

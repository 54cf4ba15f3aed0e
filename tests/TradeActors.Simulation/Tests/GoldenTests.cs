using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit;

namespace TradeActors.Simulation.Tests;

/// <summary>
/// One seed gives one trace on every machine: the hashes of some stand in a file that was written on another. A change of the code changes them; run with
/// <c>ACCEPT_GOLDEN=1</c> to write them anew, and see that only what was meant to change has changed.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string File = Path.Combine(Path.GetDirectoryName(Here())!, "..", "Golden", "traces.txt");

    [Fact]
    public void Traces_are_the_same_on_every_machine()
    {
        var runs = Enumerable.Range(1, 20).Select(seed => new SimOptions((ulong)seed) { Profile = Profile.Ordinary })
            .Concat(Enumerable.Range(1, 4).Select(seed => new SimOptions((ulong)seed) { Profile = Profile.FanOut, Accounts = new Slice(1, 60) }));
        var lines = string.Concat(runs.Select(Simulator.Run).Select(result => string.Create(
            CultureInfo.InvariantCulture, $"{result.TraceHash:x16} {result.Steps,7} {result.Options.ToArguments()}\n")));
        if (Environment.GetEnvironmentVariable("ACCEPT_GOLDEN") == "1")
        {
            System.IO.File.WriteAllText(File, lines);
        }

        Assert.Equal(System.IO.File.ReadAllText(File), lines, ignoreLineEndingDifferences: true);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}

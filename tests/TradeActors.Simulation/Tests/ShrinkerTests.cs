using TradeActors.Simulation.Command;
using TradeActors.Simulation.Engine;
using Xunit;

namespace TradeActors.Simulation.Tests;

public sealed class ShrinkerTests
{
    [Theory]
    [InlineData(nameof(Defect.BlindResend))]
    [InlineData(nameof(Defect.EffectBeforeCommit))]
    public void Shrunk_case_breaks_the_same_promise_with_less_and_replays_from_its_options(string defect)
    {
        var failed = Enumerable.Range(1, 60)
            .Select(seed => Simulator.Run(new SimOptions((ulong)seed, Enum.Parse<Defect>(defect)) { Profile = Profile.Ordinary }))
            .First(result => result.Failure is not null);
        var (smallest, runs) = Shrinker.Shrink(failed);
        Assert.Equal(failed.Promise, smallest.Promise);
        Assert.InRange(runs, 1, 250);
        var (less, whole) = (smallest.Drawn, failed.Drawn);
        Assert.True(
            less.Nodes <= whole.Nodes && less.Accounts <= whole.Accounts && less.Recorders <= whole.Recorders && less.Until <= whole.Until && less != whole,
            $"{less} is left of {whole}.");
        Assert.True(smallest.Options.NoFaults || smallest.Options.Without.Count > Enum.GetValues<Fault>().Length / 2, "Hardly a kind of fault is left out.");

        var arguments = Arguments.Parse(smallest.Options.ToArguments().Split(' '))!;
        var replayed = Simulator.Run(arguments.Run with { Seed = arguments.Seed!.Value });
        Assert.Equal(smallest.TraceHash, replayed.TraceHash);
        Assert.Equal(smallest.Failure, replayed.Failure);
    }

    [Fact]
    public void Fault_that_never_fired_changes_nothing_when_it_is_left_out()
    {
        var whole = Simulator.Run(new SimOptions(4) { Profile = Profile.Ordinary });
        var unfired = Enum.GetValues<Fault>().Where(fault => whole.Fired[(int)fault] == 0);
        Assert.Equal(whole.TraceHash, Simulator.Run(whole.Options with { Without = [.. unfired] }).TraceHash);
    }
}

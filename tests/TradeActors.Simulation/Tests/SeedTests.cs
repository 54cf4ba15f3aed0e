using Xunit;

namespace TradeActors.Simulation.Tests;

public sealed class SeedTests
{
    private const int Seeds = 240;

    [Fact]
    public void Every_promise_holds_over_a_fixed_set_of_seeds()
    {
        var failed = Enumerable.Range(1, Seeds).Select(seed => Simulator.Run(new SimOptions((ulong)seed))).Where(result => result.Failure is not null).ToArray();
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed.Select(Told)));
    }

    [Fact]
    public void Every_promise_holds_when_nothing_goes_wrong()
    {
        var failed = Enumerable.Range(1, 20).Select(seed => Simulator.Run(new SimOptions((ulong)seed, NoFaults: true))).Where(result => result.Failure is not null).ToArray();
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed.Select(Told)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    public void One_seed_gives_one_trace(ulong seed)
    {
        var first = new StringWriter();
        var second = new StringWriter();
        var one = Simulator.Run(new SimOptions(seed, Trace: first));
        var other = Simulator.Run(new SimOptions(seed, Trace: second));
        Assert.Equal(one.TraceHash, other.TraceHash);
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEqual(one.TraceHash, Simulator.Run(new SimOptions(seed + 1)).TraceHash);
    }

    internal static string Told(SimResult result) =>
        $"Seed {result.Seed}, step {result.Steps}: {result.Failure}{Environment.NewLine}Replay: dotnet run --project tests/TradeActors.Simulation -- --seed {result.Seed} --trace";
}

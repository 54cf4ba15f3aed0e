using TradeActors.Simulation.Command;
using TradeActors.Simulation.Engine;
using Xunit;

namespace TradeActors.Simulation.Tests;

public sealed class ArgumentsTests
{
    [Fact]
    public void Without_options_some_seeds_run_for_a_short_time()
    {
        var arguments = Arguments.Parse([])!;
        Assert.Equal((200L, TimeSpan.FromMinutes(2), 1UL), (arguments.Seeds, arguments.Limit, arguments.From));
    }

    [Fact]
    public void Minutes_alone_bound_nothing_else() => Assert.Null(Arguments.Parse(["--minutes", "5"])!.Seeds);

    [Theory]
    [InlineData("--sedes 4", "--seeds")]
    [InlineData("--defect blind", "BlindResend")]
    [InlineData("--without ProcesCrash", "ProcessCrash")]
    [InlineData("--profile group", "FanOut")]
    [InlineData("--seeds", "needs a value")]
    [InlineData("--seeds 0", "at least 1")]
    [InlineData("--accounts 1..2..3", "range")]
    [InlineData("--fresh --from 7", "--from")]
    public void What_makes_no_sense_is_refused_with_what_to_do(string line, string told)
    {
        var error = Assert.Throws<FormatException>(() => Arguments.Parse(line.Split(' ')));
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_a_run_are_read_back_as_they_were_written()
    {
        var options = new SimOptions(17, Defect.HoleInBatch, Nodes: 2)
        {
            Profile = Profile.FanOut,
            Without = [Fault.ProcessCrash, Fault.SendDelayed],
            Recorders = new Slice(2, 2),
            Accounts = new Slice(1, 3),
            Signals = new Slice(4, 9),
            Requests = Slice.None,
            Operations = new Slice(1, 1),
            Until = TimeSpan.FromMilliseconds(12_345),
        };
        var read = Arguments.Parse(options.ToArguments().Split(' '))!;
        Assert.Equal(options.ToArguments(), (read.Run with { Seed = read.Seed!.Value }).ToArguments());
    }
}

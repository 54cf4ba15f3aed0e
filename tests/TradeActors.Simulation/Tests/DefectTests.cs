using TradeActors.Simulation.Engine;
using Xunit;

namespace TradeActors.Simulation.Tests;

/// <summary>Proof that the simulation can fail: each deliberate defect is caught within the stated number of seeds, by the promise it breaks.</summary>
public sealed class DefectTests
{
    [Theory]
    [InlineData(nameof(Defect.EffectBeforeCommit), 40)]
    [InlineData(nameof(Defect.ReplyBeforeCommit), 40)]
    [InlineData(nameof(Defect.AckBeforeCommit), 40)]
    [InlineData(nameof(Defect.BlindResend), 40)]
    [InlineData(nameof(Defect.RecoveredIntentSent), 40)]
    [InlineData(nameof(Defect.FenceIgnored), 40)]
    [InlineData(nameof(Defect.WakesNotLoaded), 40)]
    [InlineData(nameof(Defect.MarksForgotten), 40)]
    [InlineData(nameof(Defect.HoleInBatch), 60)]
    [InlineData(nameof(Defect.NeverRepeated), 40)]
    [InlineData(nameof(Defect.DeadlineIgnored), 40)]
    [InlineData(nameof(Defect.LateSendByWokenOwner), 40)]
    [InlineData(nameof(Defect.CancelOvertakesSubmit), 40)]
    [InlineData(nameof(Defect.NotFoundTooEarly), 40)]
    [InlineData(nameof(Defect.ReplayedFillBooked), 40)]
    [InlineData(nameof(Defect.StrayFillUnheard), 40)]
    public void Defect_is_caught(string defect, int withinSeeds)
    {
        var caught = Enumerable.Range(1, withinSeeds)
            .Select(seed => Simulator.Run(new SimOptions((ulong)seed, Enum.Parse<Defect>(defect))))
            .FirstOrDefault(result => result.Failure is not null);
        Assert.True(caught is not null, $"{defect} was not caught within {withinSeeds} seeds.");
    }
}

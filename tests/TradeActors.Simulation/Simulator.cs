using TradeActors.Simulation.Engine;
using TradeActors.Simulation.Model;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation;

/// <summary>How one run ended.</summary>
/// <param name="Failure">Null when every promise held.</param>
/// <param name="Promise">The short name of the promise that was broken.</param>
internal sealed record SimResult(
    ulong Seed, ulong TraceHash, long Steps, TimeSpan Simulated, long FanOutDeliveries, int Acknowledged, int Accepted, int BrokerOrders,
    IReadOnlyList<long> Fired, string? Promise, string? Failure, IReadOnlyList<string> LastLines);

/// <summary>Runs one seed from start to rest and judges it.</summary>
internal static class Simulator
{
    public static SimResult Run(SimOptions options)
    {
        var world = new SimWorld(options);
        string? promise = null, failure = null;
        try
        {
            world.RunFaulty();
            if (world.Settle() is { } open)
            {
                throw new SimulationFailure("Liveness", open);
            }

            new FinalChecks(world).Run();
        }
        catch (SimulationFailure broken)
        {
            (promise, failure) = (broken.Promise, broken.Message);
        }
#pragma warning disable CA1031 // The top of a run: whatever is thrown is a finding, and the other seeds go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            (promise, failure) = ("NoDefects", error.ToString());
        }

        return new SimResult(
            options.Seed, world.Trace.Hash, world.Steps, world.Elapsed, world.FanOutDeliveries, world.Model.Acknowledgements, world.Model.Accepted,
            world.Workload.Accounts.Sum(account => world.Book(account.Connection).Orders.Count), world.Faults.Fired, promise, failure, [.. world.Trace.Last]);
    }
}

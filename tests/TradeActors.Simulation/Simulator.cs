using TradeActors.Simulation.Engine;
using TradeActors.Simulation.Model;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation;

/// <summary>How one run ended.</summary>
/// <param name="Failure">Null when every promise held.</param>
/// <param name="Promise">The short name of the promise that was broken.</param>
/// <param name="Deliveries">Parts of signal fan-outs that an account has handled for the first time.</param>
/// <param name="Transmissions">Parts of fan-outs sent, repeats among them.</param>
/// <param name="Drawn">What the options left to the seed.</param>
internal sealed record SimResult(
    SimOptions Options, ulong TraceHash, long Steps, TimeSpan Simulated, long Deliveries, long Transmissions, int Acknowledged, int Accepted, int BrokerOrders,
    IReadOnlyList<long> Fired, string? Promise, string? Failure, IReadOnlyList<string> LastLines)
{
    public ulong Seed => Options.Seed;

    public required Drawn Drawn { get; init; }

    public required IReadOnlyList<(PathKind Kind, string Name, long Count)> Paths { get; init; }

    /// <summary>What clients of the hubs have seen.</summary>
    public required int LiveEvents { get; init; }

    public required int LiveResets { get; init; }
}

/// <summary>What a seed has made of it.</summary>
/// <param name="Until">When clients and faults stopped.</param>
internal sealed record Drawn(Profile Profile, int Nodes, int Recorders, int Accounts, TimeSpan Until);

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
            world.Rows.CheckAtRest();
            if (world.SettleLive() is { } unseen)
            {
                throw new SimulationFailure("LiveReachesAll", unseen);
            }
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
            options, world.Trace.Hash, world.Steps, world.Elapsed, world.Deliveries, world.Transmissions, world.Model.Acknowledgements, world.Model.Accepted,
            world.Workloads.Sum(workload => workload.Accounts.Sum(account => world.Book(account.Connection).Orders.Count)), world.Faults.Fired, promise, failure, [.. world.Trace.Last])
        {
            Drawn = new Drawn(world.Profile, world.Nodes.Length, world.Workload.Recorders.Length, world.Workload.Accounts.Length, world.Workload.Until),
            Paths = [.. world.Coverage.Paths],
            LiveEvents = world.Live.Events,
            LiveResets = world.Live.Resets,
        };
    }
}

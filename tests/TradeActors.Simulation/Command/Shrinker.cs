using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.Command;

/// <summary>
/// Makes a failing run smaller: fewer kinds of fault, an earlier end, fewer nodes, recorders, accounts, signals, requests and operations, as long as the
/// same promise is broken. What is left out changes nothing of how the rest is drawn, and what comes of it is a run that options replay.
/// </summary>
internal sealed class Shrinker
{
    /// <summary>Bounds by work, not by time: the same failure is shrunk to the same case on every machine.</summary>
    private const int MostRuns = 250;

    private const long MostSteps = 15_000_000;

    private readonly string _promise;
    private long _steps;

    private Shrinker(SimResult failed)
    {
        Best = failed;
        _promise = failed.Promise!;
    }

    private SimResult Best { get; set; }

    private int Runs { get; set; }

    private bool IsOver => Runs >= MostRuns || _steps >= MostSteps;

    /// <param name="failed">A run that broke a promise.</param>
    /// <returns>The smallest run found that breaks the same one, and how many were tried.</returns>
    public static (SimResult Smallest, int Runs) Shrink(SimResult failed)
    {
        var shrinker = new Shrinker(failed);
        shrinker.Run();
        return (shrinker.Best, shrinker.Runs);
    }

    private void Run()
    {
        // Kinds that never fired draw from streams of their own: without them the run is the very same.
        Try(options => options with { Without = options.Without.Union(Enum.GetValues<Fault>().Where(fault => Best.Fired[(int)fault] == 0)) });
        for (var before = -1L; before != Size && !IsOver;)
        {
            before = Size;
            EndEarlier();
            SwitchOffFaults();
            Try(options => options with { Nodes = 1 });
            Try(options => options with { Tenants = 1 });
            Cut(options => options.Operations, (options, slice) => options with { Operations = slice }, 3);
            Cut(options => options.Requests, (options, slice) => options with { Requests = slice }, 25);
            Cut(options => options.Recorders, (options, slice) => options with { Recorders = slice }, 2);
            Cut(options => options.Signals, (options, slice) => options with { Signals = slice }, 600);
            Cut(options => options.Accounts, (options, slice) => options with { Accounts = slice }, 1_000);
        }
    }

    /// <summary>What must become less from round to round, or there is nothing left to find.</summary>
    private long Size => Best.Steps + Enum.GetValues<Fault>().Length - Best.Options.Without.Count;

    private bool Try(Func<SimOptions, SimOptions> change)
    {
        var options = change(Best.Options);
        if (IsOver || options.ToArguments() == Best.Options.ToArguments())
        {
            return false;
        }

        Runs++;
        var result = Simulator.Run(options);
        _steps += result.Steps;
        if (result.Promise != _promise)
        {
            return false;
        }

        Best = result;
        return true;
    }

    /// <summary>Right after the failure at first, which changes nothing of what went before; then in the middle of what is left.</summary>
    private void EndEarlier()
    {
        var failedAt = TimeSpan.FromMilliseconds(Math.Ceiling(Best.Simulated.TotalMilliseconds));
        if (failedAt < Best.Drawn.Until)
        {
            Try(options => options with { Until = failedAt });
        }

        for (var share = 2; share <= 8; share *= 2)
        {
            var until = TimeSpan.FromMilliseconds(Math.Floor(Best.Drawn.Until.TotalMilliseconds * (share - 1) / share));
            while (until > TimeSpan.Zero && Try(options => options with { Until = until }))
            {
                until = TimeSpan.FromMilliseconds(Math.Floor(until.TotalMilliseconds * (share - 1) / share));
            }
        }
    }

    /// <summary>All, in halves, in quarters, and at last one by one.</summary>
    private void SwitchOffFaults()
    {
        if (Best.Options.NoFaults || Try(options => options with { NoFaults = true, Without = [] }))
        {
            return;
        }

        for (var size = (Left().Length + 1) / 2; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
        {
            foreach (var some in Left().Chunk(size))
            {
                Try(options => options with { Without = options.Without.Union(some) });
            }
        }

        Fault[] Left() => [.. Enum.GetValues<Fault>().Where(fault => !Best.Options.Without.Contains(fault))];
    }

    /// <summary>Cuts from the end and from the beginning, by halves as long as it goes and then by less.</summary>
    private void Cut(Func<SimOptions, Slice> of, Func<SimOptions, Slice, SimOptions> with, int most)
    {
        if (of(Best.Options) is { Last: 0 } || Try(options => with(options, Slice.None)))
        {
            return;
        }

        for (var size = Count() / 2; size >= 1;)
        {
            var slice = Bounded();
            var isLess = size < Count()
                && (Try(options => with(options, slice with { Last = slice.Last - size })) || Try(options => with(options, slice with { First = slice.First + size })));
            size = isLess ? Math.Min(size, Count() / 2) : size / 2;
        }

        Slice Bounded() => of(Best.Options) is var slice && slice.Last > most ? slice with { Last = most } : slice;

        int Count() => Bounded() is var slice ? slice.Last - slice.First + 1 : 0;
    }
}

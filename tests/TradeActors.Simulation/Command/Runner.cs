using System.Collections.Concurrent;

namespace TradeActors.Simulation.Command;

/// <summary>Runs seeds, several at once when asked, and gives the results in the order of the seeds.</summary>
internal static class Runner
{
    /// <param name="more">Asked before each seed is begun, from any thread.</param>
    public static IEnumerable<SimResult> Run(IEnumerable<SimOptions> runs, int jobs, Func<bool> more)
    {
        if (jobs == 1)
        {
            return runs.TakeWhile(_ => more()).Select(Simulator.Run);
        }

        return RunAtOnce(runs, jobs, more);
    }

    private static IEnumerable<SimResult> RunAtOnce(IEnumerable<SimOptions> runs, int jobs, Func<bool> more)
    {
        // Bounded: a seed that takes long holds up those behind it, and nobody runs further ahead than this.
        using var started = new BlockingCollection<Task<SimResult>>(jobs * 4);
        using var isStopped = new CancellationTokenSource();
        var starter = Task.Run(() => Start(runs, jobs, more, started, isStopped.Token));
        try
        {
            foreach (var run in started.GetConsumingEnumerable())
            {
                yield return run.GetAwaiter().GetResult();
            }
        }
        finally
        {
            isStopped.Cancel();
            starter.GetAwaiter().GetResult();
        }
    }

    private static void Start(
        IEnumerable<SimOptions> runs, int jobs, Func<bool> more, BlockingCollection<Task<SimResult>> started, CancellationToken isStopped)
    {
        var free = new SemaphoreSlim(jobs);
        try
        {
            foreach (var options in runs.TakeWhile(_ => more()))
            {
                free.Wait(isStopped);
                started.Add(
                    Task.Factory.StartNew(
                        () =>
                        {
                            try
                            {
                                return Simulator.Run(options);
                            }
                            finally
                            {
                                free.Release();
                            }
                        },
                        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
                    isStopped);
            }
        }
        catch (OperationCanceledException) when (isStopped.IsCancellationRequested)
        {
            // Whoever reads the results has had enough.
        }
        finally
        {
            started.CompleteAdding();
        }
    }
}

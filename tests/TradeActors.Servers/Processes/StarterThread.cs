using System.Collections.Concurrent;

namespace TradeActors.Servers.Processes;

/// <summary>Starts every server from one thread that lives as long as this process.</summary>
/// <remarks>The kernel sends the parent-death signal when the <em>thread</em> that forked ends, and threads of the pool come and go.</remarks>
internal static class StarterThread
{
    private static readonly BlockingCollection<Action> Starts = [];

    static StarterThread() => new Thread(Run) { IsBackground = true, Name = "starter of servers" }.Start();

    public static Task<T> RunAsync<T>(Func<T> start)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                done.SetResult(start());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    private static void Run()
    {
        foreach (var start in Starts.GetConsumingEnumerable())
        {
            start();
        }
    }
}

using System.Diagnostics;

namespace TradeActors.Ledger.Processes;

/// <summary>Waiting for a state, never for a time. A deadline that passes says what was last seen.</summary>
public static class Until
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <param name="look">Null when the state is reached, else what stands in the way.</param>
    public static async Task ReachedAsync(string what, TimeSpan deadline, Func<Task<string?>> look, TimeSpan? step = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (seen is null)
            {
                return;
            }

            if (watch.Elapsed > deadline)
            {
                throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for: {what}. Last seen: {seen}");
            }

            await Task.Delay(step ?? Step);
        }
    }
}

using System.Collections;
using System.Diagnostics;
using Xunit.Sdk;

namespace TradeActors.Api.Tests.Support;

/// <summary>Waits for a state, not for a time.</summary>
internal static class Wait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <returns>What was seen when it was as expected.</returns>
    public static async Task<T> UntilAsync<T>(string expected, Func<Task<T>> look, Func<T, bool> isThere)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isThere(seen))
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(started) > Deadline)
            {
                throw new XunitException($"Expected {expected} within {Deadline.TotalSeconds} s; last seen: {Print(seen)}");
            }

            await Task.Delay(20);
        }
    }

    private static string Print(object? seen) => seen is IEnumerable many and not string ? string.Join(", ", many.Cast<object>()) : $"{seen}";
}

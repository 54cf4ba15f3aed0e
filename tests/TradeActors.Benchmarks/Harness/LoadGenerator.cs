using System.Diagnostics;
using System.Net.Http.Headers;

namespace TradeActors.Benchmarks.Harness;

/// <param name="PerSecond">Answered requests.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="Cpu">Microseconds of processor time a request, the generator's own included: says more than the rate where cores are shared.</param>
internal sealed record Load(double PerSecond, double P50, double P99, double Cpu)
{
    public static Load MedianOf(IReadOnlyCollection<Load> loads) => new(
        Median.Of(loads.Select(load => load.PerSecond)), Median.Of(loads.Select(load => load.P50)), Median.Of(loads.Select(load => load.P99)),
        Median.Of(loads.Select(load => load.Cpu)));

    public override string ToString() => $"{PerSecond:N0}/s, p50 {P50:0.00} ms, p99 {P99:0.00} ms, {Cpu:0} µs CPU";
}

/// <summary>Posts from a number of connections, each waiting for its answer before the next request, in this process.</summary>
internal sealed class LoadGenerator : IDisposable
{
    private readonly int _connections;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;

    public LoadGenerator(string address, int connections)
    {
        _connections = connections;
        _handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false, UseCookies = false };
        _client = new HttpClient(_handler) { BaseAddress = new Uri(address) };
    }

    /// <param name="path">By connection.</param>
    /// <param name="body">Made new for every request.</param>
    /// <exception cref="InvalidOperationException">An answer that does not hold <paramref name="mustHold"/>.</exception>
    public async Task<Load> RunAsync(TimeSpan duration, Func<int, string> path, Func<byte[]> body, string mustHold, CancellationToken ct)
    {
        var latencies = new List<long>[_connections];
        var (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var until = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, _connections).Select(i => Task.Run(
            async () => latencies[i] = await PostUntilAsync(until, path(i), body, mustHold, ct), ct)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var used = Environment.CpuUsage.TotalTime - cpu;
        var all = latencies.SelectMany(ticks => ticks).Order().ToArray();
        return new Load(all.Length / seconds, Milliseconds(all[all.Length / 2]), Milliseconds(all[(int)(all.Length * 0.99)]), used.TotalMicroseconds / all.Length);
    }

    public async Task<string> PostAsync(string path, byte[] body, CancellationToken ct)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _client.PostAsync(new Uri(path, UriKind.Relative), content, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private async Task<List<long>> PostUntilAsync(long until, string path, Func<byte[]> body, string mustHold, CancellationToken ct)
    {
        var latencies = new List<long>();
        while (Stopwatch.GetTimestamp() is var before && before < until)
        {
            var answer = await PostAsync(path, body(), ct);
            latencies.Add(Stopwatch.GetTimestamp() - before);
            if (!answer.Contains(mustHold, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The server answered: {answer}");
            }
        }

        return latencies;
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}

using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>POST /webhook/{token} until the durable 200, beside an empty endpoint and beside raw inserts of the rows that one signal makes.</summary>
internal sealed class WebhookScenario : IScenario
{
    private const int Recorders = 16;

    /// <summary>Signals whose rows the raw inserts use.</summary>
    private const int Sampled = 1_000;

    /// <summary>On few cores the compiler's own threads take as much time as the load for the first ten seconds or so.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    private static readonly (int Connections, int Recorders)[] Shapes = [(1, Recorders), (8, Recorders), (64, Recorders), (64, 1)];

    public string Name => "webhook";

    public string About => "webhook to durable 200, with 1, 8 and 64 connections";

    public async Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        await using var node = await BenchNode.StartAsync(folder.Next(), ct);
        await using var empty = await StartEmptyAsync(ct);
        var paths = new string[Recorders];
        for (var i = 0; i < Recorders; i++)
        {
            paths[i] = await node.AddRecorderAsync($"recorder{i:00}", ct);
        }

        var sample = await SampleAsync(node, paths, ct);
        var address = empty.Urls.First();
        Progress.Say(Name, "warming up");
        var warmUp = options.Seconds < 2 ? options.Duration : WarmUp;
        await LoadAsync(node.Address, 64, paths, warmUp, "accepted", ct);
        await LoadAsync(address, 64, paths, warmUp / 3, "accepted", ct);
        foreach (var (connections, recorders) in Shapes)
        {
            var (own, none, raw) = (new List<Load>(), new List<Load>(), new List<double>());
            using var store = await RawStore.CreateAsync(folder.Next());
            for (var round = 0; round < options.Rounds; round++)
            {
                own.Add(await LoadAsync(node.Address, connections, paths[..recorders], options.Duration, "accepted", ct));
                none.Add(await LoadAsync(address, connections, paths[..recorders], options.Duration, "accepted", ct));
                raw.Add(RawPerSecond(store, sample, connections, options.Duration, $"raw{round}"));
                Progress.Say(Name, $"{connections} connections, round {round + 1}: {own[^1]}; empty {none[^1]}; raw {raw[^1]:N0}/s");
            }

            Add(report, $"{connections} connections, {recorders} recorder{(recorders == 1 ? "" : "s")}", Load.MedianOf(own), Load.MedianOf(none), Median.Of(raw), connections);
        }
    }

    private void Add(Report report, string shape, Load own, Load none, double raw, int connections)
    {
        report.Add(Name, shape, own.ToString(), $"empty endpoint {none}", own.PerSecond / none.PerSecond);
        report.Add(Name, "  the same", $"{own.PerSecond:N0}/s", $"raw inserts, {connections} signals a commit: {raw:N0}/s", own.PerSecond / raw);
        // A request costs what the empty endpoint costs and what its rows cost: with everything on the same cores the two add up.
        var both = 1 / (1 / none.PerSecond + 1 / raw);
        report.Add(Name, "  the same", $"{own.PerSecond:N0}/s", $"both, one after the other: {both:N0}/s", own.PerSecond / both);
    }

    private static async Task<Load> LoadAsync(string address, int connections, string[] paths, TimeSpan duration, string mustHold, CancellationToken ct)
    {
        using var load = new LoadGenerator(address, connections);
        return await load.RunAsync(duration, connection => paths[connection % paths.Length], Setup.Signal, mustHold, ct);
    }

    /// <summary>The rows of signals that came one at a time, one group each.</summary>
    private static async Task<List<List<Abstractions.Journal.EntityAppend>>> SampleAsync(BenchNode node, string[] paths, CancellationToken ct)
    {
        using var load = new LoadGenerator(node.Address, 1);
        node.Journal.Keep();
        for (var i = 0; i < Sampled; i++)
        {
            await load.PostAsync(paths[i % paths.Length], Setup.Signal(), ct);
        }

        return node.Journal.Kept().Where(part => part.Events.Any(row => row.Type == "recorder.signal-accepted.v1")).ByEvents(1);
    }

    private static double RawPerSecond(
        RawStore store, List<List<Abstractions.Journal.EntityAppend>> sample, int together, TimeSpan duration, string tenant)
    {
        var (signals, seconds) = (0, 0.0);
        for (var pass = 0; seconds < duration.TotalSeconds; pass++)
        {
            var groups = sample.Chunk(together).Select(signal => RawGroup.Of(signal.SelectMany(parts => parts).As($"{tenant}-{pass}"))).ToList();
            seconds += store.Insert(groups);
            signals += sample.Count;
        }

        return signals / seconds;
    }

    /// <summary>Reads the body, answers as many bytes as a webhook's answer has.</summary>
    private static async Task<WebApplication> StartEmptyAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var answer = """{"signalId":"abcdefghijklmn","state":"accepted"}"""u8.ToArray();
        app.Run(async context =>
        {
            while (await context.Request.BodyReader.ReadAsync(context.RequestAborted) is var read)
            {
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        });
        await app.StartAsync(ct);
        return app;
    }
}

using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;
using TradeActors.Benchmarks.Scenarios;

namespace TradeActors.Benchmarks;

/// <summary>
/// Measures the whole program against what its parts could do at best, in one run on one machine. A harness of our own: BenchmarkDotNet repeats a
/// short method in isolated processes, while these scenarios hold a server, a disk and hundreds of connections, and only mean something beside a
/// limit measured at the same time.
/// </summary>
internal static class Program
{
    private static readonly IScenario[] All =
        [new WebhookScenario(), new FanOutScenario(), new JournalScenario(), new CoreScenario(), new LiveScenario(), new ClusterScenario()];

    public static async Task<int> Main(string[] args)
    {
        if (args is [BareQueue.Command, var broker])
        {
            await BareQueue.AnswerAsync(new Uri(broker));
            return 0;
        }

        BenchOptions options;
        try
        {
            options = BenchOptions.Parse(args, [.. All.Select(scenario => scenario.Name)]);
        }
        catch (FormatException error)
        {
            await Console.Error.WriteLineAsync($"{error.Message} Try --help.");
            return 2;
        }

        if (options.ShowsHelp || options.ShowsList)
        {
            Console.WriteLine(options.ShowsHelp ? BenchOptions.Help : string.Join('\n', All.Select(scenario => $"{scenario.Name,-10}{scenario.About}")));
            return 0;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        var report = new Report();
        foreach (var scenario in All.Where(scenario => options.Scenarios.Contains(scenario.Name)))
        {
            Progress.Say(scenario.Name, scenario.About);
            using var folder = new WorkFolder(options.DataDirectory);
            await scenario.RunAsync(options, folder, report, stop.Token);
        }

        Console.WriteLine(report.ToTable());
        return 0;
    }
}

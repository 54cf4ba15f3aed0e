using System.Collections.Immutable;
using System.Globalization;

namespace TradeActors.Benchmarks.Harness;

/// <summary>The command line.</summary>
/// <param name="Seconds">Length of one timed measurement.</param>
/// <param name="Rounds">How often figure and limit are measured, in turn; medians are reported.</param>
/// <param name="Accounts">Subscribed accounts of the fan-out scenarios; clients of live.</param>
/// <param name="Entities">Of the cluster scenario.</param>
/// <param name="Kills">Of its nodes.</param>
internal sealed record BenchOptions(
    ImmutableArray<string> Scenarios, double Seconds, int Rounds, int Accounts, int Entities, int Kills, string DataDirectory, bool ShowsHelp, bool ShowsList)
{
    public const string Help = """
        Benchmarks of TradeActors: every figure beside a limit measured in the same run.

        usage: dotnet run -c Release --project tests/TradeActors.Benchmarks -- [scenario ...] [options]

          scenario      any of those that --list names; all without one
          --seconds N   length of one timed measurement; default 3
          --rounds N    how often each figure and its limit are measured in turn; the table shows medians; default 5
          --accounts N  subscribed accounts of fanout and of the streams that journal and core use, clients of live; default 1000
          --entities N  entities of cluster; default 10000
          --kills N     kills of its nodes; default 20
          --data DIR    where the databases go; default the system's temporary folder. A folder in memory would not show what an fsync costs
          --quick       one second, one round, 200 accounts, 300 entities, 2 kills: whether it runs, not how fast
          --list        the scenarios
          --help        this text

        Progress goes to stderr, the table to stdout.
        """;

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    /// <exception cref="FormatException">An option or a scenario is not known, or a value is out of its range.</exception>
    public static BenchOptions Parse(string[] args, ImmutableArray<string> known)
    {
        var options = new BenchOptions([], 3, 5, 1000, 10_000, 20, Path.GetTempPath(), false, false);
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--help" or "-h" or "-?" => options with { ShowsHelp = true },
                "--list" => options with { ShowsList = true },
                "--quick" => options with { Seconds = 1, Rounds = 1, Accounts = 200, Entities = 300, Kills = 2 },
                "--seconds" => options with { Seconds = Number(args, ref i, 0.1, 3600) },
                "--rounds" => options with { Rounds = (int)Number(args, ref i, 1, 1000) },
                "--accounts" => options with { Accounts = (int)Number(args, ref i, 1, 100_000) },
                "--entities" => options with { Entities = (int)Number(args, ref i, 10, 100_000) },
                "--kills" => options with { Kills = (int)Number(args, ref i, 1, 1000) },
                "--data" => options with { DataDirectory = Value(args, ref i) },
                var name when known.Contains(name) => options with { Scenarios = options.Scenarios.Add(name) },
                var other => throw new FormatException($"'{other}' is neither a scenario nor an option."),
            };
        }

        return options.Scenarios.IsEmpty ? options with { Scenarios = known } : options;
    }

    private static string Value(string[] args, ref int i) => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value.");

    private static double Number(string[] args, ref int i, double least, double most)
    {
        var name = args[i];
        return double.TryParse(Value(args, ref i), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new FormatException($"{name} takes a number from {least} to {most}.");
    }
}

using TradeActors.Simulation.Command;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation;

/// <summary>The command: <see cref="Arguments.Help"/> says what it can do.</summary>
internal static class Program
{
    private const string Command = "dotnet run -c Release --project tests/TradeActors.Simulation --";

    /// <returns>0 when every promise held, 1 when one was broken, 2 when the options make no sense.</returns>
    public static int Main(string[] args)
    {
        try
        {
            if (Arguments.Parse(args) is not { } arguments)
            {
                Console.WriteLine(Arguments.Help);
                return 0;
            }

            return arguments.Seed is { } seed ? Replay(arguments, seed) : Explore(arguments, isBare: args.Length == 0);
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
    }

    private static int Replay(Arguments arguments, ulong seed)
    {
        var result = Simulator.Run(arguments.Run with { Seed = seed, Trace = arguments.HasTrace ? Console.Out : null });
        if (result.Failure is not null)
        {
            Tell(result, arguments.IsQuiet || arguments.HasTrace);
        }

        Console.WriteLine(FormattableString.Invariant(
            $"Seed {seed} ({result.Drawn.Profile}, {result.Drawn.Nodes} nodes, {result.Drawn.Recorders} recorders, {result.Drawn.Accounts} accounts): {result.Steps} steps, {result.Simulated.TotalSeconds:0.000} s, trace {result.TraceHash:x16}. {(result.Failure is null ? "Every promise held." : "Failed.")}"));
        return result.Failure is null ? 0 : 1;
    }

    private static int Explore(Arguments arguments, bool isBare)
    {
        // Far from the fixed seeds, and short enough to type.
        var from = arguments.IsFresh ? 1_000_000 + ((ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() % 1_000_000_000 * 100) : arguments.From;
        var seeds = arguments.Seeds is { } count ? FormattableString.Invariant($"{count} seeds from {from}") : FormattableString.Invariant($"seeds from {from}");
        Console.WriteLine(FormattableString.Invariant($"Runs {seeds}, for {arguments.Limit.TotalMinutes:0.#} minutes at most."));
        var totals = new Totals();
        var failed = new List<ulong>();
        var shown = TimeSpan.Zero;
        var runs = Count(from, arguments.Seeds).Select(seed => arguments.Run with { Seed = seed });
        foreach (var result in Runner.Run(runs, arguments.Jobs, () => totals.Elapsed < arguments.Limit))
        {
            totals.Add(result);
            if (result.Failure is not null)
            {
                failed.Add(result.Seed);
                Explain(arguments, result);
                if (arguments.StopsAtFailure)
                {
                    break;
                }
            }

            if (!arguments.IsQuiet && totals.Elapsed - shown > TimeSpan.FromSeconds(5))
            {
                shown = totals.Elapsed;
                Console.WriteLine(totals.Progress(arguments, failed.Count));
            }
        }

        totals.Show(Console.Out);
        Console.WriteLine();
        Console.WriteLine(failed.Count == 0 ? "Every promise held." : $"Failed: {string.Join(' ', failed)}");
        if (isBare)
        {
            Console.WriteLine($"Next: `{Command} --fresh --minutes 60` runs seeds that nobody has run; --help says what else there is.");
        }

        return failed.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<ulong> Count(ulong from, long? seeds)
    {
        for (var i = 0L; seeds is null || i < seeds; i++)
        {
            yield return from + (ulong)i;
        }
    }

    /// <summary>A failure as it came, and as small as it can be made.</summary>
    private static void Explain(Arguments arguments, SimResult result)
    {
        Console.WriteLine();
        if (!arguments.Shrinks)
        {
            Tell(result, arguments.IsQuiet);
            return;
        }

        Console.WriteLine(FormattableString.Invariant($"FAILED seed {result.Seed} at step {result.Steps}: {result.Failure}"));
        Console.WriteLine($"As it came: {Command} {result.Options.ToArguments()} --trace");
        var (smallest, runs) = Shrinker.Shrink(result);
        Console.WriteLine(FormattableString.Invariant($"Shrunk in {runs} runs from {result.Steps} steps to {smallest.Steps}:"));
        Tell(smallest, arguments.IsQuiet);
    }

    private static void Tell(SimResult result, bool isQuiet)
    {
        foreach (var line in isQuiet ? [] : result.LastLines)
        {
            Console.WriteLine($"  {line}");
        }

        Console.WriteLine(FormattableString.Invariant($"FAILED seed {result.Seed} at step {result.Steps}: {result.Failure}"));
        Console.WriteLine(FormattableString.Invariant(
            $"{result.Drawn.Profile}, {result.Drawn.Nodes} nodes, {result.Drawn.Recorders} recorders, {result.Drawn.Accounts} accounts; faults: {FaultsOf(result)}"));
        Console.WriteLine($"Replay: {Command} {result.Options.ToArguments()} --trace");
        Console.WriteLine();
    }

    private static string FaultsOf(SimResult result) => Enum.GetValues<Fault>().Where(fault => result.Fired[(int)fault] > 0)
        .Select(fault => FormattableString.Invariant($"{fault} {result.Fired[(int)fault]}")).DefaultIfEmpty("none").Aggregate((all, one) => $"{all}, {one}");
}

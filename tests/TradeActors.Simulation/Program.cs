using System.Diagnostics;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation;

/// <summary>Runs seeds and reports. <c>--seeds 200</c>, <c>--from 1</c>, <c>--minutes 5</c>, or <c>--seed 17 --trace</c> to replay one.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (Number(args, "--seed") is { } seed)
        {
            return Replay(args, (ulong)seed);
        }

        var from = Number(args, "--from") ?? 1;
        var seeds = Number(args, "--seeds") ?? 200;
        var limit = TimeSpan.FromMinutes(Number(args, "--minutes") ?? 60);
        var totals = new Totals();
        var failed = new List<SimResult>();
        for (var i = from; i < from + seeds && totals.Elapsed < limit; i++)
        {
            var result = Simulator.Run(Options(args, (ulong)i));
            totals.Add(result);
            if (result.Failure is not null)
            {
                failed.Add(result);
                Explain(args, result);
            }

            totals.ShowProgress(failed.Count);
        }

        totals.Show();
        Console.WriteLine(failed.Count == 0 ? "Every promise held." : $"Failed: {string.Join(' ', failed.Select(result => result.Seed))}");
        return failed.Count == 0 ? 0 : 1;
    }

    private static int Replay(string[] args, ulong seed)
    {
        var result = Simulator.Run(Options(args, seed) with { Trace = args.Contains("--trace") ? Console.Out : null });
        if (result.Failure is not null)
        {
            Explain(args, result);
        }

        Console.WriteLine($"Seed {seed}: {result.Steps} steps, {result.Simulated}, trace {result.TraceHash:x16}. {(result.Failure is null ? "Every promise held." : "Failed.")}");
        return result.Failure is null ? 0 : 1;
    }

    private static SimOptions Options(string[] args, ulong seed) => new(
        seed, Text(args, "--defect") is { } defect ? Enum.Parse<Defect>(defect, ignoreCase: true) : Defect.None, Nodes: (int)(Number(args, "--nodes") ?? 0),
        NoFaults: args.Contains("--no-faults"));

    private static void Explain(string[] args, SimResult result)
    {
        var extra = string.Concat(
            Text(args, "--defect") is { } defect ? $" --defect {defect}" : "", Text(args, "--nodes") is { } nodes ? $" --nodes {nodes}" : "",
            args.Contains("--no-faults") ? " --no-faults" : "");
        Console.WriteLine();
        Console.WriteLine($"FAILED seed {result.Seed} at step {result.Steps}: {result.Failure}");
        if (!args.Contains("--quiet"))
        {
            foreach (var line in result.LastLines)
            {
                Console.WriteLine($"  {line}");
            }
        }

        Console.WriteLine($"Replay: dotnet run --project tests/TradeActors.Simulation -- --seed {result.Seed} --trace{extra}");
        Console.WriteLine();
    }

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static long? Number(string[] args, string name) => Text(args, name) is { } text ? long.Parse(text) : null;

    /// <summary>Sums over the seeds run so far.</summary>
    private sealed class Totals
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly long[] _fired = new long[Enum.GetValues<Fault>().Length];
        private readonly int[] _seedsWith = new int[Enum.GetValues<Fault>().Length];
        private int _seeds;
        private long _steps;
        private long _deliveries;
        private long _acknowledged;
        private long _accepted;
        private long _orders;
        private long _liveEvents;
        private long _liveResets;
        private TimeSpan _simulated;
        private TimeSpan _shown;

        public TimeSpan Elapsed => _watch.Elapsed;

        public void Add(SimResult result)
        {
            _seeds++;
            _steps += result.Steps;
            _deliveries += result.FanOutDeliveries;
            _acknowledged += result.Acknowledged;
            _accepted += result.Accepted;
            _orders += result.BrokerOrders;
            _liveEvents += result.LiveEvents;
            _liveResets += result.LiveResets;
            _simulated += result.Simulated;
            for (var i = 0; i < _fired.Length; i++)
            {
                _fired[i] += result.Fired[i];
                _seedsWith[i] += result.Fired[i] > 0 ? 1 : 0;
            }
        }

        public void ShowProgress(int failed)
        {
            if (Elapsed - _shown > TimeSpan.FromSeconds(5))
            {
                _shown = Elapsed;
                Console.WriteLine($"{_seeds} seeds, {failed} failed, {_seeds / Elapsed.TotalMinutes:0} seeds/min, {_deliveries / Elapsed.TotalSeconds:0} fan-out deliveries/s");
            }
        }

        public void Show()
        {
            Console.WriteLine();
            Console.WriteLine(
                $"{_seeds} seeds in {Elapsed.TotalSeconds:0.0} s: {_seeds / Elapsed.TotalMinutes:0} seeds/min, {_simulated.TotalHours / Elapsed.TotalSeconds:0.00} simulated h/s, "
                + $"{_steps / Elapsed.TotalSeconds:0} steps/s, {_deliveries / Elapsed.TotalSeconds:0} fan-out deliveries/s");
            Console.WriteLine($"{_acknowledged} signals acknowledged, {_accepted} accepted, {_deliveries} fan-out deliveries, {_orders} orders at brokers");
            Console.WriteLine($"{_liveEvents} live events and {_liveResets} snapshots seen by clients");
            Console.WriteLine();
            Console.WriteLine($"{"fault",-28}{"fired",10}{"in seeds",10}");
            foreach (var fault in Enum.GetValues<Fault>())
            {
                Console.WriteLine($"{fault,-28}{_fired[(int)fault],10}{_seedsWith[(int)fault],10}");
            }
        }
    }
}

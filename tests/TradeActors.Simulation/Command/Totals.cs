using System.Diagnostics;
using System.Globalization;
using TradeActors.Abstractions.Stored;
using TradeActors.Entities;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.Command;

/// <summary>Sums over the runs so far, and how they are shown.</summary>
internal sealed class Totals
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly long[] _fired = new long[Enum.GetValues<Fault>().Length];
    private readonly int[] _seedsWith = new int[Enum.GetValues<Fault>().Length];
    private readonly SortedDictionary<(PathKind Kind, string Name), (long Count, int Seeds)> _paths = [];
    private long _groups;
    private long _steps;
    private long _deliveries;
    private long _transmissions;
    private long _acknowledged;
    private long _accepted;
    private long _orders;
    private long _liveEvents;
    private long _liveResets;
    private TimeSpan _simulated;

    public long Seeds { get; private set; }

    public TimeSpan Elapsed => _watch.Elapsed;

    public void Add(SimResult result)
    {
        Seeds++;
        _groups += result.Drawn.Profile == Profile.FanOut ? 1 : 0;
        _steps += result.Steps;
        _deliveries += result.Deliveries;
        _transmissions += result.Transmissions;
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

        foreach (var (kind, name, count) in result.Paths)
        {
            var (sum, seeds) = _paths.GetValueOrDefault((kind, name));
            _paths[(kind, name)] = (sum + count, seeds + 1);
        }
    }

    /// <summary>What known paths no run has taken.</summary>
    public IReadOnlyList<(PathKind Kind, string Name)> NotTaken() =>
        [.. Coverage.Known(new StoredTypes().AddRuntime().AddEntities()).Where(path => !_paths.ContainsKey(path))];

    /// <summary>One line: how far, how long yet, how fast.</summary>
    public string Progress(Arguments arguments, int failed)
    {
        var left = arguments.Limit - Elapsed;
        if (arguments.Seeds is { } seeds && Elapsed * ((double)(seeds - Seeds) / Seeds) is var rest && !(left < rest))
        {
            left = rest;
        }

        return Invariant($"{Elapsed:hh\\:mm\\:ss}, {left:hh\\:mm\\:ss} left: {Seeds} seeds, {failed} failed; {Speed()}");
    }

    public void Show(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(Invariant($"{Seeds} seeds ({_groups} of them copy-trading groups) in {Elapsed.TotalSeconds:0.0} s: {Speed()}"));
        var cpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        output.WriteLine(Invariant(
            $"For each second of processor time ({cpu:0.0} s): {_deliveries / cpu:0} deliveries, {_transmissions / cpu:0} transmissions, {_steps / cpu:0} steps; {Seeds * 60 / cpu:0} seeds a minute of it"));
        output.WriteLine(Invariant(
            $"{_acknowledged} signals acknowledged, {_accepted} accepted, {_deliveries} first-time deliveries in {_transmissions} transmissions, {_orders} orders at brokers"));
        Console.WriteLine(FormattableString.Invariant($"{_liveEvents} live events and {_liveResets} snapshots seen by clients of the hubs"));
        output.WriteLine();
        output.WriteLine(Invariant($"{"fault",-28}{"fired",12}{"in seeds",10}"));
        foreach (var fault in Enum.GetValues<Fault>().OrderBy(fault => _fired[(int)fault] > 0))
        {
            output.WriteLine(Invariant($"{fault,-28}{_fired[(int)fault],12}{_seedsWith[(int)fault],10}"));
        }

        output.WriteLine();
        output.WriteLine(Invariant($"{"path",-18}{"",-42}{"taken",12}{"in seeds",10}"));
        foreach (var (kind, name) in NotTaken())
        {
            output.WriteLine(Invariant($"{kind,-18}{name,-42}{"never",12}"));
        }

        foreach (var ((kind, name), (count, seeds)) in _paths)
        {
            output.WriteLine(Invariant($"{kind,-18}{name,-42}{count,12}{seeds,10}"));
        }
    }

    private string Speed()
    {
        var seconds = Math.Max(0.001, Elapsed.TotalSeconds);
        return Invariant(
            $"{Seeds * 60 / seconds:0} seeds/min, {_simulated.TotalHours / seconds:0.000} simulated h/s, {_deliveries / seconds:0} deliveries/s, {_steps / seconds:0} steps/s");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

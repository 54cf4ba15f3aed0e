using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>What happened, line by line. Always hashed, always kept for the last lines; printed as it grows when asked.</summary>
internal sealed class Trace(Func<TimeSpan> elapsed, Func<long> step, TextWriter? output)
{
    private const int Kept = 48;

    private readonly Queue<Line> _last = new(Kept);
    private ulong _hash = 14695981039346656037UL;

    private readonly record struct Line(long Step, TimeSpan At, string What, object? A, object? B, object? C)
    {
        public override string ToString() => FormattableString.Invariant($"{Step,7} {At.TotalSeconds,11:0.000000} {What,-16} {A} {B} {C}").TrimEnd();
    }

    public ulong Hash => _hash;

    public IEnumerable<string> Last => _last.Select(line => line.ToString());

    public void Add(string what, object? a = null, object? b = null, object? c = null)
    {
        var line = new Line(step(), elapsed(), what, a, b, c);
        if (_last.Count == Kept)
        {
            _last.Dequeue();
        }

        _last.Enqueue(line);
        var text = line.ToString();
        _hash = unchecked((_hash ^ StableHash.Fnv1a64(text)) * 1099511628211UL);
        output?.WriteLine(text);
    }
}

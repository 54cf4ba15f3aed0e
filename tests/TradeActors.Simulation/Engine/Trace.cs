using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>A part of a trace line that is put into words only when the line is read.</summary>
internal interface ITraced
{
    void AddTo(ref TraceHash hash);

    string ToString();
}

/// <summary>A hash over what trace lines say, the same on every machine.</summary>
internal struct TraceHash(ulong value)
{
    private ulong _value = value;

    public readonly ulong Value => _value;

    public void Add(ulong part) => _value = unchecked(BitOperations.RotateLeft((_value ^ part) * 0x9E3779B97F4A7C15UL, 29) + 0xBF58476D1CE4E5B9UL);

    public void Add(string text)
    {
        Add((ulong)text.Length);
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        var rest = 0UL;
        foreach (var b in bytes)
        {
            rest = (rest << 8) | b;
        }

        Add(rest);
    }

    public void Add(EntityId id)
    {
        Add(id.Tenant);
        Add(id.Kind);
        Add(id.Key);
    }

    public void Add(object? part)
    {
        switch (part)
        {
            case null:
                Add(0UL);
                break;
            case string text:
                Add(text);
                break;
            case int number:
                Add((ulong)number);
                break;
            case long number:
                Add((ulong)number);
                break;
            case EntityId id:
                Add(id);
                break;
            case ITraced traced:
                traced.AddTo(ref this);
                break;
            default:
                Add(part.ToString() ?? "");
                break;
        }
    }
}

/// <summary>What happened, line by line. Always hashed, always kept for the last lines; put into words when printed.</summary>
internal sealed class Trace(Func<TimeSpan> elapsed, Func<long> step, TextWriter? output)
{
    private const int Kept = 64;

    private readonly Queue<Line> _last = new(Kept);
    private TraceHash _hash = new(14695981039346656037UL);

    private readonly record struct Line(long Step, TimeSpan At, string What, object? A, object? B, object? C, object? D)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Step,7} {At.Ticks / TimeSpan.TicksPerMicrosecond / 1_000_000m,11:0.000000} {What,-16} {Word(A)} {Word(B)} {Word(C)} {Word(D)}").TrimEnd();
    }

    public ulong Hash => _hash.Value;

    public IEnumerable<string> Last => _last.Select(line => line.ToString());

    public void Add(string what, object? a = null, object? b = null, object? c = null, object? d = null)
    {
        var line = new Line(step(), elapsed(), what, a, b, c, d);
        if (_last.Count == Kept)
        {
            _last.Dequeue();
        }

        _last.Enqueue(line);
        _hash.Add((ulong)line.Step);
        _hash.Add((ulong)line.At.Ticks);
        _hash.Add(what);
        _hash.Add(a);
        _hash.Add(b);
        _hash.Add(c);
        _hash.Add(d);
        output?.WriteLine(line.ToString());
    }

    /// <summary>An entity as a reader knows it: <c>rec0</c>, <c>acc1</c>, its connection <c>acc1~</c>.</summary>
    public static string Name(EntityId id) => id.Kind == EntityKind.Connection ? $"{id.Key}~" : id.Key;

    private static string? Word(object? part) => part switch
    {
        EntityId id => Name(id),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => part?.ToString(),
    };
}

/// <summary>A list of which each item is put into words by itself.</summary>
internal sealed class TracedList<T>(ImmutableArray<T> items, TracedList<T>.Adder add, Func<T, string> word) : ITraced
{
    public delegate void Adder(ref TraceHash hash, T item);

    public void AddTo(ref TraceHash hash)
    {
        hash.Add((ulong)items.Length);
        foreach (var item in items)
        {
            add(ref hash, item);
        }
    }

    public override string ToString() => string.Join(' ', items.Select(word));
}

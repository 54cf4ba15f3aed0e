using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation;

/// <summary>What kind of installation a seed plays.</summary>
internal enum Profile
{
    /// <summary>A few accounts, and everything that can be done with them.</summary>
    Ordinary,
    /// <summary>A copy-trading group: one or two recorders, hundreds of accounts over all shards, fewer signals.</summary>
    FanOut,
}

/// <summary>Those of a numbered series that take part: from the first to the last, from 1. What is left out changes nothing of how the others are drawn.</summary>
internal readonly record struct Slice(int First, int Last)
{
    public static readonly Slice All = new(1, int.MaxValue);

    public static readonly Slice None = new(1, 0);

    public bool Contains(int number) => number >= First && number <= Last;

    public IEnumerable<T> Of<T>(IEnumerable<T> drawn) => drawn.Take(Last).Skip(First - 1);

    /// <summary><c>4</c> for the first four, <c>3..7</c> for those.</summary>
    /// <exception cref="FormatException">Neither.</exception>
    public static Slice Parse(string text) => text.Split("..") switch
    {
        [var last] => new Slice(1, int.Parse(last, NumberStyles.None, CultureInfo.InvariantCulture)),
        [var first, var last] => new Slice(
            int.Parse(first, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(last, NumberStyles.None, CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"'{text}' is neither a number nor a range such as 3..7."),
    };

    public override string ToString() =>
        First == 1 ? Last.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}..{Last}");
}

/// <summary>One run. The seed draws everything; the rest leaves out of it.</summary>
/// <param name="Nodes">0 lets the seed choose.</param>
internal sealed record SimOptions(ulong Seed, Defect Defect = Defect.None, TextWriter? Trace = null, int Nodes = 0, bool NoFaults = false)
{
    /// <summary>Null lets the seed choose.</summary>
    public Profile? Profile { get; init; }

    /// <summary>1 or 2; 0 lets the seed choose.</summary>
    public int Tenants { get; init; }

    /// <summary>Kinds of fault that never happen.</summary>
    public ImmutableSortedSet<Fault> Without { get; init; } = [];

    public Slice Recorders { get; init; } = Slice.All;

    public Slice Accounts { get; init; } = Slice.All;

    /// <summary>Of each recorder, in order of time.</summary>
    public Slice Signals { get; init; } = Slice.All;

    /// <summary>Of REST clients, for each recorder, in order of time.</summary>
    public Slice Requests { get; init; } = Slice.All;

    /// <summary>Over all accounts.</summary>
    public Slice Operations { get; init; } = Slice.All;

    /// <summary>Faults and clients stop no later than this; null for when the seed says.</summary>
    public TimeSpan? Until { get; init; }

    /// <summary>The options of the command that make this very run.</summary>
    public string ToArguments()
    {
        var parts = new List<string> { string.Create(CultureInfo.InvariantCulture, $"--seed {Seed}") };
        AddIf(Defect != Defect.None, $"--defect {Defect}");
        AddIf(Profile is not null, $"--profile {Profile}");
        AddIf(NoFaults, "--no-faults");
        var left = Enum.GetValues<Fault>().Except(Without).ToArray();
        AddIf(!Without.IsEmpty && left.Length >= Without.Count, $"--without {string.Join(',', Without)}");
        AddIf(left.Length < Without.Count, $"--only {string.Join(',', left)}");
        AddIf(Nodes > 0, string.Create(CultureInfo.InvariantCulture, $"--nodes {Nodes}"));
        AddIf(Tenants > 0, string.Create(CultureInfo.InvariantCulture, $"--tenants {Tenants}"));
        AddIf(Recorders != Slice.All, $"--recorders {Recorders}");
        AddIf(Accounts != Slice.All, $"--accounts {Accounts}");
        AddIf(Signals != Slice.All, $"--signals {Signals}");
        AddIf(Requests != Slice.All, $"--requests {Requests}");
        AddIf(Operations != Slice.All, $"--operations {Operations}");
        AddIf(Until is not null, $"--until {FormatTime(Until ?? default)}");
        return string.Join(' ', parts);

        void AddIf(bool condition, string part)
        {
            if (condition)
            {
                parts.Add(part);
            }
        }
    }

    /// <summary>Seconds, as <c>12s</c> or <c>12.345s</c>; milliseconds at the finest.</summary>
    /// <exception cref="FormatException">Not a time.</exception>
    public static TimeSpan ParseTime(string text) =>
        TimeSpan.FromMilliseconds((double)decimal.Round(decimal.Parse(text.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 1_000m));

    private static string FormatTime(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerMillisecond / 1_000m:0.###}s");
}

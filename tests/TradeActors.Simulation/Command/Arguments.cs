using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.Command;

/// <summary>What the command was asked for.</summary>
/// <param name="Seed">One seed to replay; null to run many.</param>
/// <param name="Run">What applies to every run; the seed in it counts for nothing.</param>
internal sealed record Arguments(
    ulong? Seed, ulong From, bool IsFresh, long? Seeds, TimeSpan Limit, int Jobs, bool HasTrace, bool IsQuiet, bool StopsAtFailure, bool Shrinks, SimOptions Run)
{
    public const string Help = """
        Runs whole simulated clusters from seeds, lets everything go wrong, and checks every promise.

          dotnet run -c Release --project tests/TradeActors.Simulation -- [options]

        Which runs
          --seeds N           as many seeds (200 when neither this nor --minutes is given)
          --minutes M         stop after so long; 60 when only --seeds is given, 2 when neither is
          --from N            first seed (1)
          --fresh             first seed from the clock, printed: seeds that nobody has run
          --jobs N            so many at once (1); results come in the order of the seeds all the same
          --stop-at-failure   end with the first broken promise
          --no-shrink         show failures as they are
          --quiet             no trace of a failure, no progress

        One run
          --seed N            replay this one
          --trace             print everything that happens in it

        What is left out of a run (a shrunk failure prints these)
          --profile NAME      ordinary or fanout, whatever the seed would play
          --defect NAME       with this deliberate defect of the simulator's shells
          --nodes N           so many nodes
          --no-faults         nothing goes wrong
          --without A,B       these kinds of fault never happen
          --only A,B          no others do
          --recorders R       only these; R is a number (the first so many) or a range such as 3..7
          --accounts R        only these
          --signals R         only these of each recorder, in order of time
          --requests R        only these of the REST clients
          --operations R      only these over all accounts
          --until T           clients and faults stop no later, such as 12.5s

        docs/simulation.md tells how to read a failure, and how to add a fault, a check or a defect.
        """;

    private static readonly ImmutableArray<string> Flags = ["--fresh", "--trace", "--quiet", "--no-faults", "--stop-at-failure", "--no-shrink", "--help"];

    private static readonly ImmutableArray<string> Values =
    [
        "--seeds", "--minutes", "--from", "--seed", "--jobs", "--profile", "--defect", "--nodes", "--tenants", "--without", "--only", "--recorders", "--accounts", "--signals",
        "--requests", "--operations", "--until",
    ];

    /// <summary>Null when help was asked for.</summary>
    /// <exception cref="FormatException">What is wrong, and what was perhaps meant.</exception>
    public static Arguments? Parse(IReadOnlyList<string> args)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i] is "-h" or "-?" or "help" ? "--help" : args[i];
            if (Flags.Contains(name))
            {
                given[name] = "";
            }
            else if (!Values.Contains(name))
            {
                throw new FormatException($"Unknown option '{name}'. Did you mean {Nearest(name, [.. Flags, .. Values])}? --help lists all.");
            }
            else if (i + 1 == args.Count || args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                throw new FormatException($"{name} needs a value. --help tells which.");
            }
            else
            {
                given[name] = args[++i];
            }
        }

        return given.ContainsKey("--help") ? null : Of(given);
    }

    private static Arguments Of(Dictionary<string, string> given)
    {
        var minutes = Get("--minutes", text => TimeSpan.FromMinutes(Positive(text)));
        var seeds = Get("--seeds", text => (long)Positive(text));
        var isFresh = given.ContainsKey("--fresh");
        if (isFresh && given.ContainsKey("--from"))
        {
            throw new FormatException("--fresh chooses the first seed itself: leave out --from.");
        }

        return new Arguments(
            Get("--seed", Whole), Get("--from", Whole) ?? 1, isFresh, seeds ?? (minutes is null ? 200 : null),
            minutes ?? TimeSpan.FromMinutes(seeds is null ? 2 : 60), (int)(Get("--jobs", Positive) ?? 1), given.ContainsKey("--trace"), given.ContainsKey("--quiet"),
            given.ContainsKey("--stop-at-failure"), !given.ContainsKey("--no-shrink"),
            new SimOptions(0, Get("--defect", One<Defect>) ?? Defect.None, Nodes: (int)(Get("--nodes", Positive) ?? 0), NoFaults: given.ContainsKey("--no-faults"))
            {
                Profile = Get("--profile", One<Profile>),
                Tenants = (int)(Get("--tenants", Positive) ?? 0),
                Without = Faults(given),
                Recorders = Get("--recorders", Slice.Parse) ?? Slice.All,
                Accounts = Get("--accounts", Slice.Parse) ?? Slice.All,
                Signals = Get("--signals", Slice.Parse) ?? Slice.All,
                Requests = Get("--requests", Slice.Parse) ?? Slice.All,
                Operations = Get("--operations", Slice.Parse) ?? Slice.All,
                Until = Get("--until", SimOptions.ParseTime),
            });

        T? Get<T>(string name, Func<string, T> parse)
            where T : struct
        {
            try
            {
                return given.TryGetValue(name, out var text) ? parse(text) : null;
            }
            catch (Exception error) when (error is FormatException or OverflowException)
            {
                throw new FormatException($"{name}: {error.Message}", error);
            }
        }
    }

    private static ImmutableSortedSet<Fault> Faults(Dictionary<string, string> given)
    {
        if (given.ContainsKey("--without") && given.ContainsKey("--only"))
        {
            throw new FormatException("--without or --only, not both.");
        }

        return given.TryGetValue("--without", out var without) ? [.. without.Split(',').Select(One<Fault>)]
            : given.TryGetValue("--only", out var only) ? [.. Enum.GetValues<Fault>().Except(only.Split(',').Select(One<Fault>))]
            : [];
    }

    private static ulong Whole(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Positive(string text) => Whole(text) is > 0 and var number ? number : throw new FormatException("must be at least 1.");

    private static T One<T>(string text)
        where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw new FormatException($"There is no {typeof(T).Name.ToLowerInvariant()} '{text}'. Did you mean {Nearest(text, Enum.GetNames<T>())}?");

    private static string Nearest(string text, IReadOnlyCollection<string> names) => names
        .OrderBy(name => !name.Contains(text, StringComparison.OrdinalIgnoreCase))
        .ThenBy(name => Distance(text.ToLowerInvariant(), name.ToLowerInvariant())).First();

    /// <summary>How many letters must be changed, added or left out to make one of the other.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], cost);
            }
        }

        return row[b.Length];
    }
}

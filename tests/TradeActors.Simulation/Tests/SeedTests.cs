using TradeActors.Simulation.Command;
using Xunit;

namespace TradeActors.Simulation.Tests;

/// <summary>The fixed seeds, run once for all tests.</summary>
public sealed class FixedSeeds
{
    private const int Seeds = 240;

    /// <summary>These take a path that only one seed in a hundred takes.</summary>
    private static readonly int[] Rare = [574, 588];

    public FixedSeeds()
    {
        var runs = Enumerable.Range(1, Seeds).Concat(Rare).Select(seed => new SimOptions((ulong)seed));
        foreach (var result in Runner.Run(runs, jobs: 2, () => true))
        {
            Totals.Add(result);
            if (result.Failure is not null)
            {
                Failed.Add(result);
            }
        }
    }

    internal List<SimResult> Failed { get; } = [];

    internal Totals Totals { get; } = new();
}

public sealed class SeedTests(FixedSeeds seeds) : IClassFixture<FixedSeeds>
{
    /// <summary>Paths that the fixed seeds do not take, and why.</summary>
    private static readonly string[] NeverTaken =
    [
        // The workload changes no limits, secrets and tokens, and sets no silence alarm.
        "StoredEvent account.limits-changed.v1",
        "StoredEvent recorder.previous-secret-ended.v1",
        "StoredEvent recorder.signing-secret-removed.v1",
        "StoredEvent recorder.signing-secret-replaced.v1",
        "StoredEvent recorder.silence-raised.v1",
        "StoredEvent recorder.webhook-token-ended.v1",
        "StoredEvent recorder.webhook-token-replaced.v1",
        // Said by a connection only when something is wrong that never is here.
        "StoredEvent connection.drift-confirmed.v1",
        // Given by the region itself, within one step of it.
        "CoreInput DrainShard",
        "CoreInput InboxGrew",
        "CoreInput ShardLost",
        // Of shells that report a failed append as an exception, and of a rule that has not been written.
        "CoreNotice AppendFailed",
        "CoreNotice ShardRefused",
        // Settings and signals that the workload does not draw.
        "RefusalReason NoSymbol",
        "RefusalReason UnknownSymbol",
        "RefusalReason Direction",
        "RefusalReason QuantityTooLarge",
        "RefusalReason PriceInvalid",
        "RefusalReason NotBuiltYet",
        "RefusalReason SymbolNotAllowed",
        "RefusalReason ProtectionInvalid",
        "RefusalReason PositionMismatch",
        "RefusalReason Test",
        "RefusalReason OtherCurrency",
    ];

    [Fact]
    public void Every_promise_holds_over_a_fixed_set_of_seeds() =>
        Assert.True(seeds.Failed.Count == 0, string.Join(Environment.NewLine, seeds.Failed.Select(Told)));

    [Fact]
    public void Every_known_path_is_taken_but_the_listed_ones()
    {
        var notTaken = seeds.Totals.NotTaken().Select(path => $"{path.Kind} {path.Name}").ToArray();
        var taken = NeverTaken.Except(notTaken).ToArray();
        Assert.True(taken.Length == 0, $"Listed, and taken all the same:{Environment.NewLine}{string.Join(Environment.NewLine, taken)}");
        var missing = notTaken.Except(NeverTaken).ToArray();
        Assert.True(missing.Length == 0, $"No fixed seed takes:{Environment.NewLine}{string.Join(Environment.NewLine, missing)}");
    }

    [Fact]
    public void Every_promise_holds_when_nothing_goes_wrong()
    {
        var failed = Enumerable.Range(1, 20).Select(seed => Simulator.Run(new SimOptions((ulong)seed, NoFaults: true))).Where(result => result.Failure is not null).ToArray();
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed.Select(Told)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    public void One_seed_gives_one_trace(ulong seed)
    {
        var first = new StringWriter();
        var second = new StringWriter();
        var one = Simulator.Run(new SimOptions(seed, Trace: first));
        var other = Simulator.Run(new SimOptions(seed, Trace: second));
        Assert.Equal(one.TraceHash, other.TraceHash);
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEqual(one.TraceHash, Simulator.Run(new SimOptions(seed + 1)).TraceHash);
    }

    internal static string Told(SimResult result) =>
        $"Step {result.Steps}: {result.Failure}{Environment.NewLine}Replay: dotnet run -c Release --project tests/TradeActors.Simulation -- {result.Options.ToArguments()} --trace";
}

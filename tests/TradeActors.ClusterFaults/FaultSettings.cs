using System.Globalization;

namespace TradeActors.ClusterFaults;

/// <summary>What the environment chooses; docs/cluster-faults.md.</summary>
internal static class FaultSettings
{
    /// <value>FAULTS_SEED; 1. Each scenario, and each round of it, derives its own from it.</value>
    public static int Seed { get; } = Read("FAULTS_SEED") ?? 1;

    /// <value>FAULTS_ROUNDS; 1. How often each scenario is played, every time with new faults and a new tenant.</value>
    public static int Rounds { get; } = Read("FAULTS_ROUNDS") ?? 1;

    private static int? Read(string name) => Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 1_000_000 ? value
        : throw new FormatException($"{name} must be a number from 0 to 999999, and is '{text}'.");
}

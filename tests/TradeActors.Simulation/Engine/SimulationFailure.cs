namespace TradeActors.Simulation.Engine;

/// <summary>A promise was broken in the simulated world.</summary>
internal sealed class SimulationFailure(string promise, string detail) : Exception($"{promise}: {detail}")
{
    /// <summary>A short name, by which the tests of deliberate defects recognise what caught them.</summary>
    public string Promise { get; } = promise;
}

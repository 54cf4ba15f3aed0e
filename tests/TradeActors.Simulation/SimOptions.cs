using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation;

/// <summary>One run.</summary>
/// <param name="Nodes">0 lets the seed choose.</param>
internal sealed record SimOptions(ulong Seed, Defect Defect = Defect.None, TextWriter? Trace = null, int Nodes = 0, bool NoFaults = false);

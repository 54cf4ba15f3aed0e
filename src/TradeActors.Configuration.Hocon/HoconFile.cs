namespace TradeActors.Configuration.Hocon;

/// <summary>One file of a configuration.</summary>
/// <param name="Path">Relative ones are relative to the working folder.</param>
/// <param name="IsOptional">A missing file counts as an empty one.</param>
public readonly record struct HoconFile(string Path, bool IsOptional = false);

namespace TradeActors.Configuration.Hocon;

/// <summary>A file that cannot be read as HOCON. The message names the place, what is wrong and what to write instead.</summary>
public sealed class HoconException(HoconLocation at, string problem) : Exception($"{at}: {problem}")
{
    public HoconLocation At { get; } = at;

    /// <summary>The message without the place.</summary>
    public string Problem { get; } = problem;
}

namespace TradeActors.Configuration.Hocon;

/// <summary>A place in a file.</summary>
/// <param name="Line">From 1; 0 when the file as a whole is meant.</param>
/// <param name="Column">In UTF-16 units from 1; 0 when the file as a whole is meant.</param>
public readonly record struct HoconLocation(string File, int Line, int Column)
{
    /// <summary>As compilers write it, so that editors can jump to it.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

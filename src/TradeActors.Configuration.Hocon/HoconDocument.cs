using TradeActors.Configuration.Hocon.Resolution;
using TradeActors.Configuration.Hocon.Syntax;

namespace TradeActors.Configuration.Hocon;

/// <summary>Several files read as one: later ones override and are merged with earlier ones, and substitutions see the whole.</summary>
internal static class HoconDocument
{
    /// <param name="read">The bytes at a full path; null when there is no such file.</param>
    /// <param name="environment">The environment variable of a name; null when it is not set.</param>
    /// <exception cref="HoconException">A file is missing or is not HOCON, or a substitution leads nowhere.</exception>
    public static IReadOnlyDictionary<string, HoconSetting> Load(IEnumerable<HoconFile> files, Func<string, byte[]?> read, Func<string, string?> environment)
    {
        var sources = new SourceFiles(read);
        var root = new ObjectNode(default);
        foreach (var file in files)
        {
            if (sources.Load(Path.GetFullPath(file.Path), file.IsOptional) is { } content)
            {
                root.Merge(content);
            }
        }

        return Flattening.Flatten(root, environment);
    }
}

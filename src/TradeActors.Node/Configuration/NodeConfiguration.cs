namespace TradeActors.Node.Configuration;

/// <summary>Puts the sources of configuration together: environment, then command line, the later ones winning.</summary>
/// <remarks>
/// Keys are lower-case words joined by '-' (<c>tradeactors:data-directory</c>). An environment name cannot hold '-', so there '_' stands for it:
/// <c>TRADEACTORS__DATA_DIRECTORY</c>. One step makes both the same.
/// </remarks>
internal static class NodeConfiguration
{
    private const string Root = "tradeactors";

    public static void AddTo(ConfigurationManager configuration, string[] args)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var commandLine = new ConfigurationBuilder().AddCommandLine(args).Build();
        configuration.AddInMemoryCollection(Normalise(environment));
        configuration.AddInMemoryCollection(Normalise(commandLine));
    }

    internal static Dictionary<string, string?> Normalise(IConfiguration source)
    {
        var normalised = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in source.AsEnumerable())
        {
            if (value is not null && key.StartsWith($"{Root}:", StringComparison.OrdinalIgnoreCase))
            {
                normalised[key.ToLowerInvariant().Replace('_', '-')] = value;
            }
        }

        return normalised;
    }
}

using TradeActors.Configuration.Hocon;

namespace TradeActors.Node.Configuration;

/// <summary>Puts the sources of configuration together: files, environment, command line, the later ones winning.</summary>
/// <remarks>
/// Keys are lower-case words joined by '-' (<c>tradeactors:data-directory</c>). An environment name cannot hold '-', so there '_' stands for it:
/// <c>TRADEACTORS__DATA_DIRECTORY</c>. <see cref="SettingsSource"/> makes them the same, whatever source they come from.
/// </remarks>
internal static class NodeConfiguration
{
    private const string Reference = "reference.conf";

    /// <exception cref="HoconException">A file is missing or cannot be read.</exception>
    public static void AddTo(ConfigurationManager configuration, string[] args)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var commandLine = new ConfigurationBuilder()
            .AddCommandLine(args, new Dictionary<string, string> { ["--config"] = KnownSettings.ConfigFile.Key })
            .Build();
        var fromEnvironment = SettingsOf(environment, key => $"environment variable {key.Replace(":", "__", StringComparison.Ordinal)}");
        var fromCommandLine = SettingsOf(commandLine, _ => "command line");
        var files = new ConfigurationBuilder().AddHocon(Files(fromEnvironment, fromCommandLine)).Build();

        // Below all else, so that what is not under tradeactors (Logging, ConnectionStrings, urls) gives way to environment and command line too.
        configuration.Sources.Insert(0, new ChainedConfigurationSource { Configuration = files, ShouldDisposeConfiguration = true });
        configuration.Sources.Add(SettingsOf(files, files.Providers.OfType<HoconConfigurationProvider>().Single()));
        configuration.Sources.Add(fromEnvironment);
        configuration.Sources.Add(fromCommandLine);
    }

    /// <summary>The repository's folder where there is one, so that editing it counts; else the copy beside the program.</summary>
    private static string Folder => File.Exists(Path.Combine("hocon", Reference)) ? Path.GetFullPath("hocon") : Path.Combine(AppContext.BaseDirectory, "hocon");

    private static SettingsSource SettingsOf(IConfiguration source, Func<string, string> originOf) => new(
        source.AsEnumerable().Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value, originOf(setting.Key))));

    // Here null is a value: it takes back what a file below has set.
    private static SettingsSource SettingsOf(IConfiguration files, HoconConfigurationProvider provider) => new(
        from setting in files.AsEnumerable()
        let at = provider.Locate(setting.Key)
        where at is not null
        select (setting.Key, setting.Value, at.ToString()!),
        isFiles: true);

    /// <summary>The reference, then the one named, or local.conf when none is. Without the first and the last the program's own defaults hold.</summary>
    private static HoconFile[] Files(params IConfigurationSource[] named)
    {
        var builder = new ConfigurationBuilder();
        foreach (var source in named)
        {
            builder.Add(source);
        }

        var folder = Folder;
        var reference = new HoconFile(Path.Combine(folder, Reference), IsOptional: true);
        return builder.Build()[KnownSettings.ConfigFile.Key] is { Length: > 0 } name
            ? [reference, new HoconFile(File.Exists(name) ? name : Path.Combine(folder, name))]
            : [reference, new HoconFile(Path.Combine(folder, KnownSettings.ConfigFile.Default!), IsOptional: true)];
    }
}

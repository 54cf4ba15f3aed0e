using TradeActors.Configuration.Hocon;

namespace TradeActors.Node.Configuration;

/// <summary>Puts the sources of configuration together: files, environment, command line, the later ones winning.</summary>
/// <remarks>
/// Keys are lower-case words joined by '-' (<c>tradeactors:data-directory</c>). An environment name cannot hold '-', so there '_' stands for it:
/// <c>TRADEACTORS__DATA_DIRECTORY</c>. <see cref="SettingsSource"/> makes them the same, whatever source they come from.
/// </remarks>
internal static class NodeConfiguration
{
    /// <exception cref="HoconException">A file is missing or cannot be read.</exception>
    public static void AddTo(ConfigurationManager configuration, string[] args)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var commandLine = new ConfigurationBuilder()
            .AddCommandLine(args, new Dictionary<string, string> { ["--config"] = KnownSettings.ConfigFile.Key })
            .Build();
        var fromEnvironment = SettingsOf(environment, key => $"environment variable {key.Replace(":", "__", StringComparison.Ordinal)}");
        var fromCommandLine = SettingsOf(commandLine, _ => "command line");
        var reference = Path.GetFullPath(Path.Combine(Folder, "reference.conf"));
        var named = new ConfigurationBuilder().Add(fromEnvironment).Add(fromCommandLine).Build()[KnownSettings.ConfigFile.Key];
        var files = new ConfigurationBuilder().AddHocon(new HoconFile(reference, IsOptional: true), OwnFile(named)).Build();

        // Below all else, so that what is not under tradeactors (Logging, ConnectionStrings, urls) gives way to environment and command line too.
        configuration.Sources.Insert(0, new ChainedConfigurationSource { Configuration = files, ShouldDisposeConfiguration = true });
        configuration.Sources.Add(SettingsOf(files, reference));
        configuration.Sources.Add(fromEnvironment);
        configuration.Sources.Add(fromCommandLine);
    }

    /// <summary>The repository's folder where there is one, so that editing it counts; else the copy beside the program.</summary>
    private static string Folder => File.Exists("hocon/reference.conf") ? Path.GetFullPath("hocon") : Path.Combine(AppContext.BaseDirectory, "hocon");

    private static SettingsSource SettingsOf(IConfiguration source, Func<string, string> originOf) => new(
        source.AsEnumerable().Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value, originOf(setting.Key))));

    /// <summary>What the files set. The reference gives way to every other file, also to one that writes '_' for '-'.</summary>
    /// <param name="files">Built from HOCON alone. Null is a value here: it takes back what a file below has set.</param>
    /// <param name="reference">The reference's full path.</param>
    /// <exception cref="SettingException">A key is spelt in two ways, so that nobody can say which one counts.</exception>
    internal static SettingsSource SettingsOf(IConfigurationRoot files, string reference)
    {
        var provider = files.Providers.OfType<HoconConfigurationProvider>().Single();
        var settings = from setting in files.AsEnumerable()
                       let at = provider.Locate(setting.Key)
                       where at is not null
                       orderby at.Value.File != reference
                       select (setting.Key, setting.Value, At: at.Value);
        var own = settings.Where(setting => setting.At.File != reference);
        foreach (var spellings in own.GroupBy(setting => SettingsSource.Normalise(setting.Key)))
        {
            if (SettingsSource.IsSetting(spellings.Key) && spellings.ToArray() is [var one, var other, ..])
            {
                throw new SettingException($"{spellings.Key} is spelt in two ways, at {one.At} and at {other.At}. Keep one of them.");
            }
        }

        return new SettingsSource(settings.Select(setting => (setting.Key, (string?)setting.Value, setting.At.ToString())), isFiles: true);
    }

    /// <summary>The file of this node. The standard one may be missing, as may the reference; a named one must be there.</summary>
    private static HoconFile OwnFile(string? name) =>
        string.IsNullOrEmpty(name) ? new HoconFile(Path.Combine(Folder, KnownSettings.ConfigFile.Default!), IsOptional: true)
        : new HoconFile(File.Exists(name) ? name : Path.Combine(Folder, name));
}

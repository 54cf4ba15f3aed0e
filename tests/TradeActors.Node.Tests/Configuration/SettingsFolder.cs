using Microsoft.Extensions.Configuration;
using TradeActors.Node.Configuration;

namespace TradeActors.Node.Tests.Configuration;

/// <summary>A folder with one settings file, and variables of the environment that are gone with it.</summary>
internal sealed class SettingsFolder : IDisposable
{
    /// <summary>The collection of test classes that use it: the environment is one for all, so they run one after another.</summary>
    public const string Collection = "environment";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tradeactors-settings-");
    private readonly List<string> _variables = [];

    public string File => Path.Combine(_folder.FullName, "node.conf");

    public SettingsFolder With(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return this;
    }

    public SettingsFolder Variable(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        _variables.Add(name);
        return this;
    }

    /// <summary>The configuration with the file, the variables and this command line.</summary>
    public ConfigurationManager Configuration(params string[] arguments)
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables().AddCommandLine(arguments); // As the web host does before.
        NodeConfiguration.AddTo(configuration, System.IO.File.Exists(File) ? ["--config", File, .. arguments] : arguments);
        return configuration;
    }

    public NodeSettings Read(params string[] arguments)
    {
        using var configuration = Configuration(arguments);
        return NodeSettings.Read(configuration);
    }

    public string Refused(params string[] arguments) => Xunit.Assert.Throws<SettingException>(() => Read(arguments)).Message;

    public void Dispose()
    {
        _variables.ForEach(name => Environment.SetEnvironmentVariable(name, null));
        _folder.Delete(recursive: true);
    }
}

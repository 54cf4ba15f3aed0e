using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using TradeActors.Configuration.Hocon;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

/// <summary>What the files say about settings is what the program does.</summary>
public sealed class ReferenceTests
{
    private static readonly string Folder = Path.Combine(Root(), "hocon");
    private static readonly string Reference = Path.Combine(Folder, "reference.conf");

    private static IEnumerable<Setting> InFiles => KnownSettings.All.Where(setting => !setting.IsReadBeforeFiles);

    [Fact]
    public void Reference_names_every_setting_with_its_default_and_nothing_else()
    {
        var configuration = new ConfigurationBuilder().AddHocon(new HoconFile(Reference)).Build();
        var provider = configuration.Providers.OfType<HoconConfigurationProvider>().Single();
        var written = configuration.AsEnumerable().Where(setting => provider.Locate(setting.Key) is not null).ToDictionary(StringComparer.Ordinal);

        var known = InFiles.ToDictionary(setting => setting.Key, setting => setting.Default, StringComparer.Ordinal);
        Assert.Equal(known.OrderBy(setting => setting.Key, StringComparer.Ordinal), written.OrderBy(setting => setting.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_line_of_the_reference_is_explained_above_it()
    {
        var lines = File.ReadAllLines(Reference);
        var provider = new ConfigurationBuilder().AddHocon(new HoconFile(Reference)).Build().Providers.OfType<HoconConfigurationProvider>().Single();

        Assert.All(InFiles, setting =>
            Assert.StartsWith("#", lines[provider.Locate(setting.Key)!.Value.Line - 2].TrimStart(), StringComparison.Ordinal));
    }

    [Fact]
    public void Table_of_the_readme_has_every_setting_with_its_default_and_nothing_else()
    {
        var readme = File.ReadAllText(Path.Combine(Folder, "README.md"));
        var rows = Regex.Matches(readme, @"^\| `(tradeactors:[^`]+)` \| (?:`([^`]*)`|([^|]*?)) \|", RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Success ? row.Groups[2].Value : row.Groups[3].Value));

        Assert.Equal(
            KnownSettings.All.Select(setting => (setting.Key, string.IsNullOrEmpty(setting.Default) ? "none" : setting.Default)).Order(),
            rows.Order());
    }

    [Fact]
    public void Help_shows_every_setting_with_its_default() => Assert.All(KnownSettings.All, setting =>
        Assert.Matches(
            $@"(?m)^  --{Regex.Escape(setting.Key)} .*{(string.IsNullOrEmpty(setting.Default) ? "" : $"default {Regex.Escape(setting.Default)}$")}", Help.Text));

    [Fact]
    public void Defaults_can_be_read() => Assert.All(
        KnownSettings.All, setting => Assert.Null(setting.Default is { } standard ? setting.ProblemOf(standard) : null));

    [Fact]
    public void Keys_are_written_in_one_way() => Assert.All(
        KnownSettings.All, setting => Assert.Matches("^tradeactors(:[a-z][a-z0-9]*(-[a-z0-9]+)*)+$", setting.Key));

    [Fact]
    public void Files_lie_beside_the_program_too() => Assert.All(
        Directory.GetFiles(Folder, "*.conf"),
        file => Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", Path.GetFileName(file)))));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No TradeActors.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}

using System.Text.RegularExpressions;
using Xunit;

namespace TradeActors.Architecture.Tests;

/// <summary>Arrows point inward and siblings do not see each other.</summary>
public sealed class ProjectTests
{
    private const string Anything = "*";

    /// <summary>Which projects each project under src may reference. A new row, or a new name in one, is a decision: say why in the commit.</summary>
    private static readonly SortedDictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["TradeActors.Domain"] = [],
        ["TradeActors.Abstractions"] = ["TradeActors.Domain"],
        ["TradeActors.Entities"] = ["TradeActors.Abstractions"],
        ["TradeActors.Runtime"] = ["TradeActors.Abstractions"],
        ["TradeActors.Journal.Sql"] = ["TradeActors.Abstractions"], // The small stores, once for both engines.
        ["TradeActors.Journal.Postgres"] = ["TradeActors.Abstractions", "TradeActors.Journal.Sql"],
        ["TradeActors.Journal.Sqlite"] = ["TradeActors.Abstractions", "TradeActors.Journal.Sql"],
        ["TradeActors.Transport.RabbitMq"] = ["TradeActors.Abstractions"], // The port alone: it moves bytes and knows nothing of entities.
        ["TradeActors.Brokers.Core"] = ["TradeActors.Abstractions"],
        ["TradeActors.PaperExchange"] = ["TradeActors.Brokers.Core"],
        ["TradeActors.Market"] = ["TradeActors.Abstractions"],
        ["TradeActors.Api"] = ["TradeActors.Abstractions", "TradeActors.Runtime"], // Runtime/Live: what the hub decides, which the simulation replays.
        ["TradeActors.Configuration.Hocon"] = [], // A file format; it knows nothing of trading.
        ["TradeActors.Node"] = [Anything],
    };

    /// <summary>The assemblies that the simulation replays: no ambient clock, randomness or thread hop.</summary>
    private static readonly string[] Deterministic =
        ["TradeActors.Abstractions", "TradeActors.Brokers.Core", "TradeActors.Domain", "TradeActors.Entities", "TradeActors.PaperExchange", "TradeActors.Runtime"];

    public static TheoryData<string> SourceProjects => [.. Repository.Projects.Where(project => project.IsUnderSrc).Select(project => project.Name)];

    public static TheoryData<string> AllProjects => [.. Repository.Projects.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void Project_references_only_what_its_row_allows(string name)
    {
        Assert.True(
            Arrows.TryGetValue(name, out var allowed),
            $"{name} is not in the table of {nameof(ProjectTests)}. Add a row with the projects it may reference (STYLE: arrows point inward).");
        var surplus = Named(name).References.Where(reference => !allowed.Contains(reference) && !allowed.Contains(Anything)).ToArray();
        Assert.True(
            surplus.Length == 0,
            $"{name} references {string.Join(", ", surplus)}; allowed: {(allowed.Length == 0 ? "none" : string.Join(", ", allowed))}. "
            + "Move the type inward or pass it through a port; a new arrow is a decision for review.");
    }

    [Fact]
    public void Table_names_no_project_that_is_gone() =>
        Assert.Empty(Arrows.Keys.Except(Repository.Projects.Where(project => project.IsUnderSrc).Select(project => project.Name)));

    [Fact]
    public void Domain_brings_no_package_but_the_calendar() =>
        Assert.Equal(["NodaTime"], Named("TradeActors.Domain").Packages.Select(package => package.Attribute("Include")!.Value));

    [Fact]
    public void Nothing_references_the_node() =>
        Assert.DoesNotContain(Repository.Projects.Where(project => project.IsUnderSrc), project => project.References.Contains("TradeActors.Node"));

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void Project_is_in_the_solution(string name) => Assert.True(
        Repository.Read("TradeActors.sln").Replace('\\', '/').Contains($"\"{Named(name).RelativePath}\"", StringComparison.Ordinal),
        $"{name} is not built by the solution: dotnet sln add {Named(name).RelativePath}");

    [Fact]
    public void Solution_names_no_project_that_is_gone()
    {
        var named = Regex.Matches(Repository.Read("TradeActors.sln").Replace('\\', '/'), "\"([^\"]+\\.csproj)\"").Select(match => match.Groups[1].Value);
        Assert.All(named, path => Assert.True(File.Exists(Path.Combine(Repository.Root, path)), $"{path} is in the solution and does not exist."));
    }

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void Package_versions_are_pinned_in_one_file(string name)
    {
        var pinned = Repository.Xml("Directory.Packages.props").Descendants("PackageVersion").Select(item => item.Attribute("Include")!.Value).ToArray();
        Assert.All(Named(name).Packages, package =>
        {
            var id = package.Attribute("Include")!.Value;
            Assert.True(package.Attribute("Version") is null && package.Attribute("VersionOverride") is null, $"{name} sets a version of {id} itself.");
            Assert.True(pinned.Contains(id), $"{id} of {name} has no version in Directory.Packages.props.");
        });
    }

    [Fact]
    public void Pinned_versions_are_exact_and_named_once()
    {
        var props = Repository.Xml("Directory.Packages.props");
        Assert.Equal(["true"], props.Descendants("ManagePackageVersionsCentrally").Select(element => element.Value));
        Assert.Equal(["true"], props.Descendants("CentralPackageTransitivePinningEnabled").Select(element => element.Value));
        var versions = props.Descendants("PackageVersion").ToArray();
        Assert.All(versions, item => Assert.Matches(@"^\d+(\.\d+){1,3}(-[0-9A-Za-z.]+)?$", item.Attribute("Version")!.Value));
        Assert.Equal(versions.Length, versions.Select(item => item.Attribute("Include")!.Value).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void Project_has_a_lock_file(string name) =>
        Assert.True(File.Exists(Named(name).LockFile), $"{name} has no packages.lock.json: restore it and commit the file.");

    [Fact]
    public void Warnings_are_errors_and_nullable_is_on_everywhere()
    {
        var props = Repository.Xml("Directory.Build.props");
        Assert.Equal(["true"], props.Descendants("TreatWarningsAsErrors").Select(element => element.Value));
        Assert.Equal(["enable"], props.Descendants("Nullable").Select(element => element.Value));
        Assert.All(
            Repository.Projects,
            project => Assert.DoesNotMatch("TreatWarningsAsErrors|<Nullable>|NoWarn", File.ReadAllText(Path.Combine(Repository.Root, project.RelativePath))));
    }

    [Fact]
    public void Deterministic_projects_have_the_banned_symbols_analyzer()
    {
        // The lock file shows what was really referenced, whichever file and condition brought it.
        Assert.All(Deterministic, name => Assert.True(
            File.ReadAllText(Named(name).LockFile).Contains("\"Microsoft.CodeAnalysis.BannedApiAnalyzers\"", StringComparison.Ordinal),
            $"{name} is built without the banned-symbols analyzer: set DeterministicCore for it in Directory.Build.props."));
        var symbols = Repository.Read(".ci/BannedSymbols.txt");
        Assert.Contains("BannedSymbols.txt", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.All(
            ["System.DateTime.UtcNow", "System.DateTimeOffset.UtcNow", "System.Guid.NewGuid", "System.Random.Shared", "System.String.GetHashCode"],
            symbol => Assert.Contains(symbol, symbols, StringComparison.Ordinal));
    }

    private static Project Named(string name) => Repository.Projects.Single(project => project.Name == name);
}

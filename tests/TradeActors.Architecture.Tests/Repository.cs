using System.Xml.Linq;

namespace TradeActors.Architecture.Tests;

/// <summary>The files of the repository that this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every project under src and tests, by name.</summary>
    public static IReadOnlyList<Project> Projects { get; } =
    [
        .. new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(IsSource)
            .Select(path => new Project(path))
            .OrderBy(project => project.Name, StringComparer.Ordinal),
    ];

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));

    public static XDocument Xml(string relativePath) => XDocument.Load(Path.Combine(Root, relativePath));

    /// <summary>C# files of a folder, as paths relative to the root; what builds leave behind is not among them.</summary>
    public static IEnumerable<string> SourceFiles(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(IsSource)
        .Select(Relative)
        .Order(StringComparer.Ordinal);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool IsSource(string path)
    {
        var parts = Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar);
        return !parts.Contains("bin") && !parts.Contains("obj");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No TradeActors.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One project file.</summary>
internal sealed class Project(string path)
{
    private readonly XDocument _xml = XDocument.Load(path);

    public string Name { get; } = Path.GetFileNameWithoutExtension(path);

    public string RelativePath { get; } = Repository.Relative(path);

    public string Folder { get; } = Path.GetDirectoryName(path)!;

    public bool IsUnderSrc => RelativePath.StartsWith("src/", StringComparison.Ordinal);

    /// <summary>Names of the projects it references.</summary>
    public IReadOnlyList<string> References =>
        [.. _xml.Descendants("ProjectReference").Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))];

    public IReadOnlyList<XElement> Packages => [.. _xml.Descendants("PackageReference")];

    public string LockFile => Path.Combine(Folder, "packages.lock.json");
}

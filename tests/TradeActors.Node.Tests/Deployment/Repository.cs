namespace TradeActors.Node.Tests.Deployment;

/// <summary>The files of the repository that this test was built from.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string At(string relativePath) => Path.GetFullPath(Path.Combine(Root, relativePath));

    public static string Read(string relativePath) => File.ReadAllText(At(relativePath));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No TradeActors.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}

namespace TradeActors.Ledger.Processes;

/// <summary>The repository that the tests were built in.</summary>
public static class SourceTree
{
    public static string Find(params string[] path)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "TradeActors.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"No TradeActors.sln above {AppContext.BaseDirectory}.");
        }

        return Path.Combine([root.FullName, .. path]);
    }
}

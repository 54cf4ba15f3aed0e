namespace TradeActors.Ledger.Processes;

/// <summary>A temporary folder of one test, deleted with it.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("tradeactors-it-").FullName;

    public string Path { get; }

    /// <summary>The data directory of the node under test; made by the node.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    public string Database => System.IO.Path.Combine(Data, "tradeactors.db");

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that could not be ended still writes: leaving a temporary folder is better than hiding the test's own failure.
        }
    }
}

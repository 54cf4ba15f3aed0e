namespace TradeActors.Contracts.Sqlite;

/// <summary>A folder of one test's own, removed with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tradeactors-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

namespace TradeActors.Benchmarks.Harness;

/// <summary>One named measurement.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>One line for --list.</summary>
    string About { get; }

    Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct);
}

/// <summary>Says on stderr what is going on.</summary>
internal static class Progress
{
    public static void Say(string scenario, string text) => Console.Error.WriteLine($"[{DateTime.UtcNow:HH:mm:ss}] {scenario}: {text}");
}

/// <summary>A temporary folder with one sub-folder per database; removed at the end.</summary>
internal sealed class WorkFolder(string parent) : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateDirectory(Path.Combine(parent, $"tradeactors-bench-{Guid.NewGuid():N}"));
    private int _count;

    public string Next() => Path.Combine(_root.FullName, $"{++_count}");

    public void Dispose() => _root.Delete(recursive: true);
}

using System.Diagnostics;
using Xunit;

namespace TradeActors.Servers.Processes;

/// <summary>A test run that is killed leaves no server behind.</summary>
public sealed class ParentDeathTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("postgres", 1)]
    [InlineData("rabbitmq", 2)]
    public async Task Servers_die_with_the_process_that_started_them(string server, int processes)
    {
        using var folder = new ServerFolder("tradeactors-death-");
        // The user as which PostgreSQL runs must get through it.
        ServerFolder.SetMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        using var starter = Start(server, folder.Path);
        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            var ids = await ProcessIdsAsync(starter, limit.Token);
            Assert.Equal(processes, ids.Length);
            Assert.All(ids, id => Assert.True(IsRunning(id), $"Process {id} is not running."));
            var family = Descendants(ids);
            starter.Kill();
            foreach (var id in family)
            {
                await GoneAsync(id, limit.Token);
            }
        }
        finally
        {
            starter.Kill();
        }
    }

    private static Process Start(string server, string temporaryFolder)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(ParentDeathTests).Assembly.Location);
        start.ArgumentList.Add(server);
        start.Environment["TMPDIR"] = temporaryFolder; // A killed starter cannot delete what it has made.
        return Process.Start(start)!;
    }

    private static async Task<int[]> ProcessIdsAsync(Process starter, CancellationToken ct)
    {
        const string start = "processes ";
        while (await starter.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return [.. line[start.Length..].Split(' ').Select(int.Parse)];
            }
        }

        throw new InvalidOperationException("The starter has ended without a server.");
    }

    /// <summary>The processes and all that they have started.</summary>
    private static HashSet<int> Descendants(IEnumerable<int> ids)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!))
            .ToLookup(id => Status(id, "PPid:") is { } parent ? int.Parse(parent) : 0);
        var family = new HashSet<int>();
        var open = new Queue<int>(ids);
        while (open.TryDequeue(out var id))
        {
            if (family.Add(id))
            {
                foreach (var child in children[id])
                {
                    open.Enqueue(child);
                }
            }
        }

        return family;
    }

    private static async Task GoneAsync(int id, CancellationToken ct)
    {
        while (IsRunning(id))
        {
            Assert.False(ct.IsCancellationRequested, $"Process {id} ({Status(id, "Name:")}) still runs {Deadline.TotalSeconds:0} s after its starter was killed.");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>One that only waits to be collected by its parent runs no more.</summary>
    private static bool IsRunning(int id) => Status(id, "State:") is { } state && !state.StartsWith('Z') && !state.StartsWith('X');

    private static string? Status(int id, string field)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Benchmarks.Harness;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Ledger.Processes;
using TradeActors.Node.Configuration;
using TradeActors.Node.Hosting;
using TradeActors.Runtime.Shell;
using TradeActors.Servers.Postgres;
using TradeActors.Servers.Processes;
using TradeActors.Servers.RabbitMq;

namespace TradeActors.Benchmarks.Parts;

/// <summary>
/// Three node processes with servers of their own, and in this process a door to them: a fourth node that takes no shard, so that every entity is on another node.
/// </summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private const int Shards = 128;
    private const int AtOnce = 64;

    private readonly PrivatePostgres _postgres;
    private readonly ServiceProvider _services;
    private NodeHost? _door;

    private BenchCluster(PrivatePostgres postgres, PrivateRabbitMq rabbit, string database, string folder)
    {
        (_postgres, Rabbit, Database) = (postgres, rabbit, database);
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Nodes = [.. ((string[])["n1", "n2", "n3"]).Select(name => (name, new NodeProcess(
            Path.Combine(folder, name), FreePort.Take(), "--tradeactors:storage", "postgres", "--tradeactors:cluster", "rabbitmq", "--tradeactors:node-name", name,
            "--tradeactors:secrets-key", key, "--tradeactors:market:feed", "manual", "--ConnectionStrings:Postgres", database,
            "--ConnectionStrings:RabbitMq", rabbit.Address.ToString())
        {
            IsPublished = true,
        }))];
        Settings = NodeSettings.Read(new ConfigurationBuilder().Build()) with
        {
            NodeName = "door",
            Feed = "manual",
            Cluster = new ClusterSettings { Postgres = database, RabbitMq = RabbitAddress.Parse(rabbit.Address.ToString()), SecretKeys = [key] },
        };
    }

    public PrivateRabbitMq Rabbit { get; }

    public string Database { get; }

    public IReadOnlyList<(string Name, NodeProcess Process)> Nodes { get; }

    public ClusterNode Door => (ClusterNode)_door!.Entities;

    private NodeSettings Settings { get; }

    public static async Task<BenchCluster> StartAsync(string folder, CancellationToken ct)
    {
        var postgres = await PrivatePostgres.StartAsync(ct);
        var rabbit = await PrivateRabbitMq.StartAsync(ct);
        var cluster = new BenchCluster(postgres, rabbit, await postgres.CreateDatabaseAsync("bench", ct), folder);
        await Task.WhenAll(cluster.Nodes.Select(node => node.Process.StartReadyAsync()));
        cluster._door = await NodeHost.OpenAsync(
            cluster.Settings, TimeProvider.System, cluster._services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), NullLoggerFactory.Instance, ct);
        cluster.Door.Leave();
        await cluster._door.StartAsync(ct);
        await cluster.EvenAsync(ct);
        return cluster;
    }

    public static EntityId Recorder(int number) => new("bench", EntityKind.Recorder, string.Create(CultureInfo.InvariantCulture, $"r{number:00000}"));

    /// <summary>Recorders with a timer each, so that each has a row by which a new owner finds it.</summary>
    public Task AddRecordersAsync(int count, CancellationToken ct) => EachAsync(Enumerable.Range(0, count), number =>
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"token {number}")));
        return Door.AskAsync(
            Recorder(number), new CreateRecorder($"r{number}", "MES", new Settings(new SizingSettings(Initial: 1m), SilenceAlarmMinutes: 600), hash), ct);
    }, ct);

    public static Task EachAsync(IEnumerable<int> numbers, Func<int, Task> act, CancellationToken ct) =>
        Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (number, _) => await act(number));

    public string OwnerOf(EntityId id) => Door.View!.Shards[id.ShardHash(Shards)].Owner;

    /// <summary>Waits until the three nodes share the shards and somebody stands by for each.</summary>
    public async Task EvenAsync(CancellationToken ct)
    {
        for (var waited = 0; Unevenness() is { } unevenness; waited++)
        {
            if (waited % 100 == 99)
            {
                Progress.Say("cluster", $"waiting until the shards are even: {unevenness}");
            }

            await Task.Delay(100, ct);
        }
    }

    /// <returns>Null when there is none.</returns>
    private string? Unevenness()
    {
        if (Door.View is not { } view || !Door.IsConnected)
        {
            return "the door is not connected";
        }

        var owned = Nodes.Select(node => view.Shards.Count(row => row.Owner == node.Name)).ToArray();
        var alone = view.Shards.Where(row => row.Standby.Length == 0 || row.Standby == row.Owner).ToArray();
        return owned.All(count => count - (Shards / Nodes.Count) is 0 or 1) && alone.Length == 0 ? null
            : $"{string.Join(", ", Nodes.Zip(owned, (node, count) => $"{node.Name} {count}"))}; without a standby: {string.Join(", ", alone.Take(10))}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_door is not null)
        {
            await _door.DisposeAsync();
        }

        foreach (var (_, process) in Nodes)
        {
            await process.DisposeAsync();
        }

        await Rabbit.DisposeAsync();
        await _postgres.DisposeAsync();
        await _services.DisposeAsync();
    }
}

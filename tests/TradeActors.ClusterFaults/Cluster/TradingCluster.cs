using System.Text.Json.Nodes;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using TradeActors.Ledger.Stores;
using TradeActors.Servers.Postgres;
using TradeActors.Servers.RabbitMq;

namespace TradeActors.ClusterFaults.Cluster;

/// <summary>Three nodes, a PostgreSQL and a RabbitMQ of the test's own, and its operator.</summary>
internal sealed class TradingCluster : IAsyncDisposable
{
    public const int Shards = 128;

    private const string OperatorEmail = "operator@example.com";
    private const string Password = "correct horse battery";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly string _database;

    private TradingCluster(PrivatePostgres store, PrivateRabbitMq broker, string database)
    {
        (Store, Broker, _database) = (store, broker, database);
        var key = Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)i).ToArray());
        Nodes = [.. ((string[])["n1", "n2", "n3"]).Select(name => new ClusterNode(name, database, broker.Address, key))];
        Door = new Balancer([.. Nodes.Select(node => node.Process.Address)]);
        Operator = new ApiClient(Door);
    }

    public PrivatePostgres Store { get; }

    public PrivateRabbitMq Broker { get; }

    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>In front of all nodes, whether they run or not.</summary>
    public Balancer Door { get; }

    /// <summary>Sees the cluster, drains nodes and feeds quotes.</summary>
    public ApiClient Operator { get; }

    /// <exception cref="Servers.Processes.ServerNotInstalledException">PostgreSQL or RabbitMQ is missing: the message names the package.</exception>
    public static async Task<TradingCluster> StartAsync()
    {
        var store = await PrivatePostgres.StartAsync(CancellationToken.None);
        PrivateRabbitMq? broker = null;
        TradingCluster? cluster = null;
        try
        {
            broker = await PrivateRabbitMq.StartAsync(CancellationToken.None);
            cluster = new TradingCluster(store, broker, await store.CreateDatabaseAsync("tradeactors"));
            await Task.WhenAll(cluster.Nodes.Select(node => node.Process.StartReadyAsync()));
            await cluster.Operator.RegisterAsync(OperatorEmail, Password, "Operation");
            await cluster.EvenAsync();
            return cluster;
        }
        catch
        {
            // The cluster has the servers once it is made.
            IAsyncDisposable?[] made = cluster is not null ? [cluster] : [broker, store];
            foreach (var one in made.OfType<IAsyncDisposable>())
            {
                await one.DisposeAsync();
            }

            throw;
        }
    }

    public StoreReader OpenStore() => StoreReader.Postgres(_database);

    public Task<JsonNode> ViewAsync() => Operator.GetAsync("/api/v1/cluster");

    /// <summary>Waits until every fault is over: nodes ready, shards even on all of them. Scenarios heal what they have broken.</summary>
    /// <exception cref="InvalidOperationException">A node has ended that nobody ended.</exception>
    public async Task WholeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.Process.ReadyAsync()));
        await Operator.LoginAsync(OperatorEmail, Password); // Tokens live for an hour.
        await EvenAsync();
    }

    /// <summary>Waits until these nodes, or all, are up and own as many shards each as is possible, and nobody else owns one.</summary>
    public Task EvenAsync(params IReadOnlyList<ClusterNode> nodes)
    {
        var expected = (nodes.Count == 0 ? Nodes : nodes).Select(node => node.Name).ToArray();
        return ReachedAsync($"{Shards} shards even on {string.Join(", ", expected)}", view =>
        {
            var up = view["nodes"]!.AsArray().Where(node => node!.Text("state") == "up").Select(node => node!.Text("name"));
            var owned = view["shards"]!.AsArray().CountBy(shard => shard!.Text("node")).ToDictionary();
            var least = Shards / expected.Length;
            return expected.All(up.Contains) && owned.Keys.All(expected.Contains) && owned.Values.Sum() == Shards
                && expected.All(name => owned.GetValueOrDefault(name) - least is 0 or 1);
        });
    }

    /// <summary>Waits until the cluster's own view is so.</summary>
    public Task ReachedAsync(string what, Func<JsonNode, bool> isSo) => Until.ReachedAsync(
        what, Deadline, async () =>
        {
            try
            {
                var view = await ViewAsync();
                return isSo(view) ? null : Describe(view);
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException or ApiRefusalException)
            {
                return error.Message;
            }
        }, TimeSpan.FromMilliseconds(250));

    /// <returns>What the nodes have still to do, or null for nothing.</returns>
    public async Task<string?> LagAsync()
    {
        var view = await ViewAsync();
        var busy = view["nodes"]!.AsArray().Select(node => node!)
            .Where(node => node["lag"] is not { } lag || (long)lag["unacknowledgedSends"]! > 0 || (long)lag["openFanOuts"]! > 0)
            .Select(node => $"{node.Text("name")} {node.Text("state")}: {node["lag"]?.ToJsonString() ?? "no answer"}");
        return string.Join(", ", busy) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The last lines of every node, for the message of a failure.</summary>
    public string Logs() => string.Join(
        '\n', Nodes.Select(node => $"--- {node.Name} ({(node.Process.IsRunning ? "running" : "not running")}) printed last:\n{node.Process.Last}"));

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await Store.DisposeAsync();
    }

    private static string Describe(JsonNode view)
    {
        var owned = view["shards"]!.AsArray().CountBy(shard => shard!.Text("node")).OrderBy(count => count.Key, StringComparer.Ordinal);
        return $"nodes {string.Join(", ", view["nodes"]!.AsArray().Select(node => $"{node!.Text("name")} {node!.Text("state")}"))}; "
            + $"shards {string.Join(", ", owned.Select(count => $"{(count.Key.Length == 0 ? "nobody" : count.Key)} {count.Value}"))}";
    }
}

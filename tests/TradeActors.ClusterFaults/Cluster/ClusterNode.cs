using Npgsql;
using TradeActors.Ledger.Processes;
using TradeActors.Servers.Processes;
using TradeActors.Servers.Proxy;

namespace TradeActors.ClusterFaults.Cluster;

/// <summary>One node as a process, with wires of its own to both servers.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private readonly TestFolder _folder = new();

    /// <param name="database">Connection string that leads straight to the server.</param>
    /// <param name="secretsKey">The same on every node: 32 bytes, base64.</param>
    public ClusterNode(string name, string database, Uri broker, string secretsKey)
    {
        Name = name;
        var address = new NpgsqlConnectionStringBuilder(database);
        (Store, Broker) = (TcpProxy.Start(address.Host!, address.Port), TcpProxy.Start(broker.Host, broker.Port));
        // The server takes 100 connections in all.
        address.Port = Store.Port;
        address.MaxPoolSize = 18;
        Process = new NodeProcess(
            _folder.Data, FreePort.Take(), "--tradeactors:storage", "postgres", "--tradeactors:cluster", "rabbitmq", "--tradeactors:node-name", name,
            "--ConnectionStrings:Postgres", address.ToString(), "--ConnectionStrings:RabbitMq", new UriBuilder(broker) { Port = Broker.Port }.Uri.ToString(),
            "--tradeactors:secrets-key", secretsKey, "--tradeactors:market:feed", "manual", "--tradeactors:registration", "open",
            "--tradeactors:limits:enabled", "false", "--Logging:LogLevel:Default", "Warning")
        {
            IsPublished = true,
        };
    }

    public string Name { get; }

    public NodeProcess Process { get; }

    /// <summary>Its wire to PostgreSQL.</summary>
    public TcpProxy Store { get; }

    /// <summary>Its wire to RabbitMQ.</summary>
    public TcpProxy Broker { get; }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Store.DisposeAsync();
        await Broker.DisposeAsync();
        _folder.Dispose();
    }

    public override string ToString() => Name;
}

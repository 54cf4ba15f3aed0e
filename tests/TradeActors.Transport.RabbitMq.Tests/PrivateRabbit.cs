using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace TradeActors.Transport.RabbitMq.Tests;

/// <summary>A RabbitMQ of the tests' own, from the installed package, with its own name service, ports and folder.</summary>
public sealed class PrivateRabbit : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rabbit-").FullName;
    private readonly (int Names, int Dist) _ports = (FreePort(), FreePort());
    private Process? _epmd;
    private Process? _server;

    public int Port { get; } = FreePort();

    public Task InitializeAsync()
    {
        _epmd = Run("epmd", "-port", $"{_ports.Names}");
        return StartEmptyAsync();
    }

    public async Task StartEmptyAsync()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(_folder);
        _server = Run("/usr/lib/rabbitmq/bin/rabbitmq-server"); // Installed by the package rabbitmq-server; the service need not run.
        for (var clock = Stopwatch.StartNew(); !await IsUpAsync(); await Task.Delay(50))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60) && !_server.HasExited, $"RabbitMQ did not come up on port {Port}.");
        }
    }

    /// <summary>As if its machine had lost power.</summary>
    public Task KillAsync()
    {
        _server!.Kill(entireProcessTree: true);
        return _server.WaitForExitAsync();
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        _epmd!.Kill();
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Run(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] settings =
        [
            $"HOME={_folder}", $"ERL_EPMD_PORT={_ports.Names}", "ERL_EPMD_ADDRESS=127.0.0.1", $"RABBITMQ_NODENAME=test{Port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", $"RABBITMQ_NODE_PORT={Port}", $"RABBITMQ_DIST_PORT={_ports.Dist}", $"RABBITMQ_MNESIA_BASE={_folder}/data",
            $"RABBITMQ_LOG_BASE={_folder}/log", $"RABBITMQ_CONFIG_FILE={_folder}/none", $"RABBITMQ_ENABLED_PLUGINS_FILE={_folder}/plugins",
        ];
        foreach (var setting in settings.Select(setting => setting.Split('=')))
        {
            start.Environment[setting[0]] = setting[1];
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<bool> IsUpAsync()
    {
        using var client = new TcpClient();
        return await client.ConnectAsync(IPAddress.Loopback, Port).ContinueWith(connected => connected.IsCompletedSuccessfully, TaskScheduler.Default);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TradeActors.Servers.Processes;

namespace TradeActors.Servers.RabbitMq;

/// <summary>A RabbitMQ server of a test's own, from the installed package: on 127.0.0.1 only, in a temporary folder, on ports that it keeps.</summary>
/// <remarks>
/// Everything by which two servers on one machine could meet is its own: node name, cookie and home, the port mapper (epmd), the distribution port. No plugin
/// is loaded. Server and port mapper die with this process (see <see cref="ServerProcess"/>).
/// </remarks>
public sealed class PrivateRabbitMq : IAsyncDisposable
{
    private const string DefaultRoot = "/usr/lib/rabbitmq/lib";
    private const string PortMapper = "/usr/bin/epmd";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private readonly string _program;
    private readonly ServerFolder _folder = new("tradeactors-mq-");
    private readonly int _mapperPort = FreePort.Take();
    private readonly int _distributionPort = FreePort.Take();
    private ServerProcess? _mapper;
    private ServerProcess? _server;

    private PrivateRabbitMq(string program) => _program = program;

    public int Port { get; } = FreePort.Take();

    /// <summary>AMQP address with user and password.</summary>
    public Uri Address => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    /// <summary>What dies with this process: the server and its port mapper. The server's helpers end with it.</summary>
    public IReadOnlyList<int> ProcessIds => [.. new[] { _server, _mapper }.OfType<ServerProcess>().Where(process => process.IsRunning).Select(process => process.Id)];

    /// <summary>Starts an empty server and returns when it speaks AMQP.</summary>
    /// <exception cref="ServerNotInstalledException">No RabbitMQ on this machine.</exception>
    public static async Task<PrivateRabbitMq> StartAsync(CancellationToken ct)
    {
        var server = new PrivateRabbitMq(FindProgram(DefaultRoot));
        try
        {
            server.WriteSettings();
            await server.StartMapperAsync(ct);
            await server.StartAgainAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: what was not confirmed may be lost.</summary>
    /// <remarks>Measured on 3.10.8: a quorum queue declared just before is still there after the start over the same data, but answers no consumer any more.</remarks>
    public async Task KillAsync()
    {
        var server = _server ?? throw new InvalidOperationException("The server is not running.");
        await server.KillAsync();
        _server = null;
        server.Dispose();
    }

    /// <summary>After a kill: over the same data, on the same port. Durable queues and what was confirmed in them are there.</summary>
    public async Task StartAgainAsync(CancellationToken ct)
    {
        ThrowIfRunning();
        _server = await ServerProcess.StartAsync(_program, [], _folder.Path, user: null, "RABBITMQ_", Settings);
        await _server.AnswersAsync(StartDeadline, SpeaksAsync, ct);
    }

    /// <summary>After a kill: on the same port with nothing in it, as when a broker is replaced.</summary>
    public Task StartAgainEmptyAsync(CancellationToken ct)
    {
        ThrowIfRunning();
        Directory.Delete(_folder.Sub("data"), recursive: true);
        return StartAgainAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _server, _mapper }.OfType<ServerProcess>())
        {
            await process.KillAsync();
            process.Dispose();
        }

        (_server, _mapper) = (null, null);
        _folder.Dispose();
    }

    /// <summary>The start script of the newest version under a root: the one inside, for the one on the path runs as the package's own user.</summary>
    internal static string FindProgram(string root)
    {
        var newest = (Directory.Exists(root) ? Directory.GetDirectories(root, "rabbitmq_server-*") : [])
            .Select(folder => Path.Combine(folder, "sbin", "rabbitmq-server"))
            .Where(File.Exists)
            .MaxBy(VersionOf);
        return newest ?? throw new ServerNotInstalledException("RabbitMQ", $"{root}/rabbitmq_server-*", "rabbitmq-server");
    }

    private Dictionary<string, string> Settings => new()
    {
        ["HOME"] = _folder.Path,
        ["ERL_EPMD_PORT"] = _mapperPort.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = $"tradeactors-{Port}@localhost",
        ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_MNESIA_BASE"] = _folder.Sub("data"),
        ["RABBITMQ_LOG_BASE"] = _folder.Sub("log"),
        ["RABBITMQ_CONF_ENV_FILE"] = _folder.Sub("none"),
        ["RABBITMQ_CONFIG_FILE"] = _folder.Sub("rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = _folder.Sub("advanced.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.Sub("enabled_plugins"),
        // Two schedulers that do not spin while they wait, and distribution on loopback like everything else.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        // Makes the script become the server, so that the process which was started is the one to kill.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };

    private void WriteSettings()
    {
        File.WriteAllText(_folder.Sub("enabled_plugins"), "[].\n");
        File.WriteAllText(_folder.Sub("advanced.config"), "[].\n");
        File.WriteAllText(_folder.Sub("rabbitmq.conf"), $"""
            listeners.tcp.local = 127.0.0.1:{Port}
            log.console = true
            log.console.level = warning
            raft.wal_max_size_bytes = 67108864

            """);
        var cookie = _folder.Sub(".erlang.cookie");
        File.WriteAllText(cookie, Guid.NewGuid().ToString("N"));
        ServerFolder.SetMode(cookie, UnixFileMode.UserRead);
    }

    /// <summary>The server would start one itself if it found none, and leave it behind.</summary>
    private async Task StartMapperAsync(CancellationToken ct)
    {
        if (!File.Exists(PortMapper))
        {
            throw new ServerNotInstalledException("RabbitMQ's Erlang", PortMapper, "rabbitmq-server");
        }

        _mapper = await ServerProcess.StartAsync(
            PortMapper, ["-port", _mapperPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"], _folder.Path, user: null, "ERL_");
        await _mapper.AnswersAsync(StartDeadline, ListensAsync, ct);
    }

    private async Task<string?> ListensAsync(CancellationToken ct)
    {
        try
        {
            using var socket = await ConnectAsync(_mapperPort, ct);
            return null;
        }
        catch (SocketException error)
        {
            return error.Message;
        }
    }

    /// <summary>Sends the protocol header of AMQP 0-9-1; a server that is ready answers with the method connection.start.</summary>
    private async Task<string?> SpeaksAsync(CancellationToken ct)
    {
        try
        {
            using var socket = await ConnectAsync(Port, ct);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), ct);
            var answer = new byte[11];
            await stream.ReadExactlyAsync(answer, ct);
            // Frame type 1 (method), channel 0, four bytes of size, class 10 (connection), method 10 (start).
            return answer is [1, 0, 0, _, _, _, _, 0, 10, 0, 10] ? null : $"answered {Convert.ToHexString(answer)}";
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return error.Message;
        }
    }

    private static async Task<Socket> ConnectAsync(int port, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Version VersionOf(string program)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(program)))!;
        return Version.TryParse(name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..], out var version) ? version : new Version();
    }

    private void ThrowIfRunning()
    {
        if (_server is not null)
        {
            throw new InvalidOperationException("The server is running: kill it first.");
        }
    }
}

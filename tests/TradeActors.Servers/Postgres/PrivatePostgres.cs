using Npgsql;
using TradeActors.Servers.Processes;

namespace TradeActors.Servers.Postgres;

/// <summary>A PostgreSQL server of a test's own, from the installed binaries: on 127.0.0.1 only, in a temporary folder, on a port that it keeps.</summary>
/// <remarks>
/// It stores as durably as a real one (fsync is on), in UTF-8 with the C collation. Root cannot run PostgreSQL: the server then runs as the user that the
/// package makes, postgres. It dies with this process (see <see cref="ServerProcess"/>).
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Account = "postgres";
    private const string DefaultRoot = "/usr/lib/postgresql";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan QuitDeadline = TimeSpan.FromSeconds(20);

    private readonly string _binaries;
    private readonly ServerFolder _folder = new("tradeactors-pg-");
    private ServerProcess? _server;

    private PrivatePostgres(string binaries) => _binaries = binaries;

    public int Port { get; } = FreePort.Take();

    /// <summary>Leads to the database <c>postgres</c> as a superuser.</summary>
    public string ConnectionString => ConnectionTo("postgres");

    /// <summary>What dies with this process: the postmaster, and with it all that it has started.</summary>
    public IReadOnlyList<int> ProcessIds => _server is { IsRunning: true } ? [_server.Id] : [];

    private static string? User => Environment.IsPrivilegedProcess ? Account : null;

    /// <summary>Makes a cluster and returns when it accepts connections.</summary>
    /// <exception cref="ServerNotInstalledException">No PostgreSQL on this machine.</exception>
    public static async Task<PrivatePostgres> StartAsync(CancellationToken ct)
    {
        var server = new PrivatePostgres(FindBinaries(DefaultRoot));
        try
        {
            await server.InitializeAsync(ct);
            await server.StartAgainAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the server at once, as a crash does (SIGQUIT): nothing is finished, open transactions are lost, the next start recovers from the log.</summary>
    public async Task KillAsync()
    {
        var server = _server ?? throw new InvalidOperationException("The server is not running.");
        await server.QuitAsync(QuitDeadline);
        _server = null;
        server.Dispose();
    }

    /// <summary>After a kill: over the same data, on the same port. Connections from before are dead; pools notice at their next use.</summary>
    public async Task StartAgainAsync(CancellationToken ct)
    {
        if (_server is not null)
        {
            throw new InvalidOperationException("The server is running: kill it first.");
        }

        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", $"unix_socket_directories={_folder.Path}",
            "fsync=on", "shared_buffers=64MB", "max_connections=100", "logging_collector=off", "log_destination=stderr",
        ];
        _server = await ServerProcess.StartAsync(
            Path.Combine(_binaries, "postgres"), ["-D", Data, .. settings.SelectMany(setting => (string[])["-c", setting])], _folder.Path, User, "PG");
        await _server.AnswersAsync(StartDeadline, AcceptsAsync, ct);
    }

    /// <summary>Starts the server again with a password asked of this role; everybody else is let in without one.</summary>
    public async Task RequirePasswordAsync(string role, CancellationToken ct = default)
    {
        await KillAsync();
        var rules = Path.Combine(Data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all {role} 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules, ct)}", ct);
        await StartAgainAsync(ct);
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken ct = default)
    {
        await using var connection = new NpgsqlConnection(Unpooled(ConnectionString));
        await connection.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        using var quoting = new NpgsqlCommandBuilder();
#pragma warning disable CA2100 // A name cannot be a parameter; it is quoted.
        command.CommandText = $"CREATE DATABASE {quoting.QuoteIdentifier(name)}";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
        return ConnectionTo(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            // Nobody needs the data any more. The other processes of the cluster end when they miss the first.
            await server.KillAsync();
            server.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>The folder with the programs of the newest version under a root.</summary>
    internal static string FindBinaries(string root)
    {
        var newest = (Directory.Exists(root) ? Directory.GetDirectories(root) : [])
            .Where(folder => File.Exists(Path.Combine(folder, "bin", "postgres")) && File.Exists(Path.Combine(folder, "bin", "initdb")))
            .MaxBy(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0);
        return newest is null ? throw new ServerNotInstalledException("PostgreSQL", $"{root}/*/bin", "postgresql") : Path.Combine(newest, "bin");
    }

    private string Data => _folder.Sub("data");

    private async Task InitializeAsync(CancellationToken ct)
    {
        if (User is not null)
        {
            await ServerProcess.RunAsync("chown", [$"{User}:{User}", _folder.Path], "/", user: null, foreign: null, ct);
        }

        // What initdb writes is only as good as new: nothing that a test stores passes by it, so it need not wait for the disk.
        string[] arguments = ["-D", Data, "-U", Account, "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-instructions", "--no-sync"];
        await ServerProcess.RunAsync(Path.Combine(_binaries, "initdb"), arguments, _folder.Path, User, "PG", ct);
    }

    private async Task<string?> AcceptsAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Unpooled(ConnectionString));
            await connection.OpenAsync(ct);
            return null;
        }
        catch (NpgsqlException error)
        {
            // Refused, or "the database system is starting up".
            return error.Message;
        }
    }

    private string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = Account,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ToString();

    private static string Unpooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString();
}

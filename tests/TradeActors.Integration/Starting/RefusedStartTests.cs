using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TradeActors.Ledger.Processes;
using TradeActors.Ledger.Stores;
using TradeActors.Servers.Processes;
using Xunit;

namespace TradeActors.Integration.Starting;

/// <summary>What a person must change first is said in one message, with exit code 1 and no stack trace.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Taken_port_is_named_and_ends_the_start()
    {
        using var other = new TcpListener(IPAddress.Loopback, FreePort.Take());
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var node = new NodeProcess(_folder.Data, port);

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains("taken", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_directory_that_cannot_be_written_is_named_and_ends_the_start()
    {
        // Below a file: not even root can make a folder there.
        var file = Path.Combine(_folder.Path, "a-file");
        await File.WriteAllTextAsync(file, "");
        var directory = Path.Combine(file, "data");
        await using var node = new NodeProcess(directory, FreePort.Take());

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains(directory, said, StringComparison.Ordinal);
        Assert.Contains("cannot be written", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_directory_of_another_process_is_refused_and_that_process_goes_on()
    {
        await using var first = Nodes.Manual(_folder);
        await first.StartReadyAsync();
        await using var second = Nodes.Manual(_folder);

        var said = await Nodes.RefusalAsync(second);

        Assert.Contains("in use", said, StringComparison.Ordinal);
        Assert.Contains(first.Id.ToString(CultureInfo.InvariantCulture), said, StringComparison.Ordinal);
        await first.ReadyAsync();
    }

    [Fact]
    public async Task Database_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        await using var node = Nodes.Manual(_folder);
        await node.StartReadyAsync();
        await node.TerminateAsync(Nodes.ExitDeadline);
        using (var store = StoreReader.Sqlite(_folder.Database, isWritable: true))
        {
            store.Execute("PRAGMA user_version = 9999");
        }

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains("newer", said, StringComparison.Ordinal);
        Assert.Contains("9999", said, StringComparison.Ordinal);
        using var after = StoreReader.Sqlite(_folder.Database);
        Assert.Equal(9999, after.Number("PRAGMA user_version"));
    }

    [Fact]
    public async Task Damaged_database_is_named_and_ends_the_start()
    {
        Directory.CreateDirectory(_folder.Data);
        await File.WriteAllTextAsync(_folder.Database, new string('x', 10_000));
        await using var node = Nodes.Manual(_folder);

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains(_folder.Database, said, StringComparison.Ordinal);
        Assert.Contains("damaged", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tradeactors:storage", "papyrus")]
    [InlineData("--tradeactors:storage", "postgres")]
    [InlineData("--tradeactors:cluster", "rabbitmq")]
    [InlineData("--tradeactors:market:feed", "tea-leaves")]
    [InlineData("--tradeactors:shards", "0")]
    [InlineData("--tradeactors:demo", "perhaps")]
    public async Task Setting_that_cannot_be_used_is_named_with_what_it_may_hold(string key, string value)
    {
        await using var node = new NodeProcess(_folder.Data, FreePort.Take(), key, value);

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains(key[2..], said, StringComparison.Ordinal);
        Assert.Contains(value, said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Data), "Nothing is made before the settings are understood.");
    }

    [Theory]
    [InlineData("tradeactors {\n  shards = [1\n}", ":2:12: This bracket is not closed")]
    [InlineData("tradeactors {\n  shards = 0\n}", ":2:12) must be a whole number from 1 to 4096")]
    [InlineData("tradeactors {\n  shard = 1\n}", ":2:11) is not known. The nearest known one is tradeactors:shards")]
    public async Task Settings_file_that_cannot_be_used_is_named_with_the_line(string text, string says)
    {
        var file = Path.Combine(_folder.Path, "own.conf");
        await File.WriteAllTextAsync(file, text);
        await using var node = new NodeProcess(_folder.Data, FreePort.Take(), "--config", file);

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains(file + says, said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Data), "Nothing is made before the settings are understood.");
    }

    [Fact]
    public async Task Address_that_cannot_be_understood_ends_the_start_with_a_message()
    {
        await using var node = NodeProcess.WithArguments("--urls", "not an address", "--tradeactors:data-directory", _folder.Data);

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains("not an address", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_the_settings_and_starts_nothing()
    {
        await using var node = NodeProcess.WithArguments("--help", "--tradeactors:data-directory", _folder.Data);

        await node.StartAsync();
        var code = await node.ExitAsync(Nodes.ExitDeadline);

        Assert.Equal(0, code);
        Assert.Contains("--tradeactors:data-directory", node.Output, StringComparison.Ordinal);
        Assert.Contains("--urls", node.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Data));
    }
}

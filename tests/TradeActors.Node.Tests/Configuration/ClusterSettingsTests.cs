using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

/// <summary>What belongs together, and what is said when a part is missing.</summary>
[Collection(SettingsFolder.Collection)]
public sealed class ClusterSettingsTests : IDisposable
{
    private const string Key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string OlderKey = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
    private const string Database = "Host=db;Password=hush";

    private static readonly string[] Postgres = ["--tradeactors:storage", "postgres", "--ConnectionStrings:Postgres", Database, "--tradeactors:secrets-key", Key];

    private static readonly string[] Cluster =
        [.. Postgres, "--tradeactors:cluster", "rabbitmq", "--ConnectionStrings:RabbitMq", "amqp://user:hush@mq", "--tradeactors:cluster-name", "desk"];

    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_node_on_SQLite_needs_none_of_it()
    {
        var settings = _folder.Read();

        Assert.Equal((null, null, "tradeactors"), (settings.Cluster.Postgres, settings.Cluster.RabbitMq, settings.Cluster.Name));
        Assert.Empty(settings.Cluster.SecretKeys);
        Assert.True(settings.Demo);
    }

    [Fact]
    public void One_node_on_PostgreSQL_has_no_demo()
    {
        var settings = _folder.Read(Postgres);

        Assert.Equal((Database, null, false), (settings.Cluster.Postgres, settings.Cluster.RabbitMq, settings.Demo));
        Assert.Equal([Key], settings.Cluster.SecretKeys);
    }

    [Fact]
    public void Shared_key_may_be_set_with_SQLite_too() =>
        Assert.Equal([Key, OlderKey], _folder.Read("--tradeactors:secrets-key", $"{Key}, {OlderKey}").Cluster.SecretKeys);

    [Fact]
    public void Nodes_are_connected_by_RabbitMQ()
    {
        var settings = _folder.Read(Cluster);

        Assert.Equal(("desk", true), (settings.Cluster.Name, settings.Cluster.RabbitMq is not null));
    }

    [Fact]
    public void Everything_that_is_missing_is_said_at_once_with_what_to_set()
    {
        var said = _folder.Refused("--tradeactors:storage", "postgres", "--tradeactors:demo", "true", "--tradeactors:cluster", "rabbitmq");

        Assert.StartsWith("4 settings cannot be used:", said, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Postgres", said, StringComparison.Ordinal);
        Assert.Contains("openssl rand -base64 32", said, StringComparison.Ordinal);
        Assert.Contains("tradeactors:demo = 'true' does not go with tradeactors:storage = 'postgres'", said, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__RabbitMq", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tradeactors:loops", "2", "use 1, and start more nodes")]
    [InlineData("--tradeactors:storage", "sqlite", "a SQLite file serves one node")]
    [InlineData("--ConnectionStrings:RabbitMq", "https://user:hush@mq", "amqp://user:password@host:5672/vhost")]
    [InlineData("--tradeactors:secrets-key", "hush", "openssl rand -base64 32")]
    [InlineData("--tradeactors:secrets-key", $"{Key},hush", "openssl rand -base64 32")]
    public void What_does_not_go_with_a_cluster_is_refused_without_its_secrets(string key, string value, string remedy)
    {
        var said = _folder.Refused([.. Cluster, key, value]);

        Assert.Contains(remedy, said, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_print_no_secret()
    {
        var printed = _folder.Read(Cluster).ToString();

        Assert.DoesNotContain("hush", printed, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Cluster_file_beside_the_program_takes_its_secrets_from_the_environment()
    {
        _folder.Variable("POSTGRES_CONNECTION", Database).Variable("RABBITMQ_CONNECTION", "amqps://mq").Variable("SECRETS_KEY", Key).Variable("HOSTNAME", "desk-1");

        var settings = _folder.Read("--config", "cluster.conf");

        Assert.Equal((Database, "desk-1", false, true), (settings.Cluster.Postgres, settings.NodeName, settings.Demo, settings.JsonLog));
        Assert.NotNull(settings.Cluster.RabbitMq);
    }

    [Fact]
    public void Cluster_file_without_its_secrets_says_what_to_set()
    {
        var said = _folder.Refused("--config", "cluster.conf");

        Assert.StartsWith("3 settings cannot be used:", said, StringComparison.Ordinal);
    }
}

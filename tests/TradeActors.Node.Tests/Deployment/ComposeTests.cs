using System.Text.RegularExpressions;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Deployment;

/// <summary>What can be held of docker-compose.yml without a container engine.</summary>
public sealed class ComposeTests
{
    private static readonly string[] Nodes = ["n1", "n2", "n3"];
    private static readonly ComposeFile Compose = ComposeFile.Read("docker-compose.yml");
    private static readonly string Example = Repository.Read("deploy/compose/env.example");

    /// <summary>Both files as they are written, without their comments.</summary>
    private static readonly string Written = Regex.Replace(
        Repository.Read("docker-compose.yml") + Repository.Read("deploy/compose/tls.yml"), @"(?m)(^|\s)#.*$", "");

    public static TheoryData<string> Services => [.. Compose.Services.Keys];

    [Fact]
    public void Nodes_differ_in_name_and_address_alone()
    {
        var texts = Nodes.Select(name => ComposeFile.Text(Compose.Services[name])
            .Replace($"TRADEACTORS__NODE_NAME: {name}", "TRADEACTORS__NODE_NAME: *", StringComparison.Ordinal)
            .Replace($"ipv4_address: {AddressOf(name)}", "ipv4_address: *", StringComparison.Ordinal));

        Assert.Single(texts.Distinct());
        Assert.All(Nodes, name => Assert.Equal(name, ComposeFile.Environment(Compose.Services[name])["TRADEACTORS__NODE_NAME"]));
        Assert.Equal(["n1", "n2", "n3", "nginx", "postgres", "rabbitmq"], Compose.Services.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_upstream_of_the_proxy_is_the_three_nodes()
    {
        var upstreams = Regex.Matches(Repository.Read("deploy/nginx/nginx.conf"), @"upstream (\w+) \{(.*?)\n    \}", RegexOptions.Singleline);
        var named = Regex.Matches(Repository.Read("deploy/nginx/door.conf"), @"proxy_pass http://(\w+);").Select(match => match.Groups[1].Value);

        Assert.Equal(named.Distinct().Order(), upstreams.Select(match => match.Groups[1].Value).Order());
        Assert.All(upstreams, upstream => Assert.Equal(
            Nodes.Select(name => $"{name}:8080"), Regex.Matches(upstream.Groups[2].Value, @"server (\S+) ").Select(server => server.Groups[1].Value)));
        Assert.All(Nodes, name => Assert.Equal("http://0.0.0.0:8080", ComposeFile.Environment(Compose.Services[name])["ASPNETCORE_URLS"]));
    }

    [Fact]
    public void Proxy_finds_the_nodes_at_their_addresses_and_is_the_only_one_they_believe()
    {
        Assert.Equal(Nodes.Select(name => $"{name}:{AddressOf(name)}"), ComposeFile.List(Compose.Services["nginx"]["extra_hosts"]));
        Assert.All(Nodes, name => Assert.Equal(
            AddressOf("nginx"), ComposeFile.Environment(Compose.Services[name])["TRADEACTORS__LIMITS__TRUSTED_PROXIES"]));
        Assert.Equal(4, Nodes.Append("nginx").Select(AddressOf).Distinct().Count());
    }

    [Fact]
    public void Every_setting_of_the_nodes_is_known()
    {
        // secrets-key is read by the store of a cluster, and its entry in the table comes with it.
        var known = KnownSettings.All.Select(setting => setting.Key).ToArray();
        var set = ComposeFile.Environment(Compose.Services["n1"]).Keys
            .Concat(Regex.Matches(Repository.Read("deploy/docker/Dockerfile"), @"\b(TRADEACTORS__\w+)=").Select(match => match.Groups[1].Value))
            .Where(key => key.StartsWith("TRADEACTORS__", StringComparison.Ordinal))
            .Select(key => SettingsSource.Normalise(key.Replace("__", ":", StringComparison.Ordinal)));

        Assert.Empty(set.Except(known));
        Assert.Equal(["--config", "cluster.conf"], ComposeFile.List(Compose.Services["n1"]["command"]));
        Assert.True(File.Exists(Repository.At("hocon/cluster.conf")));
    }

    [Fact]
    public void Every_variable_is_explained_in_the_example_and_nothing_else_is()
    {
        var used = Regex.Matches(Written, @"\$\{(\w+)").Select(match => match.Groups[1].Value).Distinct();
        var explained = Regex.Matches(Example, @"(?m)^(\w+)=").Select(match => match.Groups[1].Value);

        Assert.Equal(used.Order(StringComparer.Ordinal), explained.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Secrets_come_from_the_environment_and_a_missing_one_ends_the_start()
    {
        var secrets = Regex.Matches(Example, @"(?m)^(\w+(?:PASSWORD|KEY))=(.*)$");
        Assert.Equal(4, secrets.Count);
        Assert.All(secrets, secret =>
        {
            Assert.Equal("", secret.Groups[2].Value);
            var uses = Regex.Matches(Written, $@"\$\{{{secret.Groups[1].Value}\b(:\?)?");
            Assert.NotEmpty(uses);
            Assert.All(uses, use => Assert.Equal(":?", use.Groups[1].Value));
        });

        // Whatever is named like a secret, and the secret part of an address, is a variable and nothing but one.
        foreach (var (key, value) in Compose.Services.Values.SelectMany(ComposeFile.Environment).Where(variable => Regex.IsMatch(variable.Key, "PASS|KEY|SECRET|TOKEN")))
        {
            Assert.True(Regex.IsMatch(value, @"^\$\{\w+:\?[^}]+\}$"), $"{key} holds more than a variable.");
        }

        Assert.All(Regex.Matches(Written, @"(?i)(?:password=|://\w+:)([^;\n]*)"), secret => Assert.Matches(@"^\$\{\w+:\?", secret.Groups[1].Value));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_is_watched_started_again_and_stops_in_its_own_time(string name)
    {
        var service = Compose.Services[name];
        var health = ComposeFile.Map(service["healthcheck"]);
        Assert.Equal("CMD", ComposeFile.List(health["test"]).First());
        Assert.All(new[] { "interval", "timeout", "retries" }, key => Assert.True(health.ContainsKey(key)));
        Assert.Equal("unless-stopped", service["restart"]);
        Assert.True(int.Parse(((string)service["stop_grace_period"]!).TrimEnd('s')) >= 30);
        Assert.True(ComposeFile.Map(service["logging"]).ContainsKey("options"));
    }

    [Fact]
    public void Nobody_but_the_proxy_is_reached_from_outside_and_it_reaches_no_store()
    {
        Assert.Equal(["nginx"], Compose.Services.Where(service => service.Value.ContainsKey("ports")).Select(service => service.Key));
        Assert.Equal(["back"], ComposeFile.List(Compose.Services["postgres"]["networks"]));
        Assert.Equal(["back"], ComposeFile.List(Compose.Services["rabbitmq"]["networks"]));
        Assert.Equal(["front"], ComposeFile.Map(Compose.Services["nginx"]["networks"]).Keys);
        Assert.Equal("true", ComposeFile.Map(ComposeFile.Map(Compose.Root["networks"])["back"])["internal"]);
    }

    [Theory]
    [InlineData("docker-compose.yml")]
    [InlineData("deploy/compose/tls.yml")]
    public void What_is_mounted_exists(string path)
    {
        var volumes = ComposeFile.Map(Compose.Root["volumes"]).Keys.Select(name => (string)name).ToArray();
        foreach (var mount in ComposeFile.Read(path).Services.Values.Where(service => service.ContainsKey("volumes")).SelectMany(service => ComposeFile.List(service["volumes"])))
        {
            var source = mount.StartsWith('$') ? mount[..(mount.IndexOf('}', StringComparison.Ordinal) + 1)] : mount.Split(':')[0];
            var isThere = source[0] switch
            {
                '$' => Example.Contains($"{source[2..source.IndexOf(':', StringComparison.Ordinal)]}=", StringComparison.Ordinal),
                '.' => Path.Exists(Repository.At(source)) && mount.EndsWith(":ro", StringComparison.Ordinal),
                _ => volumes.Contains(source),
            };
            Assert.True(isThere, $"{mount} of {path}: there is no {source}, or it may be written to.");
        }
    }

    [Fact]
    public void Database_is_made_with_the_names_that_the_nodes_use()
    {
        var made = Repository.Read("deploy/postgres/init.sql");
        Assert.Contains("CREATE ROLE tradeactors LOGIN", made, StringComparison.Ordinal);
        Assert.Contains("\\getenv password TRADEACTORS_POSTGRES_PASSWORD", made, StringComparison.Ordinal);
        Assert.Contains("TRADEACTORS_POSTGRES_PASSWORD", ComposeFile.Environment(Compose.Services["postgres"]).Keys);
        Assert.StartsWith(
            "Host=postgres;Database=tradeactors;Username=tradeactors;", ComposeFile.Environment(Compose.Services["n1"])["ConnectionStrings__Postgres"], StringComparison.Ordinal);
        Assert.StartsWith("amqp://tradeactors:", ComposeFile.Environment(Compose.Services["n1"])["ConnectionStrings__RabbitMq"], StringComparison.Ordinal);
        Assert.Equal("tradeactors", ComposeFile.Environment(Compose.Services["rabbitmq"])["RABBITMQ_DEFAULT_USER"]);
    }

    private static string AddressOf(string service) => (string)ComposeFile.Map(ComposeFile.Map(Compose.Services[service]["networks"])["front"])["ipv4_address"]!;
}

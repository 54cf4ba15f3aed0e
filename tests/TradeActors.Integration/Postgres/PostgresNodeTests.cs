using System.Net;
using System.Text.Json.Nodes;
using TradeActors.Integration.Starting;
using TradeActors.Integration.Support;
using TradeActors.Servers.Postgres;
using TradeActors.Servers.Processes;
using Xunit;

namespace TradeActors.Integration.Postgres;

/// <summary>One node on PostgreSQL: everything lies there, and a server that goes and comes back is waited for.</summary>
public sealed class PostgresNodeTests : IAsyncLifetime, IDisposable
{
    private const string SecretsKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Buy = """{"action":"buy"}""";
    private const string BuyMore = """{"action":"buy","id":"more"}""";

    private static readonly TimeSpan OutageDeadline = TimeSpan.FromSeconds(30);

    private readonly TestFolder _folder = new();
    private readonly int _port = FreePort.Take();

    private PrivatePostgres Server { get => field ?? throw new InvalidOperationException("Not started yet."); set; }

    private string Database { get => field ?? throw new InvalidOperationException("Not made yet."); set; }

    public async Task InitializeAsync()
    {
        Server = await PrivatePostgres.StartAsync(CancellationToken.None);
        Database = await Server.CreateDatabaseAsync("node");
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_node_is_replaced_by_one_with_nothing_but_the_database()
    {
        await using var first = Node("first");
        await first.StartReadyAsync();
        using var api = new ApiClient(first.Address);
        var (account, recorder, token) = await Nodes.SetUpAsync(api);
        var secret = (await api.PostAsync($"/api/v1/recorders/{recorder}/signing-secret")).Text("signingSecret");
        Assert.Equal("accepted", (await api.WebhookAsync(token, Buy)).State);
        await Nodes.FillsAsync(api, account, count: 1);
        first.Kill();

        await using var second = Node("second");
        await second.StartReadyAsync();

        // The session too: the keys of tokens lie in the database, sealed.
        Assert.Equal(account, (await api.ListAsync("/api/v1/accounts")).Single().Text("id"));
        Assert.Single(await api.ListAsync($"/api/v1/accounts/{account}/fills"));
        await QuoteAsync(api);
        Assert.Equal("accepted", await SendSignedAsync(token, secret));
        await Nodes.FillsAsync(api, account, count: 2);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.DoesNotContain("masterKey", await Psql.AskAsync(Database, "SELECT string_agg(xml, '') FROM keyring"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outage_is_answered_with_503_and_the_same_node_goes_on_afterwards()
    {
        await using var node = Node("only");
        await node.StartReadyAsync();
        using var api = new ApiClient(node.Address);
        var (account, recorder, token) = await Nodes.SetUpAsync(api);
        var key = (await api.PostAsync("/api/v1/api-keys", new { name = "Key", scopes = new[] { "read" } })).Text("key");
        var paths = await PathsAsync(api);

        await Server.KillAsync();
        await Unready(node);
        Assert.Contains("PostgreSQL does not answer: ", (await node.HealthAsync()).Text, StringComparison.Ordinal);
        using (var probe = new HttpClient { BaseAddress = node.Address })
        {
            await Is503Async(probe, HttpMethod.Post, $"/webhook/{token}", Buy);
            await Is503Async(probe, HttpMethod.Post, "/api/v1/auth/login", """{"email":"owner@example.com","password":"correct horse battery"}""");
            await Is503Async(probe, HttpMethod.Post, "/api/v1/auth/register", """{"email":"other@example.com","password":"correct horse battery","tenant":"Other"}""");
            probe.DefaultRequestHeaders.Add("X-Api-Key", key);
            await Is503Async(probe, HttpMethod.Get, "/api/v1/accounts");
            probe.DefaultRequestHeaders.Remove("X-Api-Key");
            probe.DefaultRequestHeaders.Authorization = new("Bearer", api.Token);
            foreach (var (method, path) in paths)
            {
                await Is503Async(probe, method, path.Replace("{id}", path.Contains("recorders", StringComparison.Ordinal) ? recorder : account, StringComparison.Ordinal));
            }
        }

        await Server.StartAgainAsync(CancellationToken.None);
        await node.ReadyAsync();
        Assert.Equal("accepted", (await api.WebhookAsync(token, Buy)).State);
        await Nodes.FillsAsync(api, account, count: 1);
    }

    [Fact]
    public async Task Node_that_is_started_first_waits_for_the_database()
    {
        await Server.KillAsync();
        await using var node = Node("early");
        node.Start();
        await node.PrintedAsync("PostgreSQL cannot be reached");

        await Server.StartAgainAsync(CancellationToken.None);

        await node.ReadyAsync();
        Assert.Contains("PostgreSQL is there: the node starts", node.Output, StringComparison.Ordinal);
        Assert.Single(node.Output.Split('\n'), line => line.Contains("PostgreSQL cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Database_that_is_not_there_ends_the_start()
    {
        await using var node = Node("lost", Database.Replace("Database=node", "Database=nowhere", StringComparison.Ordinal));

        var said = await Nodes.RefusalAsync(node);

        Assert.Contains("CREATE DATABASE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_command_names_what_PostgreSQL_has_for_it()
    {
        await using var node = NodeProcess.WithArguments("backup", Path.Combine(_folder.Path, "x.db"), "--tradeactors:storage", "postgres");

        Assert.Contains("pg_dump", await Nodes.RefusalAsync(node), StringComparison.Ordinal);
    }

    private NodeProcess Node(string name, string? database = null) => new(
        Path.Combine(_folder.Path, name), _port,
        "--tradeactors:storage", "postgres", "--ConnectionStrings:Postgres", database ?? Database, "--tradeactors:secrets-key", SecretsKey,
        "--tradeactors:node-name", name, "--tradeactors:market:feed", "manual", "--tradeactors:limits:enabled", "false");

    private static Task QuoteAsync(ApiClient api) => api.PostAsync("/api/v1/market/ticks", new[] { new { symbol = "ES", bid = 5_000m, ask = 5_000.25m } });

    /// <summary>Proves that the second node opens what the first has sealed.</summary>
    private async Task<string?> SendSignedAsync(string token, string secret)
    {
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var hash = System.Security.Cryptography.HMACSHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(secret), System.Text.Encoding.UTF8.GetBytes($"{at}.{BuyMore}"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        using var content = new StringContent(BuyMore);
        content.Headers.Add("X-TradeActors-Signature", $"t={at},v1={Convert.ToHexStringLower(hash)}");
        using var reply = await http.PostAsync($"/webhook/{token}", content);
        return (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync())?["state"];
    }

    /// <summary>Every operation of the API that a session is asked for: none of them may fail in a way of its own.</summary>
    private static async Task<IReadOnlyList<(HttpMethod Method, string Path)>> PathsAsync(ApiClient api)
    {
        var document = await api.GetAsync("/openapi/v1.json");
        var all = from path in document["paths"]!.AsObject()
                  where path.Key.StartsWith("/api/v1/", StringComparison.Ordinal) && !path.Key.StartsWith("/api/v1/auth/", StringComparison.Ordinal)
                  from operation in path.Value!.AsObject()
                  where operation.Key is "get" or "post" or "put" or "patch" or "delete"
                  select (new HttpMethod(operation.Key.ToUpperInvariant()), path.Key);
        return [.. all];
    }

    private static Task Unready(NodeProcess node) => Until.ReachedAsync("readiness 503", OutageDeadline, async () =>
        (await node.HealthAsync()) is { Status: HttpStatusCode.ServiceUnavailable } ? null : "ready");

    private static async Task Is503Async(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var reply = await http.SendAsync(request);
        Assert.True(reply.StatusCode == HttpStatusCode.ServiceUnavailable, $"{method} {path} answered {(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
        Assert.True(reply.Headers.RetryAfter is not null, $"{method} {path} does not say when to come back.");
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace TradeActors.Ledger.Clients;

/// <summary>The REST API as a client sees it: JSON in, JSON out.</summary>
public sealed class ApiClient : IDisposable
{
    private static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(10);

    private readonly NextNodeHandler _nextNode;
    private readonly HttpClient _http;

    public ApiClient(Uri address)
        : this(new Balancer(address))
    {
    }

    public ApiClient(Balancer nodes)
    {
        _nextNode = new NextNodeHandler(nodes, new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) });
        // Any address: the handler puts a node's in its place.
        _http = new HttpClient(_nextNode) { BaseAddress = new Uri("http://nodes"), Timeout = RequestDeadline };
    }

    /// <summary>Deliveries of requests that were begun: more than there were requests when one went on to another node.</summary>
    public long Tries => _nextNode.Tries;

    public string? Token
    {
        get => _http.DefaultRequestHeaders.Authorization?.Parameter;
        set => _http.DefaultRequestHeaders.Authorization = value is null ? null : new AuthenticationHeaderValue("Bearer", value);
    }

    /// <summary>Registers a tenant and logs its owner in.</summary>
    public async Task RegisterAsync(string email = "owner@example.com", string password = "correct horse battery", string tenant = "Tests")
    {
        await PostAsync("/api/v1/auth/register", new { email, password, tenant });
        await LoginAsync(email, password);
    }

    public async Task LoginAsync(string email, string password) =>
        Token = (string)(await PostAsync("/api/v1/auth/login", new { email, password }))["accessToken"]!;

    public async Task<JsonNode> GetAsync(string path)
    {
        using var reply = await _http.GetAsync(path);
        return await ReadAsync(reply, path);
    }

    /// <summary>Every item of a list, page by page.</summary>
    public async Task<List<JsonNode>> ListAsync(string path)
    {
        var items = new List<JsonNode>();
        string? after = null;
        do
        {
            var page = await GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}limit=500{(after is null ? "" : $"&after={after}")}");
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            after = (string?)page["next"];
        }
        while (after is not null);
        return items;
    }

    public async Task<JsonNode> PostAsync(string path, object? body = null)
    {
        using var reply = await SendAsync(path, body);
        return await ReadAsync(reply, path);
    }

    public Task<HttpResponseMessage> SendAsync(string path, object? body = null) =>
        _http.PostAsync(path, body is null ? null : JsonContent.Create(body));

    public Task<HttpResponseMessage> DeleteAsync(string path) => _http.DeleteAsync(path);

    /// <summary>One delivery of a webhook, as it comes.</summary>
    public async Task<WebhookAnswer> WebhookAsync(string token, string body, string contentType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using var reply = await _http.PostAsync($"/webhook/{token}", content);
        var text = await reply.Content.ReadAsStringAsync();
        var json = text.Length == 0 ? null : JsonNode.Parse(text);
        return new WebhookAnswer(reply.StatusCode, (string?)json?["signalId"], (string?)json?["state"], (string?)json?["reason"], text);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage reply, string path)
    {
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode
            ? JsonNode.Parse(text.Length == 0 ? "{}" : text)!
            : throw new ApiRefusalException(reply.StatusCode, $"{path} answered {(int)reply.StatusCode}: {text}");
    }
}

public sealed record WebhookAnswer(HttpStatusCode Status, string? SignalId, string? State, string? Reason, string Text);

/// <summary>The API answered, but not with success.</summary>
public sealed class ApiRefusalException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
}

public static class JsonNodeReading
{
    public static string Text(this JsonNode node, string name) => (string)node[name]!;
}

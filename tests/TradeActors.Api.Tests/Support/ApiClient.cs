using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TradeActors.Api.Tests.Support;

/// <summary>One caller of the front door: anonymous, or with a token.</summary>
internal sealed class ApiClient(Uri address)
{
    public const string Password = "correct horse battery";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private static int _number;

    public Uri Address => address;

    public string Email { get; } = $"user{Interlocked.Increment(ref _number)}@example.com";

    public string? AccessToken { get; set; }

    public string? ApiKey { get; set; }

    public string RefreshToken { get; private set; } = "";

    public string UserId { get; set; } = "";

    public string TenantId { get; private set; } = "";

    public ApiClient WithToken(string? token) => new(address) { AccessToken = token };

    public ApiClient WithKey(string key) => new(address) { ApiKey = key };

    public async Task RegisterAsync(string tenant)
    {
        var reply = (await PostAsync("/api/v1/auth/register", new { email = Email, password = Password, tenant })).Is(201).Json;
        (UserId, TenantId) = (reply.Text("userId"), reply.Text("tenantId"));
    }

    public async Task LogInAsync()
    {
        var reply = (await PostAsync("/api/v1/auth/login", new { email = Email, password = Password })).Is(200).Json;
        (AccessToken, RefreshToken) = (reply.Text("accessToken"), reply.Text("refreshToken"));
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <param name="body">An object for JSON, a string to be sent as it is (as JSON), null for no body.</param>
    public Task<Reply> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Reply> PutAsync(string path, object? body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Reply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Reply> SendAsync(HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        return SendAsync(request);
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        request.RequestUri = new Uri(address, request.RequestUri!);
        if (AccessToken is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        }

        if (ApiKey is not null)
        {
            request.Headers.Add("X-Api-Key", ApiKey);
        }

        using (request)
        using (var response = await Http.SendAsync(request))
        {
            var text = await response.Content.ReadAsStringAsync();
            Contract.Check(request.Method, request.RequestUri.AbsolutePath, (int)response.StatusCode, text);
            return new Reply(
                $"{request.Method} {request.RequestUri.PathAndQuery}", (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType,
                text, response.Headers.Location?.OriginalString, response.Headers.RetryAfter?.ToString());
        }
    }
}

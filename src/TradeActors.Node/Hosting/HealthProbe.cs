using System.Text.Json;

namespace TradeActors.Node.Hosting;

/// <summary>The command <c>health</c>: asks a running node whether it can accept a signal. For containers: their image holds nothing else that could ask.</summary>
internal static class HealthProbe
{
    /// <summary>Shorter than what a container engine is told to wait, so that the reason is printed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <returns>The exit code: 0 when it can, 1 with the reason on the console when not.</returns>
    /// <param name="address">Where the node serves, such as http://127.0.0.1:8080.</param>
    public static async Task<int> AskAsync(string address)
    {
        var problem = await ProblemAsync(address);
        Console.WriteLine(problem ?? "ready");
        return problem is null ? 0 : 1;
    }

    private static async Task<string?> ProblemAsync(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var node) || node.Scheme is not ("http" or "https"))
        {
            return $"'{address}' is no address. Write one such as http://127.0.0.1:8080.";
        }

        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(node, "/health/ready"));
            return answer.IsSuccessStatusCode ? null : $"{(int)answer.StatusCode}: {DetailOf(await answer.Content.ReadAsStringAsync())}";
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return $"{node} does not answer: {error.Message}";
        }
    }

    /// <summary>What the problem says to an operator; the whole body when it is none.</summary>
    private static string DetailOf(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return problem.RootElement.GetProperty("detail").GetString() ?? body;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return body;
        }
    }
}

namespace TradeActors.Node.Hosting;

/// <summary>The command <c>health</c>: asks a running node whether it can accept a signal. For containers: their image holds nothing else that could ask.</summary>
internal static class HealthProbe
{
    /// <summary>Shorter than what a container engine is told to wait, so that the reason is printed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Prints what the node says, which has the reasons where it is not ready.</summary>
    /// <param name="address">Where the node serves, such as http://127.0.0.1:8080.</param>
    /// <returns>The exit code: 0 when it can, else 1.</returns>
    public static async Task<int> AskAsync(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var node) || node.Scheme is not ("http" or "https"))
        {
            Console.WriteLine($"'{address}' is no address. Write one such as http://127.0.0.1:8080.");
            return 1;
        }

        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(node, "/health/ready"));
            Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            Console.WriteLine($"{node} does not answer: {error.Message}");
            return 1;
        }
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Starting;

/// <summary>What a newcomer does: start, paste, look.</summary>
public sealed partial class DemoTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Printed_lines_pasted_into_a_shell_end_in_fills_on_both_accounts()
    {
        await using var node = Nodes.Demo(_folder);
        await StartAsync(node);
        Assert.Contains($"{node.Address.GetLeftPart(UriPartial.Authority)}/webhook/", node.Output, StringComparison.Ordinal);
        var lines = node.Output.Split('\n').Select(line => line.Trim()).ToArray();
        var alert = lines.Single(line => line.StartsWith("curl", StringComparison.Ordinal) && line.Contains("/webhook/", StringComparison.Ordinal));

        var answer = await PasteAsync(alert);

        Assert.Contains("\"accepted\"", answer, StringComparison.Ordinal);
        using var api = new ApiClient(node.Address);
        var (email, password) = LogIn(node.Output);
        await api.LoginAsync(email, password);
        var accounts = await api.ListAsync("/api/v1/accounts");
        Assert.Equal(2, accounts.Count);
        foreach (var account in accounts)
        {
            await Nodes.FillsAsync(api, account.Text("id"), 1);
        }

        // The lines that show the fills, too.
        var look = string.Join('\n', lines.SkipWhile(line => !line.StartsWith("TOKEN=", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0));
        Assert.Contains("MES", await PasteAsync(look), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_start_prints_the_same_demo_and_every_token_stays_valid()
    {
        await using var node = Nodes.Demo(_folder);
        await StartAsync(node);
        var (email, password) = LogIn(node.Output);
        using var api = new ApiClient(node.Address);
        await api.LoginAsync(email, password);
        var first = node.Output;

        node.Kill();
        await StartAsync(node, times: 2);

        Assert.Equal(email, (await api.GetAsync("/api/v1/me")).Text("email"));
        var second = node.Output[first.Length..];
        Assert.Equal((email, password), LogIn(second));
        Assert.Contains(WebhookLine().Match(first).Value, second, StringComparison.Ordinal);
        await api.LoginAsync(email, password);
        Assert.Equal(2, (await api.ListAsync("/api/v1/accounts")).Count);
        Assert.Single(await api.ListAsync("/api/v1/recorders"));
    }

    [Fact]
    public async Task Start_killed_at_any_moment_of_the_first_start_still_ends_in_one_demo()
    {
        await using var node = Nodes.Demo(_folder);
        var random = new Random(7);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            await node.StartAsync();
            // The moment is what differs; nothing is waited for.
            await Task.Delay(random.Next(500, 2_500));
            node.Kill();
        }

        var before = node.Output.Length;
        await node.StartAsync();
        await Until.ReachedAsync("the demo printed", TimeSpan.FromSeconds(60), () =>
            Task.FromResult(node.Output[before..].Contains("Stop with", StringComparison.Ordinal) ? null : node.Output[before..] + node.Errors));

        using var api = new ApiClient(node.Address);
        var (email, password) = LogIn(node.Output[before..]);
        await api.LoginAsync(email, password);
        Assert.Equal(2, (await api.ListAsync("/api/v1/accounts")).Count);
        var recorder = Assert.Single(await api.ListAsync("/api/v1/recorders"));
        Assert.Equal(2, (await api.ListAsync($"/api/v1/recorders/{recorder.Text("id")}/subscriptions")).Count);
        var answer = await api.WebhookAsync(TokenIn(node.Output[before..]), """{"action":"buy","symbol":"MES1!","quantity":1}""");
        Assert.Equal("accepted", answer.State);
        await Nodes.FillsAsync(api, "demopaper1", 1);
        await Nodes.FillsAsync(api, "demopaper2", 1);
    }

    private static async Task StartAsync(NodeProcess node, int times = 1)
    {
        await node.StartReadyAsync();
        await Until.ReachedAsync("the welcome printed", TimeSpan.FromSeconds(60), () =>
            Task.FromResult(Regex.Count(node.Output, "Stop with") >= times ? null : node.Output + node.Errors));
    }

    private static async Task<string> PasteAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = shell.StandardError.ReadToEndAsync();
        var text = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{script}\nended with {shell.ExitCode}: {text}{await errors}");
        return text;
    }

    private static (string Email, string Password) LogIn(string output)
    {
        var match = LogInLine().Match(output);
        Assert.True(match.Success, output);
        return (match.Groups[1].Value, match.Groups[2].Value);
    }

    private static string TokenIn(string output) => WebhookLine().Match(output).Groups[1].Value;

    [GeneratedRegex(@"log-in\s+(\S+)\s+(\S+)")]
    private static partial Regex LogInLine();

    [GeneratedRegex(@"webhook\s+\S+/webhook/(\S+)")]
    private static partial Regex WebhookLine();
}

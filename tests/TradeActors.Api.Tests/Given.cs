using System.Text.Json;
using TradeActors.Api.Tests.Support;

namespace TradeActors.Api.Tests;

/// <summary>What a test starts from.</summary>
internal static class Given
{
    /// <returns>The id of a new paper account.</returns>
    public static async Task<string> AccountAsync(ApiClient client, object? limits = null) =>
        (await client.PostAsync("/api/v1/accounts", new { name = "Paper", broker = "paper", startingBalance = 100_000, limits })).Is(201).Json.Text("id");

    public static async Task<JsonElement> RecorderAsync(ApiClient client, string? symbol = "ES", object? settings = null) =>
        (await client.PostAsync("/api/v1/recorders", new { name = "Recorder", symbol, settings })).Is(201).Json;

    /// <returns>The id of the subscription.</returns>
    public static async Task<string> SubscriptionAsync(ApiClient client, string recorderId, string accountId, decimal multiplier = 1m) =>
        (await client.PostAsync($"/api/v1/recorders/{recorderId}/subscriptions", new { accountId, multiplier })).Is(201).Json.Text("id");
}

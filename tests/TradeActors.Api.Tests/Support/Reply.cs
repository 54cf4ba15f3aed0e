using System.Text.Json;
using Xunit;

namespace TradeActors.Api.Tests.Support;

/// <param name="Request">Method and path, for messages.</param>
internal sealed record Reply(string Request, int Status, string? MediaType, string Text, string? Location, string? RetryAfter)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement[] Items => [.. Json.GetProperty("items").EnumerateArray()];

    public Reply Is(int status)
    {
        Assert.True(Status == status, $"{Request}: expected {status}, got {Status} {Text}");
        return this;
    }

    /// <summary>A complete problem of this status and type; <paramref name="type"/> is the last part of its type.</summary>
    public JsonElement Problem(int status, string? type = null)
    {
        Is(status);
        Assert.True(MediaType == "application/problem+json", $"{Request}: {status} came as {MediaType}: {Text}");
        foreach (var member in (string[])["type", "title", "detail"])
        {
            Assert.True(
                Json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() != "",
                $"{Request}: the problem has no {member}: {Text}");
        }

        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.DoesNotContain("TradeActors.", Text, StringComparison.Ordinal); // Nothing internal is shown.
        if (type is not null)
        {
            Assert.True(Json.Text("type") == $"/problems/{type}", $"{Request}: expected the type /problems/{type}: {Text}");
        }

        return Json;
    }

    /// <summary>422 that names exactly these fields.</summary>
    public void Invalid(params string[] fields)
    {
        var errors = Problem(422, "validation").GetProperty("errors");
        Assert.Equal(fields.Order(StringComparer.Ordinal), errors.EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
        Assert.All(errors.EnumerateObject(), error => Assert.All(error.Value.EnumerateArray(), message => Assert.NotEqual("", message.GetString())));
    }
}

internal static class JsonExtensions
{
    extension(JsonElement json)
    {
        public string Text(string member) => json.GetProperty(member).GetString()!;

        public decimal Number(string member) => json.GetProperty(member).GetDecimal();

        public bool Has(string member) => json.TryGetProperty(member, out _);

        public JsonElement[] List(string member) => [.. json.GetProperty(member).EnumerateArray()];
    }
}

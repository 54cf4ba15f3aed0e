using System.Text.Json;
using TradeActors.Api.Tests.Support;

namespace TradeActors.Api.Tests.OpenApi;

internal sealed record ApiOperation(HttpMethod Method, string Path, JsonElement Definition)
{
    public bool IsAnonymous => !Definition.Has("security");

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The OpenAPI document, and bodies made from its schemas.</summary>
internal sealed record ApiDocument(JsonElement Root)
{
    // Good values for members that a rule looks at; a member of another name is left out.
    private static readonly Dictionary<string, object> Values = new()
    {
        ["name"] = "From the walk",
        ["symbol"] = "ES",
        ["side"] = "buy",
        ["type"] = "limit",
        ["quantity"] = 1,
        ["limitPrice"] = 1000,
        ["multiplier"] = 2,
        ["reason"] = "the walk",
        ["bid"] = 5000,
        ["ask"] = 5001,
        ["last"] = 5000,
        ["role"] = "trader",
        ["broker"] = "paper",
        ["startingBalance"] = 1000,
        ["body"] = new { action = "buy" },
    };

    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. from path in Root.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select new ApiOperation(HttpMethod.Parse(operation.Name), path.Name, operation.Value),
    ];

    public static async Task<ApiDocument> ReadAsync(ApiClient client) => new((await client.GetAsync("/openapi/v1.json")).Is(200).Json);

    /// <param name="more">Values of members besides those that are known here.</param>
    /// <returns>Null for an operation that takes no body.</returns>
    public string? BodyOf(ApiOperation operation, IReadOnlyDictionary<string, object>? more = null) =>
        operation.Definition.TryGetProperty("requestBody", out var body)
            ? JsonSerializer.Serialize(Sample(body.GetProperty("content").GetProperty("application/json").GetProperty("schema"), more))
            : null;

    public JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.TrimStart('#', '/').Split('/').Aggregate(Root, (at, name) => at.GetProperty(name))
        : schema.TryGetProperty("oneOf", out var any) ? Resolve(any.EnumerateArray().Last()) : schema;

    private object? Sample(JsonElement schema, IReadOnlyDictionary<string, object>? more)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("items", out var items))
        {
            return new[] { Sample(items, more) };
        }

        var sample = new Dictionary<string, object>();
        foreach (var member in schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject() : default)
        {
            if (Values.TryGetValue(member.Name, out var value) || (more?.TryGetValue(member.Name, out value) ?? false))
            {
                sample.Add(member.Name, value!);
            }
        }

        return sample;
    }
}
